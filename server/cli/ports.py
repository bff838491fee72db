"""Whether the port that is asked for is free, found out before anything is started; and the
listening socket that several processes are to share. Knows nothing of what is to listen there.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.cli.failures import FailedError

BACKLOG = 1024


class PortTakenError(FailedError):
    """Somebody else listens where we should."""


def check_port_free(host: str, port: int, setting: str) -> None:
    """Raises PortTakenError when the port is in use; `setting` is what chooses another."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(f"Port {port} is taken; choose another with {setting}.") from error


@contextmanager
def listen(host: str, port: int, setting: str) -> Iterator[socket.socket]:
    """A socket that listens on the port, or at "unix:PATH", whose file is gone afterwards.

    Raises PortTakenError when the port is in use; `setting` is what chooses another.
    """
    if not host.startswith("unix:"):
        check_port_free(host, port, setting)
        with socket.create_server((host, port), backlog=BACKLOG) as listener:
            yield listener
        return
    path = Path(host.removeprefix("unix:"))
    if path.is_socket():
        path.unlink()  # left by one that was killed
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(BACKLOG)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)
