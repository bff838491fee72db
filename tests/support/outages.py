"""What befalls a PostgreSQL: frozen, killed, stopped, its connections cut. Knows no node."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import asyncpg

from db.core import embedded

End = Literal["fast", "immediate", "kill"]
_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "kill": signal.SIGKILL}
_CUT = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where pid <> pg_backend_pid() and backend_type = 'client backend'
"""


def postmaster(data: Path) -> int:
    """The process id of the server of this data folder."""
    return int((data / "cluster" / "postmaster.pid").read_text().split("\n", 1)[0])


def everyone(data: Path) -> list[int]:
    """The server's processes, its first one first."""
    first = postmaster(data)
    return [first, *(pid for pid, parent in _parents() if parent == first)]


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it has ended meanwhile
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                yield int(entry.name), int(fields[1])


@contextmanager
def frozen(data: Path) -> Iterator[None]:
    """The server takes connections and bytes, as its kernel does, and answers nothing."""
    pids = everyone(data)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def end(data: Path, how: End) -> None:
    """Have the server end; nobody starts it again by itself."""
    os.kill(postmaster(data), _SIGNALS[how])


async def begin(data: Path) -> None:
    """Have the server run again; whoever uses the folder stops it."""
    server = await embedded.start(data)
    server._close()


async def cut(dsn: str) -> int:
    """End every connection but this one; how many."""
    connection = await asyncpg.connect(dsn)
    try:
        count: int = await connection.fetchval(_CUT)
        return count
    finally:
        await connection.close()
