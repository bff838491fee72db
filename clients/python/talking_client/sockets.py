"""What both live sockets do with frames, and with the end of a connection. Pure.

Knows which ends are for good; waits and reads nothing.
"""

from collections.abc import Iterator, Mapping
from typing import get_args

import msgspec
import websockets

from talking_client.contract import LIVE_PROTOCOL
from talking_client.errors import ConnectionFailedError, LiveRefusedError, TalkingError
from talking_client.events import EVENTS
from talking_client.messages import Event, Incoming
from talking_client.retries import Retries

FINAL = 4500  # close codes from here on: stop and say why
QUIET_SECONDS = 25.0  # until a server says how often it pings
MARGIN_SECONDS = 10.0
MOST_BYTES = 2**24
FOREVER = Retries(attempts=2**31, first_pause=0.5, most_pause=20.0)
FAULTS = (OSError, TimeoutError, websockets.ConnectionClosed, websockets.InvalidHandshake)
"""What ends a socket, or keeps one from opening."""

_decoder: msgspec.json.Decoder[Incoming] = msgspec.json.Decoder(Incoming)
_KINDS = {kind.__struct_config__.tag for kind in get_args(Incoming)}


class _Message(msgspec.Struct, frozen=True):
    op: str


def address(base_url: str) -> str:
    """Where the live channel of this server is."""
    return f"{base_url.rstrip('/').replace('http', 'ws', 1)}/live"


def messages(frame: bytes) -> Iterator[Incoming]:
    """What a frame tells; a kind of message that this version does not know tells nothing. Raises
    TalkingError."""
    for line in frame.split(b"\n"):
        try:
            if msgspec.json.decode(line, type=_Message).op in _KINDS:
                yield _decoder.decode(line)
        except (msgspec.DecodeError, msgspec.ValidationError) as fault:
            raise TalkingError(f"a message is not what {LIVE_PROTOCOL} says: {fault}") from fault


def encoded(message: Mapping[str, object]) -> str:
    """A message as it is sent."""
    return msgspec.json.encode(message).decode()


def data_of(event: Event) -> msgspec.Struct | None:
    """An event's data in its shape; None for an event that this version does not know."""
    kind = EVENTS.get(event.type)
    return None if kind is None else msgspec.convert(event.data, kind)


def for_good(fault: Exception) -> TalkingError | None:
    """What to raise of an end after which nobody is to come back; None: come back."""
    if isinstance(fault, websockets.ConnectionClosed):
        close = fault.rcvd
        is_final = close is not None and close.code >= FINAL
        return LiveRefusedError(close.code, close.reason) if close and is_final else None
    if isinstance(fault, websockets.InvalidStatus):
        status = fault.response.status_code
        if 400 <= status < 500 and status != 429:
            return LiveRefusedError(status, fault.response.reason_phrase)
    return None


def pause_after(fault: Exception, failures: int, chance: float, retries: Retries) -> float:
    """How long to wait before the next socket, after so many failures in a row.

    Raises LiveRefusedError when the server wants no more of it, and ConnectionFailedError when
    there were too many.
    """
    refused = for_good(fault)
    if refused is not None:
        raise refused from fault
    pause = retries.after_cut(failures, chance)
    if pause is None:
        told = f"the live channel: {type(fault).__name__} {fault}".rstrip()
        raise ConnectionFailedError(told, None) from fault
    return pause
