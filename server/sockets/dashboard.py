"""One dashboard's live socket, `dash.v1`: check who it is, then events out and commands in.

One task reads, one writes, one keeps time; a client that breaks the protocol, reads too slowly or
stops answering is closed with the documented code and costs nobody else anything.
"""

import asyncio
import uuid

import msgspec
import structlog

from server.actions import users, watch
from server.auth import Identity, identify, identity
from server.dashboard import messages
from server.dashboard.hub import Frame, Listener
from server.dashboard.messages import (
    Ack,
    ClientLimits,
    Command,
    Cursor,
    Hello,
    Ping,
    Pong,
    Resume,
    Snapshot,
    Sub,
    Subscribed,
    Welcome,
    decode,
    encode,
)
from server.deps import Deps
from server.errors import AppError
from server.rates import Rates
from server.recorder import event_out
from server.sockets.asgi import ClosedError, Socket
from server.sockets.commands import fault, run
from server.wire import rfc3339, utc

log = structlog.get_logger(__name__)

HELLO_SECONDS = 5.0
PING_SECONDS = 25.0
PONG_SECONDS = 8.0
SEND_SECONDS = 10.0
MAX_OVERFLOWS = 3
MAX_SUBS = 64
FLOOD_BURSTS = 5  # refused until then, closed after


class _Close(Exception):  # noqa: N818 - not an error: the reason to close
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def serve(deps: Deps, socket: Socket) -> None:
    """One socket, from handshake to close."""
    origins = socket.headers("origin")
    if origins and not same_site(deps, origins):
        log.warning("live_refused", reason="origin")
        await socket.refuse()
        return
    speaks = messages.PROTOCOL in socket.subprotocols
    await socket.accept(messages.PROTOCOL if speaks else None)
    try:
        if not speaks:
            raise _Close(messages.WRONG_VERSION, f"speak {messages.PROTOCOL}")
        hello = await _hello(socket)
        who = await _who(deps, hello)
        await _Session(deps, socket, who, hello).serve()
    except _Close as close:
        log.info("live_closed", code=close.code)
        await socket.close(close.code, close.reason)
    except ClosedError:
        pass


def same_site(deps: Deps, origins: list[str]) -> bool:
    """Whether a page of ours opened the socket."""
    allowed = {*deps.config.server.allowed_origins, deps.config.server.public_url.rstrip("/")}
    return len(origins) == 1 and origins[0] in allowed


async def _hello(socket: Socket) -> Hello:
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            frame = await socket.receive()
        message = decode(frame) if isinstance(frame, str) else None
    except (TimeoutError, msgspec.DecodeError):
        message = None
    if not isinstance(message, Hello):
        raise _Close(messages.PROTOCOL_ERROR, "hello first")
    if message.v != messages.VERSION:
        raise _Close(messages.WRONG_VERSION, f"version {messages.VERSION} is spoken here")
    return message


async def _who(deps: Deps, hello: Hello) -> Identity:
    try:
        if hello.ticket is not None:
            return identity(await users.redeem(deps, hello.ticket))
        if hello.token is not None:
            return await identify(hello.token, deps.keys, deps.config.auth)
    except AppError as error:
        raise _Close(messages.UNAUTHENTICATED, error.detail) from None
    raise _Close(messages.UNAUTHENTICATED, "send a ticket or a token")


class _Start(msgspec.Struct, frozen=True):
    """How a topic begins for this client, as of `seq`."""

    mode: Subscribed
    frames: list[str]
    seq: int


class _Session:
    """A greeted client: its queue and the three tasks around it."""

    def __init__(self, deps: Deps, socket: Socket, who: Identity, hello: Hello) -> None:
        limits = deps.config.limits
        self._deps = deps
        self._socket = socket
        self._who = who
        self._hello = hello
        self._listener = Listener(
            {f"user:{who.user_id}"}, limits.live_queue_frames, limits.live_queue_bytes
        )
        per_second, burst = limits.live_commands_per_second, limits.live_commands_burst
        self._rates = Rates(per_second, burst)
        self._patience = Rates(per_second, burst * FLOOD_BURSTS)
        self._heard = asyncio.Event()
        self._batch = 16 if "batch" in hello.caps else 1

    async def serve(self) -> None:
        """Until the client goes or has to go."""
        deps, address = self._deps, f"user:{self._who.user_id}"
        if deps.hub.count(address) >= deps.config.limits.live_sockets_per_user:
            raise _Close(messages.TOO_MANY_SOCKETS, "close another dashboard first")
        await users.admit(deps, self._who)
        deps.hub.add(self._listener)
        try:
            await self._greet()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write(), name="live-write")
                tasks.create_task(self._keep_time(), name="live-time")
                await self._read()
        except* (_Close, ClosedError) as group:
            raise group.exceptions[0] from None
        finally:
            deps.hub.remove(self._listener)
            self._listener.close()

    async def _greet(self) -> None:
        subs = {sub.topic: sub for sub in self._hello.subs}
        if set(subs) - {"me"} or len(subs) > MAX_SUBS:
            raise _Close(messages.FORBIDDEN, "topics: me")
        begun = {sub.topic: await self._begin(sub) for sub in subs.values()}
        limits = self._deps.config.limits
        welcome = Welcome(
            v=messages.VERSION,
            session=uuid.uuid4().hex[:12],
            node=self._deps.node,
            now=self._now(),
            ping_s=PING_SECONDS,
            token_exp=rfc3339(utc(self._who.expires_at)) or "",
            limits=ClientLimits(limits.live_frame_bytes, limits.live_commands_per_second, MAX_SUBS),
            role="admin" if self._who.admin else "user",
            subs=tuple(start.mode for start in begun.values()),
        )
        await self._send([encode(welcome)])
        for topic, start in begun.items():
            await self._send(start.frames)
            self._listener.release(topic, start.seq)

    async def _begin(self, sub: Sub) -> _Start:
        """Hold the topic's events back and read where it stands; the caller releases them."""
        self._listener.hold(sub.topic)
        beginning = await watch.begin(self._deps, self._who, sub.cursor)
        position = beginning.position
        if beginning.missed is None:
            snapshot = Snapshot(sub.topic, position.epoch, position.seq, beginning.state)
            return _Start(Subscribed(sub.topic, "snapshot"), [encode(snapshot)], position.seq)
        frames = [encode(event_out(row)) for row in beginning.missed]
        return _Start(Subscribed(sub.topic, "resumed", len(frames)), frames, position.seq)

    async def _read(self) -> None:
        most = self._deps.config.limits.live_frame_bytes
        while True:
            frame = await self._socket.receive()
            self._heard.set()
            if isinstance(frame, bytes) or len(frame) > most:
                raise _Close(messages.PROTOCOL_ERROR, f"text frames of at most {most} bytes")
            try:
                message = decode(frame)
            except msgspec.DecodeError as error:
                raise _Close(messages.PROTOCOL_ERROR, str(error)[:100]) from None
            match message:
                case Command():
                    self._listener.offer(Frame(encode(await self._command(message))))
                case Resume():
                    if self._wait() > 0:
                        raise _Close(messages.TOO_FAST, "too many requests")
                    await self._restart(message.topic, message.cursor)
                case Hello():
                    raise _Close(messages.PROTOCOL_ERROR, "hello once")
                case Pong():
                    pass

    async def _command(self, command: Command) -> Ack:
        wait = self._wait()
        if wait > 0:
            return Ack(
                command.id, ok=False, error=fault(AppError("rate_limited", retry_after=wait))
            )
        return await run(self._deps, self._who, command)

    def _wait(self) -> float:
        """Seconds until the client may ask again; 0 when it may now. A flood ends the socket."""
        now = self._deps.clock()
        if self._patience.take("", now) > 0:
            raise _Close(messages.TOO_FAST, "too many requests")
        return self._rates.take("", now)

    async def _restart(self, topic: str, cursor: Cursor | None) -> None:
        if topic != "me":
            raise _Close(messages.FORBIDDEN, "topics: me")
        start = await self._begin(Sub(topic, cursor))
        for text in start.frames:
            self._listener.offer(Frame(text))
        self._listener.release(topic, start.seq)

    async def _write(self) -> None:
        while True:
            frames = await self._listener.take(self._batch)
            if not frames:
                raise _Close(messages.DRAINING, "this server stops; come back")
            await self._send(["\n".join(frame.text for frame in frames)])
            if self._listener.overflows >= MAX_OVERFLOWS:
                raise _Close(messages.SLOW, "reads too slowly")
            for topic in self._listener.lost_topics():
                await self._restart(topic, None)

    async def _send(self, texts: list[str]) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                for text in texts:
                    await self._socket.send(text)
        except TimeoutError:
            raise _Close(messages.SLOW, "reads too slowly") from None

    async def _keep_time(self) -> None:
        """Ping, and close when nothing comes back, the token ends or the node stops."""
        while True:
            left = self._who.expires_at - self._deps.clock()
            if left <= 0:
                raise _Close(messages.TOKEN_EXPIRED, "refresh the token and come back")
            await asyncio.sleep(min(PING_SECONDS, left))  # the heartbeat's own rhythm
            self._heard.clear()
            self._listener.offer(Frame(encode(Ping())))
            try:
                async with asyncio.timeout(PONG_SECONDS):
                    await self._heard.wait()
            except TimeoutError:
                raise _Close(messages.NO_HEARTBEAT, "no answer to ping") from None

    def _now(self) -> str:
        return rfc3339(utc(self._deps.clock())) or ""
