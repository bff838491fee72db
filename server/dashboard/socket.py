"""One dashboard's live socket, `dash.v1`: check who it is, then events out and commands in.

One task reads, one writes, one keeps time; a client that breaks the protocol, reads too slowly or
stops answering is closed with the documented code and costs nobody else anything.
"""

import asyncio
import uuid
from collections import deque

import msgspec
import structlog

from db.core.failures import DATABASE_ERRORS
from server.accounts import actions as accounts
from server.audit import acts
from server.audit.acts import Origin
from server.audit.keys import hashed
from server.core.errors import AppError
from server.core.identity.auth import Identity, identity
from server.core.rate_limits import Rates
from server.core.times import rfc3339, utc
from server.core.validation import nul_place
from server.dashboard.commands import fault
from server.dashboard.deps import DashboardDeps
from server.dashboard.feed import Feed, TooManyError
from server.dashboard.subscriptions import RightsChangedError, run
from server.dashboard.topics import MAX_TOPICS
from server.http.client_address import client_address, networks
from server.http.credentials import identified
from server.http.handshake import Close, open_for_our_pages
from server.live import messages
from server.live.listener import Frame, Start
from server.live.messages import (
    Ack,
    ClientLimits,
    Command,
    Hello,
    Incoming,
    Ping,
    Pong,
    Resume,
    Welcome,
    decode,
    encode,
)
from server.transport.frames import text_frame
from server.transport.websocket import ClosedError, WebSocket

log = structlog.get_logger(__name__)

HELLO_SECONDS = 5.0
PING_SECONDS = 25.0
PONG_SECONDS = 8.0
SEND_SECONDS = 10.0
MAX_OVERFLOWS = 3
OVERFLOW_SECONDS = 60.0
UNREADY = (*DATABASE_ERRORS, AppError)
FLOOD_BURSTS = 5  # refused until then, closed after
_COME_BACK = "refresh the token and come back"


async def serve(deps: DashboardDeps, socket: WebSocket) -> None:
    """One socket, from handshake to close."""
    try:
        if not open_for_our_pages(deps, socket, messages.PROTOCOL):
            log.warning("live_refused", reason="origin")
            return
        acts.begin(Origin(uuid.uuid4().hex, hashed(deps.audit_key, _address(deps, socket))))
        hello = await _hello(socket, deps.config.limits.live_frame_bytes)
        said_at = deps.clock()
        who = await _who(deps, hello)
        acts.acting(acts.by(who))
        await _Session(deps, socket, who, hello, said_at).serve()
    except Close as close:
        log.info("live_closed", code=close.code)
        deps.meters.closes.labels(close.code).inc()
        if close.code == messages.SLOW:
            deps.meters.slow.inc()
        socket.close(close.code, close.reason)
    except ClosedError:
        pass


def _address(deps: DashboardDeps, socket: WebSocket) -> str:
    trusted = networks(deps.config.server.trusted_proxies)
    return client_address(socket.peer, socket.headers("x-forwarded-for"), trusted)


async def _hello(socket: WebSocket, most: int) -> Hello:
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            frame = await socket.receive()
        message = _read(_text(frame, most))
    except msgspec.DecodeError as error:
        raise Close(messages.PROTOCOL_ERROR, f"hello first: {error}") from None
    except TimeoutError:
        message = None
    if not isinstance(message, Hello):
        raise Close(messages.PROTOCOL_ERROR, "hello first")
    if message.v != messages.VERSION:
        raise Close(messages.WRONG_VERSION, f"version {messages.VERSION} is spoken here")
    return message


def _text(frame: str | bytes, most: int) -> str:
    if isinstance(frame, bytes) or len(frame.encode()) > most:
        raise Close(messages.PROTOCOL_ERROR, f"text frames of at most {most} bytes")
    return frame


def _read(frame: str) -> Incoming:
    """A client's frame. A command with U+0000 in it is answered by an ack; anything else with one
    raises msgspec.DecodeError, as what cannot be read does."""
    message = decode(frame)
    is_odd = not isinstance(message, Command) and r"\u0000" in frame
    if is_odd and nul_place(msgspec.to_builtins(message)) is not None:
        raise msgspec.DecodeError("U+0000 is no character of a text")
    return message


async def _who(deps: DashboardDeps, hello: Hello) -> Identity:
    try:
        if hello.ticket is not None:
            claims = await accounts.redeem(deps, hello.ticket)
            who = identity(claims, deps.config.auth.admin_aal)
            if deps.sign_ins.has_ended(who.session_id):
                raise Close(messages.UNAUTHENTICATED, "sign in again")
            return who
        if hello.token is not None:
            return await identified(deps, hello.token)
    except AppError as error:
        raise Close(messages.UNAUTHENTICATED, error.detail) from None
    except DATABASE_ERRORS as error:
        raise _reason(error) from None
    raise Close(messages.UNAUTHENTICATED, "send a ticket or a token")


def _reason(error: Exception) -> Exception:
    """Of all that went wrong in a session's tasks, what it ends with."""
    found = list(error.exceptions) if isinstance(error, ExceptionGroup) else [error]
    for kind in (Close, ClosedError):
        for one in found:
            if isinstance(one, kind):
                return one
    if all(isinstance(one, UNREADY) for one in found):
        log.error("live_waits", error=type(found[0]).__name__)
        return Close(messages.FAILED, "not ready; come back")
    return error


def _wire(frame: Frame) -> bytes:
    """What goes over the network: made once, however many sockets it goes to."""
    if frame.wire is None:
        frame.wire = text_frame(frame.text.encode())
    return frame.wire


class _Session:
    """A greeted client: its feed and the three tasks around it."""

    def __init__(
        self, deps: DashboardDeps, socket: WebSocket, who: Identity, hello: Hello, said_at: float
    ) -> None:
        limits = deps.config.limits
        self._deps = deps
        self._socket = socket
        self._hello = hello
        self._said_at = said_at
        self._feed = Feed(deps, who, batch="batch" in hello.caps)
        per_second, burst = limits.live_commands_per_second, limits.live_commands_burst
        self._rates = Rates(per_second, burst)
        self._patience = Rates(per_second, burst * FLOOD_BURSTS)
        self._heard = asyncio.Event()
        self._is_at_work = False  # on a command of theirs; what they say meanwhile is read later
        self._overflows: deque[float] = deque(maxlen=MAX_OVERFLOWS)

    async def serve(self) -> None:
        """Until the client goes or has to go."""
        try:
            self._feed.open()
        except TooManyError:
            raise Close(messages.TOO_MANY_SOCKETS, "close another dashboard first") from None
        try:
            await self._admit()
            await self._greet()
            self._feed.listener.sink = self._send_at_once
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write(), name="live-write")
                tasks.create_task(self._keep_time(), name="live-time")
                await self._read()
        except (ExceptionGroup, Close, ClosedError, *UNREADY) as error:
            raise _reason(error) from None
        finally:
            self._feed.close()

    async def _admit(self) -> None:
        try:
            await accounts.admit(self._deps, self._feed.who)
        except AppError as error:
            is_closed = error.code == "account_closed"
            code = messages.ACCOUNT_CLOSED if is_closed else messages.TOO_FAST
            raise Close(code, error.kind.title.lower()) from None

    async def _greet(self) -> None:
        deps, feed = self._deps, self._feed
        subs = {sub.topic: sub for sub in self._hello.subs}
        for sub in subs.values():
            try:
                await feed.add(sub)
            except AppError as error:
                raise Close(messages.FORBIDDEN, f"{sub.topic}: {error.code}") from None
        begun = [
            start
            for sub in subs.values()
            if (start := await feed.begin(Start(sub.topic, sub.cursor))) is not None
        ]
        limits = deps.config.limits
        welcome = Welcome(
            v=messages.VERSION,
            session=uuid.uuid4().hex[:12],
            node=deps.node,
            now=rfc3339(utc(deps.clock())) or "",
            ping_s=PING_SECONDS,
            token_exp=rfc3339(utc(feed.who.expires_at)) or "",
            limits=ClientLimits(
                limits.live_frame_bytes, limits.live_commands_per_second, MAX_TOPICS
            ),
            role="admin" if feed.who.admin else "user",
            subs=tuple(mode for mode, _ in begun),
        )
        deps.meters.welcome.observe(deps.clock() - self._said_at)
        await self._send([Frame(encode(welcome))])
        for mode, frames in begun:
            for frame in frames:
                await self._send([frame])
            feed.release(mode.topic)

    async def _read(self) -> None:
        most = self._deps.config.limits.live_frame_bytes
        while True:
            frame = await self._socket.receive()
            self._heard.set()
            try:
                message = _read(_text(frame, most))
            except msgspec.DecodeError as error:
                raise Close(messages.PROTOCOL_ERROR, str(error)) from None
            match message:
                case Command():
                    await self._command(message)
                case Resume():
                    if self._wait() > 0:
                        raise Close(messages.TOO_FAST, "too many requests")
                    if not self._feed.restart(message.topic, message.cursor):
                        raise Close(messages.FORBIDDEN, f"{message.topic}: not followed here")
                case Hello():
                    raise Close(messages.PROTOCOL_ERROR, "hello once")
                case Pong():
                    pass

    async def _command(self, command: Command) -> None:
        wait = self._wait()
        self._check_token()
        if wait > 0:
            error = AppError("rate_limited", retry_after=wait)
            ack = Ack(command.id, ok=False, error=fault(error))
        else:
            self._is_at_work = True
            try:
                ack = await run(self._deps, self._feed, command)
            except RightsChangedError:
                raise Close(messages.RIGHTS_CHANGED, "a topic is no longer yours") from None
            finally:
                self._is_at_work = False
        self._feed.listener.offer(Frame(encode(ack)))

    def _wait(self) -> float:
        """Seconds until the client may ask again; 0 when it may now. A flood ends the socket."""
        now = self._deps.clock()
        if self._patience.take("", now) > 0:
            raise Close(messages.TOO_FAST, "too many requests")
        return self._rates.take("", now)

    def _check_token(self) -> float:
        """The seconds the token is still good for."""
        left = self._feed.who.expires_at - self._deps.clock()
        if left <= 0:
            raise Close(messages.TOKEN_EXPIRED, _COME_BACK)
        return left

    async def _write(self) -> None:
        listener, known = self._feed.listener, 0
        async for frames in self._feed.frames():
            if listener.close_code == messages.TOKEN_EXPIRED:
                break  # however much waits
            await self._send(frames)
            while known < listener.overflows:
                known += 1
                self._deps.meters.resyncs.inc()
                self._overflows.append(self._deps.clock())
            if self._is_slow():
                raise Close(messages.SLOW, "reads too slowly")
        if listener.close_code == messages.ACCOUNT_CLOSED:
            raise Close(messages.ACCOUNT_CLOSED, "this account was deleted")
        if listener.close_code == messages.TOKEN_EXPIRED:
            raise Close(messages.TOKEN_EXPIRED, _COME_BACK)
        raise Close(messages.DRAINING, "this server stops; come back")

    def _is_slow(self) -> bool:
        last = self._overflows
        return len(last) == MAX_OVERFLOWS and last[-1] - last[0] < OVERFLOW_SECONDS

    def _send_at_once(self, frame: Frame) -> bool:
        """In the call that made the event, for a client that is not behind: no task, no queue."""
        if self._socket.closed or self._socket.backpressure.is_on:
            return False
        if frame.wire is None and frame.at:  # of all clients that get it now, the age is noted once
            self._deps.meters.sent(self._deps.clock() - frame.at)
        self._socket.write(_wire(frame))
        return True

    async def _send(self, frames: list[Frame]) -> None:
        one = _wire(frames[0]) if len(frames) == 1 else None
        try:
            async with asyncio.timeout(SEND_SECONDS):
                if one is not None:
                    await self._socket.send_frame(one)
                else:
                    await self._socket.send("\n".join(frame.text for frame in frames))
        except TimeoutError:
            raise Close(messages.SLOW, "reads too slowly") from None
        now = self._deps.clock()
        for frame in frames:
            if frame.at:
                self._deps.meters.sent(now - frame.at)

    async def _keep_time(self) -> None:
        """Ping, say where quiet topics stand; close when nothing comes back or the token ends."""
        clock, beacon_seconds = self._deps.clock, self._deps.config.limits.live_beacon_seconds
        ping_at, beacon_at = clock() + PING_SECONDS, clock() + beacon_seconds
        while True:
            pause = min(ping_at - clock(), beacon_at - clock(), self._check_token())
            await asyncio.sleep(max(0.0, pause))  # the heartbeat's own rhythm
            if clock() >= beacon_at:
                beacon_at += beacon_seconds
                self._feed.beacons()
            if clock() >= ping_at:
                ping_at += PING_SECONDS
                await self._ping()

    async def _ping(self) -> None:
        self._heard.clear()
        self._feed.listener.offer(Frame(encode(Ping())))
        try:
            async with asyncio.timeout(PONG_SECONDS):
                await self._heard.wait()
        except TimeoutError:
            if not (self._is_at_work or self._heard.is_set()):
                raise Close(messages.NO_HEARTBEAT, "no answer to ping") from None
