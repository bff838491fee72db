"""The bus over NATS: a core connection without persistence, as `server.core.bus` describes it.

Whatever is late is worthless: nothing is sent while the server is away, every message carries its
time and is dropped when it is too old, and all that waits is bounded. An outage is logged once.
Knows no message by name; what a handler raises ends nothing.
"""

import asyncio
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import quote

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import SlowConsumerError, StaleConnectionError

from db.core.failures import loggable
from server.core.bus import ANSWER_SECONDS, Answerer, Follower

log = structlog.get_logger(__name__)

MOST_AGE_SECONDS = 5.0  # nodes' clocks may differ by less than this
MOST_WAITING = 2000  # messages, each way
MOST_WAITING_BYTES = 8 * 1024 * 1024  # of one subject, on their way in
MOST_ANSWERING = 100
RECONNECT_SECONDS = 0.2
PING_SECONDS = 2.0  # a server that is silent for twice this is away
CONNECT_SECONDS = 2
TOLD_SECONDS = 10.0  # between two log lines about the same trouble

_TIME = struct.Struct(">d")
_FAILURES = (NatsError, OSError, TimeoutError)


class NatsBus:
    """This node's connection to the server at `url`; `clock` is epoch seconds."""

    def __init__(self, url: str, node: str, clock: Callable[[], float]) -> None:
        self._url = url
        self._node = node
        self._clock = clock
        self._client: Client | None = None
        self._is_away = False
        self._answerers: dict[str, Answerer] = {}
        self._answering = 0
        self._followers: dict[str, list[Follower]] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._outbox: deque[tuple[str, bytes]] = deque(maxlen=MOST_WAITING)
        self._has_work = asyncio.Event()
        self._told: dict[str, float] = {}

    @property
    def is_connected(self) -> bool:
        """As `Bus` says."""
        return self._client is not None and self._client.is_connected

    async def request(
        self, node: str, name: str, body: bytes, *, seconds: float = ANSWER_SECONDS
    ) -> bytes | None:
        """As `Bus` says."""
        client = self._client
        if client is None or not client.is_connected:
            return None
        try:
            reply = await client.request(
                _ask_subject(node, name), self._dated(body), timeout=seconds
            )
        except _FAILURES:
            return None
        return reply.data

    def answer(self, name: str, handler: Answerer) -> None:
        """As `Bus` says."""
        self._answerers[name] = handler

    def tell(self, subject: str, body: bytes) -> None:
        """As `Bus` says; of too much that waits to be sent the oldest goes."""
        if self.is_connected:
            self._outbox.append((_tell_subject(subject), self._dated(body)))
            self._has_work.set()

    def follow(self, subject: str, handler: Follower) -> Callable[[], None]:
        """As `Bus` says."""
        self._followers.setdefault(subject, []).append(handler)
        self._has_work.set()
        return partial(self._stop, subject, handler)

    def _stop(self, subject: str, handler: Follower) -> None:
        followers = self._followers.get(subject, [])
        if handler in followers:
            followers.remove(handler)
        if not followers and self._followers.pop(subject, None) is not None:
            self._has_work.set()

    async def run(self) -> None:
        """As `Bus` says. The client reconnects by itself; one that gives up is replaced."""
        while True:
            try:
                await self._serve()
            except* _FAILURES as group:
                await self._failed(group.exceptions[0])
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _serve(self) -> None:
        client = Client()
        try:
            await client.connect(
                self._url, name=self._node, no_echo=True, pending_size=0,
                connect_timeout=CONNECT_SECONDS, reconnect_time_wait=RECONNECT_SECONDS,  # type: ignore[arg-type]
                max_reconnect_attempts=-1, ping_interval=PING_SECONDS, max_outstanding_pings=1,  # type: ignore[arg-type]
                error_cb=self._failed, disconnected_cb=self._lost, closed_cb=self._lost,
                reconnected_cb=self._connected,
            )  # fmt: skip
            self._client = client
            async with asyncio.TaskGroup() as tasks:
                for name in self._answerers:
                    asked = partial(self._take_request, tasks, name)
                    await _subscribe(client, _ask_subject(self._node, name), asked)
                await self._connected()
                while not client.is_closed:
                    self._has_work.clear()
                    if client.is_connected:
                        await self._work(client)
                    await self._has_work.wait()
                raise ConnectionError("the client gave up")
        finally:
            self._client, self._is_away = None, True  # whatever comes of closing is no news
            self._subscriptions.clear()
            self._outbox.clear()
            await client.close()

    async def _work(self, client: Client) -> None:
        """Follow what is wanted now, and send what waits."""
        for subject in self._followers.keys() - self._subscriptions.keys():
            follows = partial(self._take, subject)
            self._subscriptions[subject] = await _subscribe(client, _tell_subject(subject), follows)
        for subject in self._subscriptions.keys() - self._followers.keys():
            await self._subscriptions.pop(subject).unsubscribe()
        while self._outbox and client.is_connected:
            await client.publish(*self._outbox.popleft())

    # What comes in

    async def _take(self, subject: str, message: Msg) -> None:
        body = self._fresh(message.data)
        if body is None:
            return
        for handler in tuple(self._followers.get(subject, ())):
            try:
                handler(body)
            except Exception as error:
                kind = type(error).__name__
                log.error("bus_handler_failed", error=kind, exc_info=loggable(error))

    async def _take_request(self, tasks: asyncio.TaskGroup, name: str, message: Msg) -> None:
        body = self._fresh(message.data)
        if body is None:
            return
        if self._answering >= MOST_ANSWERING:
            self._tell_log("bus_busy")
            return
        self._answering += 1
        tasks.create_task(self._answer(name, body, message), name=f"answer-{name}")

    async def _answer(self, name: str, body: bytes, message: Msg) -> None:
        try:
            await message.respond(await self._answerers[name](body))
        except _FAILURES as error:
            log.warning("bus_unanswered", name=name, error=type(error).__name__)
        except Exception as error:
            kind = type(error).__name__
            log.error("bus_handler_failed", name=name, error=kind, exc_info=loggable(error))
        finally:
            self._answering -= 1

    def _dated(self, body: bytes) -> bytes:
        return _TIME.pack(self._clock()) + body

    def _fresh(self, dated: bytes) -> bytes | None:
        """The message, None if it is too old to mean anything."""
        if len(dated) < _TIME.size:
            return None
        (at,) = _TIME.unpack_from(dated)
        if self._clock() - at > MOST_AGE_SECONDS:
            self._tell_log("bus_message_too_old")
            return None
        return dated[_TIME.size :]

    # What becomes of the connection

    async def _failed(self, error: Exception) -> None:
        if isinstance(error, SlowConsumerError):
            self._tell_log("bus_slow_consumer")
        elif self.is_connected and not isinstance(error, OSError | StaleConnectionError):
            self._tell_log("bus_error", error=type(error).__name__)
        else:
            await self._lost(type(error).__name__)

    async def _lost(self, error: str = "") -> None:
        self._outbox.clear()
        self._has_work.set()
        if not self._is_away:
            self._is_away = True
            log.error("bus_away", error=error)

    async def _connected(self) -> None:
        self._is_away = False
        self._has_work.set()
        log.info("bus_connected")

    def _tell_log(self, event: str, **fields: str) -> None:
        """Log trouble that may come a thousand times a second."""
        now = self._clock()
        if now - self._told.get(event, 0.0) > TOLD_SECONDS:
            self._told[event] = now
            log.warning(event, **fields)


async def _subscribe(
    client: Client, subject: str, callback: Callable[[Msg], Awaitable[None]]
) -> Subscription:
    return await client.subscribe(
        subject,
        cb=callback,
        pending_msgs_limit=MOST_WAITING,
        pending_bytes_limit=MOST_WAITING_BYTES,
    )


def _tell_subject(subject: str) -> str:
    return f"talking.tell.{subject}"


def _ask_subject(node: str, name: str) -> str:
    """A node's name may hold what means something in a subject."""
    return f"talking.ask.{quote(node, safe='').replace('.', '%2E')}.{name}"
