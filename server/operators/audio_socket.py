"""A call's sound for a person, `audio.v1`: hear both sides, and speak in the agent's place.

A one-use ticket says whose call it is and whether its bearer may speak. Sound goes out from a
bounded queue of the listener's own, wherever the call runs (`attendance.py`). A listener that is
stuck loses sound and then the socket, and costs nobody else anything.
"""

import asyncio
import math
import uuid
from functools import partial
from typing import Annotated

import msgspec
import structlog
from msgspec import Meta

from db.accounts.tokens import AudioRight
from db.core.failures import DATABASE_ERRORS
from media.audio.audio_fanout import AudioListener, Cleared
from server.calls.deps import CallDeps
from server.core.errors import AppError
from server.core.validation import JSON_FAULTS
from server.http.handshake import Close, open_for_our_pages
from server.live import messages
from server.operators import actions
from server.operators.attendance import OVER, Attendance
from server.operators.remote_listeners import ELSEWHERE, JOINED
from server.transport.websocket import ClosedError, WebSocket

log = structlog.get_logger(__name__)

PROTOCOL = "audio.v1"
RATE = 8000
HELLO_SECONDS = 5.0
SEND_SECONDS = 10.0
MOST_BYTES = 800  # 100 ms
MOST_SECONDS = 86_400.0  # of a sign-in, where none is known; a call is over long before
BURST_SECONDS = 2.0  # an operator's sound may come in bursts, but no faster than it is spoken
NORMAL = 1000
CALL_OVER = 4510  # final: there is no more sound
SIGNED_OUT = "signed out"

_REFUSED = {
    OVER: (CALL_OVER, "the call is over"),
    ELSEWHERE: (messages.FAILED, "the call cannot be reached just now"),
    "forbidden": (messages.FORBIDDEN, "the takeover is over"),
    "too_many": (messages.TOO_MANY_SOCKETS, "too many listen to this call"),
}
_CLEAR = '{"op":"clear"}'


class _Hello(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="hello"):
    """First frame."""

    ticket: Annotated[str, Meta(max_length=200)]


class _Welcome(msgspec.Struct, frozen=True, tag_field="op", tag="welcome"):
    """The answer: sound follows."""

    call: uuid.UUID
    talk: bool
    rate: int = RATE


async def serve(deps: CallDeps, socket: WebSocket) -> None:
    """One socket, from handshake to close."""
    try:
        if not open_for_our_pages(deps, socket, PROTOCOL):
            log.warning("audio_refused", reason="origin")
            return
        right = await _right(deps, socket)
        await _attend(deps, socket, right)
    except Close as close:
        log.info("audio_closed", code=close.code)
        socket.close(close.code, close.reason)
    except ClosedError:
        pass


async def _right(deps: CallDeps, socket: WebSocket) -> AudioRight:
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            frame = await socket.receive()
        if not isinstance(frame, str):
            raise Close(messages.PROTOCOL_ERROR, "hello first")
        hello = msgspec.json.decode(frame, type=_Hello)
    except TimeoutError:
        raise Close(messages.PROTOCOL_ERROR, "hello first") from None
    except JSON_FAULTS as error:
        raise Close(messages.PROTOCOL_ERROR, f"hello first: {error}") from None
    try:
        return await actions.redeem(deps, hello.ticket)
    except AppError as error:
        raise Close(messages.UNAUTHENTICATED, error.detail) from None
    except DATABASE_ERRORS as error:
        log.warning("audio_waits", error=type(error).__name__)
        raise Close(messages.FAILED, "not ready; come back") from None


async def _attend(deps: CallDeps, socket: WebSocket, right: AudioRight) -> None:
    more = asyncio.Event()
    attendance = Attendance(deps, right, more.set)
    listener = attendance.listener
    sign_out = partial(listener.end, SIGNED_OUT)
    release = deps.sign_ins.hold(right.user_id, right.session_id, sign_out)
    left = math.inf if right.ends_at is None else right.ends_at.timestamp() - deps.clock()
    ending = asyncio.get_running_loop().call_later(min(left, MOST_SECONDS), sign_out)
    try:
        found = await attendance.begin()
        if found != JOINED:
            raise Close(*_REFUSED[found])
        welcome = msgspec.json.encode(_Welcome(right.call_id, listener.talk)).decode()
        await socket.send(welcome)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(attendance.run(), name="audio-attend")
            tasks.create_task(_write(socket, listener, more), name="audio-write")
            await _read(deps, socket, attendance)
    except* (Close, ClosedError) as group:
        raise group.exceptions[0] from None
    finally:
        ending.cancel()
        release()
        attendance.leave()
        if listener.dropped:
            log.info("audio_dropped", call_id=str(right.call_id), frames=listener.dropped)


async def _write(socket: WebSocket, listener: AudioListener, more: asyncio.Event) -> None:
    while True:
        more.clear()
        while listener.ended != SIGNED_OUT and (item := listener.take()) is not None:
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    if isinstance(item, Cleared):
                        await socket.send(_CLEAR)
                    else:
                        await socket.send_bytes(item)
            except TimeoutError:
                raise Close(messages.SLOW, "reads too slowly") from None
        if listener.ended == "over":
            raise Close(CALL_OVER, "the call is over")
        if listener.ended == SIGNED_OUT:
            raise Close(messages.TOKEN_EXPIRED, "ask for a new ticket and come back")
        if listener.ended is not None:
            raise Close(NORMAL, listener.ended)
        await more.wait()


async def _read(deps: CallDeps, socket: WebSocket, attendance: Attendance) -> None:
    """An operator's sound; from anybody else nothing is expected."""
    begun, sent, may_talk = deps.clock(), 0, attendance.listener.talk
    while True:
        frame = await socket.receive()
        if not may_talk or not isinstance(frame, bytes) or not 0 < len(frame) <= MOST_BYTES:
            raise Close(messages.PROTOCOL_ERROR, f"binary frames of at most {MOST_BYTES} bytes")
        now = deps.clock()
        begun = max(begun, now - sent / RATE - BURST_SECONDS)  # silence earns no more than a burst
        sent += len(frame)
        if sent / RATE > now - begun + BURST_SECONDS:
            raise Close(messages.TOO_FAST, "sound comes faster than it is spoken")
        attendance.talk(frame)
