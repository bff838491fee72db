"""How a socket of ours begins and ends: who may open it, what it speaks, the code it closes with.

Knows nothing of what is said in between.
"""

from server.core.node import Node
from server.core.origins import normal_origin
from server.live.messages import WRONG_VERSION
from server.transport.websocket import WebSocket

_REASON_BYTES = 123  # what a close carries beside its code (RFC 6455, section 5.5)


class Close(Exception):  # noqa: N818 - not an error: the reason to close
    """Why a socket ends, in the words and the code its peer gets."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:_REASON_BYTES].decode(errors="ignore")


def open_for_our_pages(deps: Node, socket: WebSocket, protocol: str) -> bool:
    """Accept a socket of a page of ours, or of no page; false and refused for any other.

    Raises Close when the peer does not offer the protocol.
    """
    origins = socket.headers("origin")
    if origins and not _same_site(deps, origins):
        socket.refuse()
        return False
    speaks = protocol in socket.subprotocols
    socket.accept(protocol if speaks else None)
    if not speaks:
        raise Close(WRONG_VERSION, f"speak {protocol}")
    return True


def _same_site(deps: Node, origins: list[str]) -> bool:
    server = deps.config.server
    return len(origins) == 1 and normal_origin(origins[0]) in {
        *server.allowed_origins,
        server.origin,
    }
