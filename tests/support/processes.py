"""Child processes, scratch folders and ports of tests: nothing of them outlives the run.

A watcher process (`watcher.py`) is told of every child and folder over a pipe that this process
alone holds open, so it sees the end of this process even when that was killed. Knows nothing of
what the children do.
"""

import atexit
import fcntl
import functools
import itertools
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parent.parent.parent
_ROOM_BYTES = 2 * 1024**3
_PORTS_EACH = 500
_MARK, _RUN = "STARTED_BY_TEST_RUN", uuid.uuid4().hex


def start(
    arguments: Sequence[str], env: Mapping[str, str] | None = None, **options: Any
) -> "subprocess.Popen[str]":
    """A child process of this Python, out of reach of the terminal's Ctrl-C.

    `env` holds variables on top of ours, `options` are those of `Popen`.
    """
    return start_binary([sys.executable, *arguments], env, **options)


def start_binary(
    command: Sequence[str], env: Mapping[str, str] | None = None, **options: Any
) -> "subprocess.Popen[str]":
    """A child process of another program, in the same way."""
    process = subprocess.Popen(
        command, cwd=ROOT, text=True, start_new_session=True,
        env={**os.environ, **(env or {}), _MARK: _RUN}, **options,
    )  # fmt: skip
    tell_watcher("child", process.pid)
    return process


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty folder, in memory where that has room: copying a database takes 0.4 s on a disk."""
    with tempfile.TemporaryDirectory(dir=memory(), prefix="talking-test-") as name:
        tell_watcher("scratch", name)
        yield Path(name)


def memory() -> Path | None:
    """A folder in memory, where there is one with room."""
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM_BYTES
    return memory if has_room and os.access(memory, os.W_OK) else None


def tell_watcher(kind: str, value: object) -> None:
    """Have a `child` (pid) ended, a `scratch` folder deleted, or a `folder` freed of PostgreSQL."""
    pipe = _watcher_pipe()
    pipe.write(f"{kind} {value}\n")
    pipe.flush()


@functools.cache
def _watcher_pipe() -> IO[str]:
    watcher = subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(__file__).with_name("watcher.py")),
         f"{_MARK}={_RUN}"],
        stdin=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert watcher.stdin is not None
    atexit.register(watcher.communicate)
    return watcher.stdin


def free_port() -> int:
    """A port nobody listens on, in a range that no other test process of this machine uses.

    It lies below the ports systems hand to outgoing connections (from 32768 on Linux, 49152
    elsewhere): one of those may be in use again before whoever asked for it listens.
    """
    for port in itertools.islice(_ports(), _PORTS_EACH):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


@functools.cache
def _ports() -> Iterator[int]:
    """The ports of the first range whose lock is free, over and over; the lock is ours for good."""
    for first in range(20_000, 32_000, _PORTS_EACH):
        with suppress(PermissionError):  # another user's
            name = Path(tempfile.gettempdir(), f"talking-test-ports-{first}")
            lock = os.open(name, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            return itertools.cycle(random.sample(range(first, first + _PORTS_EACH), _PORTS_EACH))
    raise AssertionError("every range of ports is in use")
