"""One sandboxed pair of processes a data folder: a lock that the kernel frees, and where they are.

Knows nothing of what runs there.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.cli.failures import FailedError


@contextmanager
def alone_in(data: Path, url: str) -> Iterator[None]:
    """Have the data folder for oneself, reachable at `url`. Raises FailedError, which says where
    the other is."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "running.lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            where = file.read().strip() or "another port"
            raise FailedError(
                f"one is already running at {where} with this data folder ({data}): use it, stop it"
                " with Ctrl-C in its terminal, or give this one --data, --port and --sandbox-port"
            ) from None
        file.truncate(0)
        file.write(url)
        file.flush()
        yield
