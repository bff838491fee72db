"""The phone company's sound stream of one call: check who it is, then carry frames to the call.

Nothing is believed before the handshake's signature and the one-use token fit. Per frame there
is no queue, no task and no row: decode, and a plain call into the runner.
"""

import asyncio

import structlog

from media.audio.twilio_stream import (
    Connected,
    Dtmf,
    Mark,
    Media,
    Start,
    Stop,
    StreamProtocolError,
    decode,
)
from server.calls.deps import CallDeps
from server.calls.registry import LiveCall
from server.core.errors import AppError
from server.ownership import callbacks
from server.transport.websocket import WebSocket
from server.vendors.signatures import SIGNATURE_SETTINGS, socket_signed

log = structlog.get_logger(__name__)

START_SECONDS = 5.0
SILENCE_SECONDS = 3.0  # frames come even when nobody speaks; without any the link is dead
STALL_SECONDS = 5.0  # a carrier that takes no sound for so long has lost it
MAX_FAULTS = 10

POLICY = 1008
NORMAL = 1000


class _Over(Exception):  # noqa: N818 - not an error: the stream has come to its end
    """Nothing more is expected of this stream."""


async def serve(deps: CallDeps, socket: WebSocket) -> None:
    """One stream, from handshake to close."""
    address = f"{deps.config.server.public_url.rstrip('/')}/media".replace("http", "ws", 1)
    signatures = socket.headers("x-twilio-signature")
    settings = socket.headers(SIGNATURE_SETTINGS.lower())
    if not socket_signed(deps.config.twilio, address, signatures, settings):
        log.warning("media_refused", reason="signature")
        socket.refuse()
        return
    socket.backpressure.stall_seconds = STALL_SECONDS
    socket.accept()
    try:
        async with asyncio.timeout(START_SECONDS):
            start = await _started(socket)
        live = await callbacks.open_stream(
            deps, start.start.custom_parameters.get("token", ""), start.start.call_sid
        )
    except (StreamProtocolError, TimeoutError, AppError) as error:
        log.warning("media_refused", reason=getattr(error, "code", type(error).__name__))
        socket.close(POLICY, "no valid start")
        return
    stream_sid = start.start.stream_sid
    live.runner.attach(stream_sid, socket.send_all, lambda: socket.close(NORMAL, "replaced"))
    try:
        await socket.carry(_Stream(live, stream_sid).received, SILENCE_SECONDS)
    except _Over:
        socket.close(NORMAL)
    except (StreamProtocolError, TimeoutError) as error:
        log.warning("media_dropped", reason=type(error).__name__)
        socket.close(POLICY, "not a media stream")
    finally:
        live.runner.detach(stream_sid)


async def _started(socket: WebSocket) -> Start:
    first = decode(await socket.receive())
    if isinstance(first, Connected):
        first = decode(await socket.receive())
    if not isinstance(first, Start):
        raise StreamProtocolError("expected start")
    return first


class _Stream:
    """What comes on one stream. A few bad messages are dropped, many end it."""

    def __init__(self, live: LiveCall, stream_sid: str) -> None:
        self._live = live
        self._stream_sid = stream_sid
        self._faults = 0

    def received(self, frame: str | bytes) -> None:
        """One message. Raises _Over at the end, StreamProtocolError when it is one too many."""
        if self._live.over.is_set():
            raise _Over
        runner = self._live.runner
        try:
            message = decode(frame)
        except StreamProtocolError:
            self._fault("malformed frame")
            return
        match message:
            case Media() if message.stream_sid == self._stream_sid:
                runner.frame(message.media.payload)
            case Mark():
                runner.mark(message.mark.name)
            case Dtmf():
                runner.key(message.dtmf.digit)
            case Stop():
                raise _Over
            case Media() | Connected() | Start():
                self._fault("unexpected message")

    def _fault(self, what: str) -> None:
        self._faults += 1
        if self._faults > MAX_FAULTS:
            raise StreamProtocolError(what)
        log.warning("media_frame_dropped", faults=self._faults)
