"""Ends what an interrupted test run leaves behind; a process that `processes.py` starts.

It is told over a pipe of child processes and folders. The pipe ends when the process that tells
ends, however that comes about; then it kills those children with all their descendants (on Linux
also those whose parent is gone, by a mark in their environment), stops every PostgreSQL below the
folders and deletes scratch folders. After an orderly end nothing of it is left to do. It knows
pids, folders and the lock of `db/core/embedded.py`, and imports the standard library alone, so
that it starts quickly.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

STOP_SECONDS = 5.0


class Process(NamedTuple):
    """A row of the system's process table; `began` tells it from a later one of the same pid."""

    parent: int
    began: str


def main() -> None:
    """Listen until the pipe ends, then tidy up."""
    children: dict[int, str] = {}
    folders: dict[Path, bool] = {}
    for line in sys.stdin:
        kind, value = line.rstrip("\n").split(" ", 1)
        if kind == "child":
            known = process_table().get(int(value))
            children.update({} if known is None else {int(value): known.began})
        else:
            folders[Path(value)] = kind == "scratch"
    table = process_table()
    alive = {pid for pid, began in children.items() if pid in table and table[pid].began == began}
    for pid in with_descendants(table, alive | marked(table, sys.argv[1])):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for folder, is_scratch in folders.items():
        for lock in folder.rglob("server.lock"):
            stop_postgres(lock)
        if is_scratch:
            shutil.rmtree(folder, ignore_errors=True)


def process_table() -> dict[int, Process]:
    """All living processes by pid: from /proc where there is one, else from `ps`."""
    if not Path("/proc/self/stat").exists():
        rows = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid=,stat=,lstart="], text=True)
        fields = [row.split(None, 3) for row in rows.splitlines()]
        return {
            int(pid): Process(int(parent), began)
            for pid, parent, state, began in fields
            if not state.startswith("Z")
        }
    table: dict[int, Process] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            state, parent, *more = stat.read_text(errors="replace").rpartition(")")[2].split()
            if state != "Z":
                table[int(stat.parent.name)] = Process(int(parent), more[17])
    return table


def marked(table: dict[int, Process], mark: str) -> set[int]:
    """Processes that inherited this mark (NAME=value)."""
    found = set()
    for pid in table:
        with suppress(OSError):  # another user's, or it ended, or there is no /proc
            if mark.encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                found.add(pid)
    return found


def with_descendants(table: dict[int, Process], pids: set[int]) -> set[int]:
    """These processes, their children, and so on."""
    while more := {pid for pid, each in table.items() if each.parent in pids} - pids:
        pids = pids | more
    return pids


def stop_postgres(lock: Path) -> None:
    """End the server of a data folder: its lock is held as long as one of its processes lives."""
    pid_file = lock.parent / "cluster" / "postmaster.pid"
    begun = time.monotonic()
    with lock.open("a") as file:
        while (waited := time.monotonic() - begun) < 2 * STOP_SECONDS:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            number = signal.SIGQUIT if waited < STOP_SECONDS else signal.SIGKILL
            with suppress(OSError, ValueError, IndexError):
                os.kill(int(pid_file.read_text().split()[0]), number)
            time.sleep(0.02)  # a lock held by somebody else's process: there is no event to await


if __name__ == "__main__":
    main()
