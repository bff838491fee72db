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
from server.calls import callbacks
from server.calls.deps import CallDeps
from server.calls.registry import LiveCall
from server.core.errors import AppError
from server.http.websocket import ClosedError, Socket
from server.vendors.signatures import socket_signed, tokens

log = structlog.get_logger(__name__)

START_SECONDS = 5.0
SILENCE_SECONDS = 30.0  # frames come even when nobody speaks; without any the link is dead
MAX_FAULTS = 10

POLICY = 1008
NORMAL = 1000


async def serve(deps: CallDeps, socket: Socket) -> None:
    """One stream, from handshake to close."""
    address = f"{deps.config.server.public_url.rstrip('/')}/media".replace("http", "ws", 1)
    signatures = socket.headers("x-twilio-signature")
    if not socket_signed(tokens(deps.config.twilio), address, signatures):
        log.warning("media_refused", reason="signature")
        await socket.refuse()
        return
    await socket.accept()
    try:
        async with asyncio.timeout(START_SECONDS):
            start = await _started(socket)
        live = await callbacks.open_stream(
            deps, start.start.custom_parameters.get("token", ""), start.start.call_sid
        )
    except (StreamProtocolError, TimeoutError, AppError) as error:
        log.warning("media_refused", reason=getattr(error, "code", type(error).__name__))
        await socket.close(POLICY, "no valid start")
        return
    except ClosedError:
        return
    stream_sid = start.start.stream_sid
    live.runner.attach(stream_sid, socket.send)
    code, reason = NORMAL, ""
    try:
        async with asyncio.timeout(SILENCE_SECONDS) as patience:
            await _carry(deps, socket, live, stream_sid, patience)
    except ClosedError:
        pass
    except (StreamProtocolError, TimeoutError) as error:
        log.warning("media_dropped", reason=type(error).__name__)
        code, reason = POLICY, "not a media stream"
    finally:
        live.runner.detach(stream_sid)
    await socket.close(code, reason)


async def _started(socket: Socket) -> Start:
    first = decode(await socket.receive())
    if isinstance(first, Connected):
        first = decode(await socket.receive())
    if not isinstance(first, Start):
        raise StreamProtocolError("expected start")
    return first


def _renew(patience: asyncio.Timeout) -> None:
    """Something came. Moving a deadline costs as much as a frame, so it is done once a second."""
    now = asyncio.get_running_loop().time()
    if (patience.when() or now) - now < SILENCE_SECONDS - 1:
        patience.reschedule(now + SILENCE_SECONDS)


async def _carry(
    deps: CallDeps, socket: Socket, live: LiveCall, stream_sid: str, patience: asyncio.Timeout
) -> None:
    """Frames in, until stop or the call is over here. A few bad ones are dropped, many end it."""
    faults = 0
    runner = live.runner
    while deps.live.get(live.id) is live:
        frame = await socket.receive()
        _renew(patience)
        try:
            message = decode(frame)
        except StreamProtocolError:
            faults += 1
            if faults > MAX_FAULTS:
                raise
            log.warning("media_frame_dropped", faults=faults)
            continue
        match message:
            case Media() if message.stream_sid == stream_sid:
                runner.frame(message.media.payload)
            case Mark():
                runner.mark(message.mark.name)
            case Dtmf():
                runner.key(message.dtmf.digit)
            case Stop():
                return
            case Media() | Connected() | Start():
                faults += 1
                if faults > MAX_FAULTS:
                    raise StreamProtocolError("unexpected message")
                log.warning("media_frame_dropped", faults=faults)
