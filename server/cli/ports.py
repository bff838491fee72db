"""Whether the port that is asked for is free, found out before anything is started.

Knows nothing of what is to listen there.
"""

import socket

from server.cli.failures import FailedError


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
