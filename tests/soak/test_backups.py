"""deploy/backup, for real: a database is lost while it is written to, and had again elsewhere.

`TALKING_TEST_BACKUP_ROUNDS` databases are lost, and one of `TALKING_TEST_BACKUP_MEGABYTES` is had
again; what it took is printed.
"""

import asyncio
import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from db.core import embedded
from db.core.migrate import migrate
from tests.support.processes import ROOT, tell_watcher

ROUNDS = int(os.environ.get("TALKING_TEST_BACKUP_ROUNDS", "10"))
MEGABYTES = int(os.environ.get("TALKING_TEST_BACKUP_MEGABYTES", "1024"))
WRITERS = 4
LONG_SECONDS = 900.0
pytestmark = pytest.mark.timeout(1800)


def say(text: str) -> None:
    """A figure, seen with `-s`."""
    sys.stdout.write(f"{text}\n")


class Machine:
    """A PostgreSQL with our schema, the account it runs as, and a folder for its backups."""

    def __init__(self, folder: Path, server: embedded.Embedded) -> None:
        self.folder = folder
        self.server = server
        self.cluster = folder / "data" / "cluster"
        self.backups = folder / "backups"
        self.programs = Path(f"/proc/{self.pid}/exe").resolve().parent
        self.backups.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.backups, "nobody")
            shutil.chown(folder, "nobody")

    @property
    def pid(self) -> int:
        return int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])

    def start(self, *command: str | Path) -> "subprocess.Popen[str]":
        """One of our scripts, as the account that PostgreSQL runs as."""
        account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        process = subprocess.Popen(
            [ROOT / "deploy" / "backup" / command[0], *command[1:]],
            env={"PATH": f"{self.programs}:{os.defpath}", "PGHOST": str(self.cluster),
                 "BACKUP_DIR": str(self.backups)},
            user=account and account.pw_uid, group=account and account.pw_gid,
            extra_groups=() if account else None, cwd="/", text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        tell_watcher("child", process.pid)
        return process

    def run(self, *command: str | Path) -> tuple[int, str]:
        process = self.start(*command)
        told, _ = process.communicate(timeout=LONG_SECONDS)
        return process.returncode, told

    def restore(self, target: str = "latest", *, code: int = 0) -> str:
        """What it says, of a new data folder `new`."""
        shutil.rmtree(self.folder / "new", ignore_errors=True)
        left, told = self.run("restore.sh", self.backups, self.folder / "new", target)
        assert left == code, told
        return told

    @contextmanager
    def followed(self) -> Iterator[None]:
        """The service that backs up, from when its first base backup and mark are there."""
        service = self.start("backup.sh", "run")
        assert service.stdout is not None
        told = ""
        for line in service.stdout:
            told += line
            if " mark mark-" in line:
                break
        else:
            pytest.fail(f"it ended: {told}")
        try:
            yield
        finally:
            service.terminate()
            service.communicate(timeout=LONG_SECONDS)

    def lose(self) -> None:
        """The machine is gone, without a word."""
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.01)  # not our child
        shutil.rmtree(self.cluster)


@pytest.fixture
async def machine() -> AsyncIterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="talking-test-") as name:  # on a disk, as in earnest
        tell_watcher("scratch", name)
        os.chmod(name, 0o755)  # noqa: PTH101 - the account is another
        folder = Path(name)
        server = await embedded.start(folder / "data")
        await migrate(server.dsn(), request_password="r", worker_password="w")
        connection = await asyncpg.connect(server.dsn())
        await connection.execute("create table app.written (writer int, number int, filler text)")
        await connection.close()
        made = Machine(folder, server)
        yield made
        if made.cluster.exists():
            await server.stop()


async def write(dsn: str, writer: int, wrote: Callable[[int, int], None]) -> None:
    """Rows one after the other, until the database is gone."""
    connection = await asyncpg.connect(dsn)
    with suppress(
        asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError
    ):
        for number in itertools.count(1):
            await connection.execute(
                "insert into app.written values ($1, $2, repeat('x', 100))", writer, number
            )
            wrote(writer, number)
    connection.terminate()


async def found(machine: Machine, cluster: Path) -> list[int]:
    """The last row of each writer in a restored cluster; they have no gaps."""
    kept = machine.folder / "again"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    shutil.move(cluster, kept / "cluster")
    again = await embedded.start(kept)
    connection = await asyncpg.connect(again.dsn())
    rows = await connection.fetch(
        "select writer, count(*) as rows, max(number) as last from app.written group by 1"
    )
    await connection.close()
    await again.stop()
    assert all(row["rows"] == row["last"] for row in rows)
    last = {row["writer"]: row["last"] for row in rows}
    return [last.get(writer, 0) for writer in range(WRITERS)]


@pytest.mark.parametrize("round_number", range(ROUNDS))
async def test_a_database_that_is_lost_under_writes_is_had_again(
    round_number: int, machine: Machine
) -> None:
    acknowledged, enough = [0] * WRITERS, asyncio.Event()
    at_mark: list[int] = []

    def wrote(writer: int, number: int) -> None:
        acknowledged[writer] = number
        if at_mark and sum(acknowledged) >= sum(at_mark) + 500 + 100 * round_number:
            enough.set()

    async with asyncio.TaskGroup() as tasks:
        for writer in range(WRITERS):
            tasks.create_task(write(machine.server.dsn(), writer, wrote))
        service = machine.followed()
        await asyncio.to_thread(service.__enter__)
        # a mark under writes is exact, and holds nobody up for long
        code, told = await asyncio.to_thread(machine.run, "backup.sh", "mark")
        assert code == 0, told
        at_mark += acknowledged
        await enough.wait()
        await asyncio.to_thread(machine.lose)
        await asyncio.to_thread(service.__exit__, None, None, None)

    told = await asyncio.to_thread(machine.restore)
    assert "all as they were" in told
    kept = await found(machine, machine.folder / "new")
    lost = sum(acknowledged) - sum(kept)
    say(f"round {round_number}: {sum(acknowledged)} acknowledged, {max(lost, 0)} of them lost")
    assert all(now >= then for now, then in zip(kept, at_mark, strict=True))


async def test_a_moment_is_had_again_and_what_is_missing_is_told(machine: Machine) -> None:
    with machine.followed():
        connection = await asyncpg.connect(machine.server.dsn())
        await connection.execute(
            "insert into app.written select 0, number, 'x' from generate_series(1, 10) number"
        )
        moment = await connection.fetchval("select now()::text")
        await connection.execute("delete from app.written")  # the mistake
        code, told = machine.run("backup.sh", "mark")
        assert code == 0, told
        for _ in range(3):  # WAL of several files
            await connection.execute("select pg_switch_wal()")
            await connection.execute("insert into app.written values (1, 1, 'x')")
        received = "select restart_lsn >= $1::pg_lsn from pg_replication_slots"
        lsn = await connection.fetchval("select pg_current_wal_flush_lsn()")
        async with asyncio.timeout(60):
            while not await connection.fetchval(received, lsn):
                pass
        await connection.close()
        assert machine.run("backup.sh", "health")[0] == 0
    machine.restore(moment)
    assert (await found(machine, machine.folder / "new"))[0] == 10

    mark = max((machine.backups / "marks").iterdir())
    text = mark.read_text()
    row = re.compile(r"^(public\.subscription_plans\|\d+\|)-?\d+", re.MULTILINE)
    mark.write_text(row.sub(r"\g<1>7", text))
    told = machine.restore(code=1)
    assert "public.subscription_plans" in told
    assert "FAILED: tables differ" in told
    mark.write_text(text)

    *_, mislaid, _ = sorted((machine.backups / "wal").iterdir())
    mislaid.rename(machine.folder / "mislaid")
    assert "WAL is missing or damaged" in machine.restore(code=1)
    (machine.folder / "mislaid").rename(mislaid)
    machine.restore()

    copied = next((machine.backups / "base").iterdir()) / "base.tar.gz"
    content = copied.read_bytes()
    copied.write_bytes(content[: len(content) // 2] + bytes(64) + content[len(content) // 2 + 64 :])
    left, _ = machine.run("restore.sh", machine.backups, machine.folder / "damaged")
    assert left != 0


async def test_one_backup_is_enough_where_nobody_follows_the_wal(machine: Machine) -> None:
    connection = await asyncpg.connect(machine.server.dsn())
    for number in (1, 2):
        await connection.execute("insert into app.written values (0, $1, '')", number)
        left, told = machine.run("backup.sh", "base")
        assert left == 0, told
    await connection.execute("insert into app.written values (0, 3, '')")
    slots = await connection.fetchval("select count(*) from pg_replication_slots")
    await connection.close()
    assert slots == 0  # or PostgreSQL would keep WAL for nobody
    machine.lose()
    for target, last in ((min((machine.backups / "marks").iterdir()).name, 1), ("latest", 2)):
        machine.restore(target)
        assert (await found(machine, machine.folder / "new"))[0] == last


async def test_a_large_database_is_had_again(machine: Machine) -> None:
    connection = await asyncpg.connect(machine.server.dsn())
    await connection.execute(
        "insert into app.written select 0, number, encode(sha256(number::text::bytea), 'base64')"
        " || (select string_agg(md5(random()::text), '') from generate_series(1, 28))"
        " from generate_series(1, $1) number",
        MEGABYTES * 1000,
    )
    size = await connection.fetchval("select pg_database_size(current_database())")
    await connection.close()
    began_at = time.monotonic()
    with machine.followed():
        say(f"{size / 1e6:.0f} MB: base backup and mark in {time.monotonic() - began_at:.0f} s")
    copied = sum(path.stat().st_size for path in machine.backups.rglob("*") if path.is_file())
    machine.lose()
    began_at = time.monotonic()
    told = machine.restore()
    say(f"{copied / 1e6:.0f} MB of backups restored in {time.monotonic() - began_at:.0f} s\n{told}")
    assert (await found(machine, machine.folder / "new"))[0] == MEGABYTES * 1000
