"""`talking backup`: deploy/backup/backup.sh, told where this configuration's database is.

What is kept, for how long and how is the script's alone; docs/backup.md.
"""

import asyncio
import os
import re
import shutil
import signal
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

from db.core import embedded
from server.cli.failures import FailedError
from server.core.config import Config
from server.database import standing_database

Wanted: TypeAlias = Literal["base", "mark", "run", "health"]

SCRIPT = Path(__file__).parents[3] / "deploy" / "backup" / "backup.sh"
_PLACE = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>\d*))?")
_PROGRAMS = ("psql", "pg_basebackup", "pg_receivewal", "pg_archivecleanup")


async def backup(config: Config, wanted: Wanted, folder: Path) -> int:
    """Run the script for the database's owner, its words on standard error. Raises FailedError,
    also when it fails, and NoDatabaseError."""
    async with standing_database(config.database) as url:
        address = url or config.database.owner_dsn()
        environment = {
            **os.environ, **variables(address), "BACKUP_DIR": str(folder),
            "PATH": await asyncio.to_thread(_path, config),
        }  # fmt: skip
        process = await asyncio.create_subprocess_exec(SCRIPT, wanted, env=environment)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, process.terminate)
        try:
            code = await process.wait()
        finally:
            loop.remove_signal_handler(signal.SIGTERM)
            if process.returncode is None:
                process.terminate()
                await process.wait()
    if code:
        raise FailedError(f"backup.sh {wanted} failed; docs/backup.md says what it needs")
    return 0


def variables(address: str) -> dict[str, str]:
    """libpq's variables for an address: the script goes by them."""
    parts = urlsplit(address)
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    places = [_PLACE.fullmatch(one) for one in parts.netloc.rpartition("@")[2].split(",")]
    hosts = ",".join(unquote(at["host"]).strip("[]") for at in places if at)
    ports = ",".join(at["port"] or "" for at in places if at)
    found = {
        "PGHOST": given.get("host", hosts),
        "PGPORT": given.get("port", ports),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": given.get("sslmode", ""),
        "PGSSLROOTCERT": given.get("sslrootcert", ""),
    }
    return {name: value for name, value in found.items() if value.strip(",")}


def _path(config: Config) -> str:
    """Where PostgreSQL's programs are: an embedded database's own come first."""
    path = os.environ.get("PATH", os.defpath)
    if not config.database.url:
        programs = embedded.programs(Path(config.database.data_dir, "postgres"))
        path = f"{programs}{os.pathsep}{path}"
    if lacking := [name for name in _PROGRAMS if shutil.which(name, path=path) is None]:
        raise FailedError(
            f"{', '.join(lacking)} of PostgreSQL: not in PATH; install PostgreSQL's client programs"
        )
    return path
