"""One client's bounded queue, and the way past it. It never blocks whoever offers.

A client that reads too slowly first loses ephemeral events, then its queue, and every topic it
lost events of begins anew. What a topic begins with is sent by whoever empties the queue; meanwhile
the topic's events wait here, in order. Knows no sockets, no rows and no permissions.
"""

import asyncio
import contextlib
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable

import msgspec

from server.live.messages import Cursor

FLUSH_SECONDS = 0.03
FLUSH_FRAMES = 16


class Frame(msgspec.Struct, gc=False):
    """An encoded message; `key` marks ephemeral events of which only the newest matters; `at` is
    when its event happened; `wire` is what a socket made of it, for all others, too."""

    text: str
    topic: str = ""
    seq: int | None = None
    key: str | None = None
    at: float = 0.0
    wire: bytes | None = None


class Start(msgspec.Struct, frozen=True):
    """A topic is to begin (again), after its cursor; `lost`: because events of it were lost."""

    topic: str
    cursor: Cursor | None = None
    lost: bool = False


class Place:
    """Where a client is in a topic: live, or waiting for its beginning with what came since."""

    def __init__(self, address: str, user_id: uuid.UUID | None) -> None:
        self.address = address
        self.user_id = user_id
        self.passing = True
        self.quiet = True
        self.epoch = ""
        self.start_seq = 0  # all up to here was sent with the beginning
        self.is_live = False
        self.held: list[Frame] | None = None


class Listener:
    """One client's queue, its topics, and which of them are to begin."""

    def __init__(
        self, user_id: uuid.UUID, max_frames: int, max_bytes: int, *, is_admin: bool = False
    ) -> None:
        self.user_id = user_id
        self.is_admin = is_admin
        self.topics: dict[str, Place] = {}
        self.overflows = 0
        self.closed = False
        self.close_code: int | None = None
        self.bytes = 0
        self.sink: Callable[[Frame], bool] | None = None
        """Takes a frame at once, without the queue, when nothing is before it; or refuses it."""
        self._is_waiting = False  # whoever empties the queue has nothing to do
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._frames: deque[Frame] = deque()
        self._passing: OrderedDict[str, Frame] = OrderedDict()
        self._starts: dict[str, Start] = {}
        self._ready = asyncio.Event()
        self._hurry = asyncio.Event()
        self._flushed = 0.0

    def follow(self, topic: str, address: str, user_id: uuid.UUID | None) -> None:
        """The topic is offered from now on; until its beginning is asked for, that counts not."""
        self.topics[topic] = Place(address, user_id)

    def forget(self, topic: str) -> None:
        """Drop the topic and what waits of it."""
        del self.topics[topic]
        self._starts.pop(topic, None)
        self._drop(topic)

    def start(self, start: Start) -> None:
        """Have a topic begin; asked for twice before it happens, the last counts."""
        self._starts[start.topic] = start
        self._has_more()
        self._hurry.set()

    def starts(self) -> list[Start]:
        """The topics that are to begin; each is handed out once."""
        found = list(self._starts.values())
        self._starts.clear()
        return found

    def hold(self, topic: str) -> Place | None:
        """Its beginning is about to be read: keep what comes back until `release`. None: the client
        no longer wants it."""
        place = self.topics.get(topic)
        if place is not None:
            place.is_live, place.held = False, []
            self._drop(topic)
        return place

    def release(self, topic: str, place: Place, epoch: str, after: int) -> None:
        """The topic's state as of `after` was sent; pass on what came later."""
        if self.topics.get(topic) is not place:
            return
        held, place.held = place.held or [], None
        place.is_live, place.epoch, place.start_seq, place.quiet = True, epoch, after, True
        for frame in held:
            self.offer(frame)

    def offer(self, frame: Frame) -> None:
        """Queue a frame; never blocks."""
        if frame.topic and not self._wants(frame):
            return
        if self._is_waiting and self.sink is not None and self.sink(frame):
            return
        if frame.key is not None:
            key = f"{frame.topic}/{frame.key}"
            before = self._passing.pop(key, None)
            self._passing[key] = frame
            self.bytes += len(frame.text) - (len(before.text) if before else 0)
        else:
            self._frames.append(frame)
            self.bytes += len(frame.text)
        if len(self._frames) > self._max_frames or self.bytes > self._max_bytes:
            self._overflow()
        self._has_more()
        if not frame.topic or len(self._frames) >= FLUSH_FRAMES:
            self._hurry.set()

    def _wants(self, frame: Frame) -> bool:
        place = self.topics.get(frame.topic)
        if place is None or (frame.key is not None and not place.passing):
            return False
        if place.held is not None:
            place.held.append(frame)
            return False
        if not place.is_live or (frame.seq is not None and frame.seq <= place.start_seq):
            return False
        place.quiet = False
        return True

    def _drop(self, topic: str) -> None:
        if self._frames:
            self._frames = deque(frame for frame in self._frames if frame.topic != topic)
        for key in [key for key, frame in self._passing.items() if frame.topic == topic]:
            del self._passing[key]
        self._weigh()

    def _weigh(self) -> None:
        queued = sum(len(frame.text) for frame in self._frames)
        self.bytes = queued + sum(len(frame.text) for frame in self._passing.values())

    def _overflow(self) -> None:
        self._passing.clear()
        self._weigh()
        if len(self._frames) <= self._max_frames and self.bytes <= self._max_bytes:
            return
        lost = dict.fromkeys(frame.topic for frame in self._frames if frame.topic)
        self._frames = deque(frame for frame in self._frames if not frame.topic)
        self.overflows += bool(lost)
        for topic in lost:
            self.topics[topic].is_live = False
            self.start(Start(topic, lost=True))
        self._weigh()

    def close(self, code: int | None = None) -> None:
        """No more frames; wakes whoever waits. `code`: why, where it is not that the node stops."""
        self.closed, self.close_code = True, code
        self._has_more()
        self._hurry.set()

    def _has_more(self) -> None:
        self._is_waiting = False
        self._ready.set()

    async def take(self, limit: int = FLUSH_FRAMES) -> list[Frame]:
        """Up to `limit` frames in order, waiting for the first; empty when a topic is to begin or
        once closed. With a limit over 1 they are gathered for a moment if some just went."""
        while not (self._frames or self._passing or self._starts):
            if self.closed:
                return []
            self._ready.clear()
            self._is_waiting = True
            try:
                await self._ready.wait()
            finally:
                self._is_waiting = False
        loop = asyncio.get_running_loop()
        pause = self._flushed + FLUSH_SECONDS - loop.time()
        if limit > 1 and pause > 0 and not self._hurry.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._hurry.wait()
        self._flushed = loop.time()
        self._hurry.clear()
        return self._taken(limit)

    def _taken(self, limit: int) -> list[Frame]:
        taken: list[Frame] = []
        while self._frames and len(taken) < limit:
            taken.append(self._frames.popleft())
        while self._passing and len(taken) < limit:
            taken.append(self._passing.popitem(last=False)[1])
        self.bytes -= sum(len(frame.text) for frame in taken)
        return taken
