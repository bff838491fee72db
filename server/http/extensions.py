"""No websocket of ours is compressed: whatever extension a client offers, none is accepted.

Hypercorn accepts permessage-deflate from everybody who offers it and has no setting against it.
Compression would cost each socket a window of memory and, on the sound's sockets, time in every
frame; a few bytes on the wire could grow to a thousand times as many before any bound on a message
is looked at; and compressing secrets next to a stranger's words gives them away by their length.
Knows no sockets.
"""

from collections.abc import Iterable, Sequence

from hypercorn.protocol import ws_stream
from wsproto.extensions import Extension

_ASKED_BY_HYPERCORN = "server_extensions_handshake"


def refuse_all() -> None:
    """Have no websocket of this process negotiate an extension, from now on.

    RFC 6455, section 9.1: an extension the server does not name is not used; the client goes on
    without. Raises AttributeError when Hypercorn no longer asks where it did.
    """
    getattr(ws_stream, _ASKED_BY_HYPERCORN)
    setattr(ws_stream, _ASKED_BY_HYPERCORN, _none)


def _none(requested: Iterable[str], supported: Sequence[Extension]) -> bytes | None:  # noqa: ARG001 - wsproto's own signature
    return None
