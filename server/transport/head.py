"""The head of an HTTP/1.1 request, pure: where it ends, whether it may pass, what it asks for.

It is read once more by whoever answers the request; this is what must hold before that. A head is
refused where readers are known to differ (RFC 9112, sections 2.2, 3, 5 and 6.1), and asks for
another protocol are granted for websockets alone: HTTP/2 in clear would keep connections no timer
ends.
Knows no network.
"""

import re
from http import HTTPStatus
from typing import Final

import msgspec

MOST_BYTES = 16 * 1024
MOST_FIELDS = 100

_END: Final = b"\r\n\r\n"
# A target is a path, the address that a proxy is asked for, or "*" (RFC 9112, section 3.2); methods
# have a case (RFC 9110, section 9.1), which not every reader heeds.
_TARGET: Final = rb"/[\x21-\x7e]*|https?://[\w.~%:-]+(?:/[\x21-\x7e]*)?|\*"
_REQUEST: Final = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Z-]+) (" + _TARGET + rb") HTTP/(\d)\.(\d)", re.ASCII
)
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\x20-\x7e\x80-\xff\t]*)")
_CHUNKED: Final = b"transfer-encoding"
_FRAMES: Final = frozenset((b"content-length", _CHUNKED))
_UPGRADES: Final = frozenset((b"upgrade", b"http2-settings"))


class BadHead(Exception):  # noqa: N818 - the peer's error
    """No request that is answered here, and the status that says so."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Head(msgspec.Struct, frozen=True):
    """A request's head. `plain` is all of it but the wish for another protocol."""

    path: str  # without its query
    is_websocket: bool
    plain: bytes


def end_of(received: bytes | bytearray) -> int:
    """The length of the head that `received` begins with; 0 while its end has not come.

    Raises BadHead when it is too long to go on waiting.
    """
    end = received.find(_END, 0, MOST_BYTES)
    if end >= 0:
        return end + len(_END)
    if len(received) >= MOST_BYTES:
        raise BadHead(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
    return 0


def read(data: bytes) -> Head:
    """Read a whole head, with its empty line. Raises BadHead."""
    first, *fields = data[: -len(_END)].split(b"\r\n")
    request = _REQUEST.fullmatch(first)
    if request is None:
        raise BadHead(HTTPStatus.BAD_REQUEST)
    method, target, major, minor = request.groups()
    if major != b"1":
        raise BadHead(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
    if len(fields) > MOST_FIELDS:
        raise BadHead(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
    asked, kept, framed = b"", [first], set()
    for field in fields:
        found = _FIELD.fullmatch(field)
        if found is None:
            raise BadHead(HTTPStatus.BAD_REQUEST)
        name = found[1].lower()
        if name in _FRAMES:
            framed.add(name)
        if name == b"upgrade":
            asked += b"," + found[2].lower()
        if name not in _UPGRADES:
            kept.append(field)
    if framed == _FRAMES or (minor == b"0" and _CHUNKED in framed):
        raise BadHead(HTTPStatus.BAD_REQUEST)
    is_websocket = method == b"GET" and b"websocket" in map(bytes.strip, asked.split(b","))
    plain = b"\r\n".join(kept) + _END if asked else data
    return Head(target.split(b"?", 1)[0].decode("ascii"), is_websocket, plain)
