"""An embedded data folder made anew by today's PostgreSQL: dumped, restored, the old one kept.

For a folder that another major version made, whose server must still be there to read it, and for
one whose encoding cannot keep everything. Knows no schema: whatever is in it comes along.
"""

import asyncio
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import msgspec

from db.core import embedded
from db.core.embedded import UPGRADE, Embedded

_PLACES = (
    "/usr/lib/postgresql/{}/bin",  # Debian
    "/usr/pgsql-{}/bin",  # Red Hat
    "/opt/homebrew/opt/postgresql@{}/bin",
    "/usr/local/opt/postgresql@{}/bin",
)
_AS_UTF8 = "--encoding=UTF8"  # said to be SQL_ASCII, anything would be taken unseen
_STAYS = 16  # before this major, programs went away to find themselves, and back by the path
_DATABASES = "select datname from pg_database where datallowconn and not datistemplate"
_TABLES = """
select oid::regclass::text from pg_class
where relkind = 'r' and relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
order by 1
"""


class UpgradeError(Exception):
    """The data folder is as it was; the text says why."""


class Upgraded(msgspec.Struct, frozen=True):
    """What was brought over, and where the old folder is."""

    made_by: str
    encoding: str
    tables: int
    rows: int
    kept: Path


async def upgrade(data: Path, old_programs: Path | None = None) -> Upgraded | None:
    """Make the cluster of the data folder anew; None if it is as it is to be.

    Nobody else may use the folder meanwhile. Raises UpgradeError, or PostgresDidNotStartError.
    """
    cluster, fresh = data / "cluster", data / UPGRADE
    if _was_cut_off(fresh, cluster):
        return None
    made_by = embedded.made_by(cluster)
    if made_by is None:
        raise UpgradeError(f"there is no database in {data}")
    ours = embedded.major(embedded.programs(data))
    old = Embedded(data, durable=True, programs=_programs(made_by, ours, old_programs, data))
    kept = _unused(data / f"cluster.postgresql-{made_by}")
    try:
        old.be_alone()
        await old.ensure_running()
        if made_by == ours and old.encoding == "UTF8":
            return None
        shutil.rmtree(fresh, ignore_errors=True)
        new = await embedded.start(fresh)
        try:
            counts = await _bring_over(old, new, embedded.programs(data))
        finally:
            await new.stop()
    finally:
        await old.stop()
    cluster.rename(kept)
    _take(fresh, cluster)
    return Upgraded(made_by, old.encoding, len(counts), sum(counts.values()), kept)


def _was_cut_off(fresh: Path, cluster: Path) -> bool:
    """Whether only the last step was missing, which is done here."""
    if cluster.exists() or not (fresh / "cluster").exists():
        return False
    _take(fresh, cluster)
    return True


def _programs(made_by: str, ours: str, given: Path | None, data: Path) -> Path | None:
    """Where the programs are that can read the folder; None: our own."""
    if made_by == ours:
        return None
    places = [given.absolute()] if given else [Path(place.format(made_by)) for place in _PLACES]
    for place in places:
        if (place / "postgres").exists() and embedded.major(place) == made_by:
            if made_by.isdigit() and int(made_by) < _STAYS and not embedded.lets_through(data):
                raise UpgradeError(
                    f"PostgreSQL {made_by} does not run as root, and no other account may pass"
                    f" through all folders above {data}: let others pass (chmod o+x), or do this as"
                    " the folder's own account"
                )
            return place
    raise UpgradeError(
        f"it takes the programs of PostgreSQL {made_by} to read what it made, and they are not in"
        f" {', '.join(map(str, places))}: install them (Debian: postgresql-{made_by}) and say where"
        " they are by --old-programs FOLDER"
    )


def _unused(folder: Path) -> Path:
    """This name, or the first one like it that nothing has."""
    number = 1
    found = folder
    while found.exists():
        number += 1
        found = folder.with_name(f"{folder.name}-{number}")
    return found


def _take(fresh: Path, cluster: Path) -> None:
    (fresh / "cluster").rename(cluster)
    shutil.rmtree(fresh)


async def _bring_over(old: Embedded, new: Embedded, programs: Path) -> dict[str, int]:
    """Roles first, then each database; the rows of each table, which are the same in both."""
    roles = await _output([programs / "pg_dumpall", _AS_UTF8, "--globals-only", "-d", old.dsn()])
    # The superuser is there already.
    kept = [line for line in roles.splitlines() if line != b"CREATE ROLE postgres;"]
    await asyncio.to_thread(_restored, programs, new.dsn(), b"\n".join(kept))
    counts: dict[str, int] = {}
    for database in await _fetch(old.dsn(), _DATABASES):
        if database != "postgres":
            await _execute(new.dsn(), f"create database {_quoted(database)}")
        source, target = old.dsn(database=database), new.dsn(database=database)
        dump: list[str | Path] = [programs / "pg_dump", _AS_UTF8, "-d", source]
        await asyncio.to_thread(_restored, programs, target, dump)
        await _execute(target, "analyze")
        before, after = await _counts(source), await _counts(target)
        if before != after:
            raise UpgradeError(f"not every row of the database {database} came over")
        counts |= {f"{database} {table}": count for table, count in before.items()}
    return counts


def _restored(programs: Path, target: str, what: bytes | Sequence[str | Path]) -> None:
    """Run a script, or the output of a program, against the database. Raises UpgradeError."""
    # Terse: the rest of a message holds rows.
    options = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse"]
    psql: list[str | Path] = [programs / "psql", *options, "-d", target]
    if isinstance(what, bytes):
        _ended(subprocess.run(psql, input=what, capture_output=True, check=False))  # noqa: S603
        return
    pipe = subprocess.PIPE
    with subprocess.Popen(what, stdout=pipe, stderr=pipe) as dump:  # noqa: S603 - our own programs
        done = subprocess.run(psql, stdin=dump.stdout, capture_output=True, check=False)  # noqa: S603
        if dump.stdout is not None:
            dump.stdout.close()  # what nobody reads ends the dump
        said = b"" if dump.stderr is None else dump.stderr.read()
    _ended(subprocess.CompletedProcess(what, dump.returncode, b"", said))
    _ended(done)


def _ended(done: subprocess.CompletedProcess[bytes]) -> None:
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise UpgradeError(f"what is there cannot be brought over: {said}")


async def _output(command: Sequence[str | Path]) -> bytes:
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False)
    _ended(done)
    return done.stdout


async def _counts(dsn: str) -> dict[str, int]:
    tables = await _fetch(dsn, _TABLES)
    counts = [await _fetch(dsn, f"select count(*) from {table}") for table in tables]  # noqa: S608
    return {table: int(count[0]) for table, count in zip(tables, counts, strict=True)}


async def _fetch(dsn: str, sql: str) -> list[str]:
    """The first column, as text."""
    connection = await asyncpg.connect(dsn)
    try:
        return [str(row[0]) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def _execute(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
