"""The hub: who listens to which topic on this node, and the bounded queue of each listener.

An event is encoded once and offered to every listener; nobody waits for anybody. A listener
that reads too slowly first loses passing events, then its queue, and is told to resync. Knows
no sockets, no rows and no permissions.
"""

import asyncio
from collections import OrderedDict, deque

import msgspec

from server.dashboard.messages import Event, Resync, encode


class Frame(msgspec.Struct, frozen=True, gc=False):
    """An encoded message; `key` marks a passing event of which only the newest matters."""

    text: str
    topic: str = ""
    seq: int | None = None
    key: str | None = None


class Listener:
    """One client's queue. While `held` (its snapshot is being read) events wait in order."""

    def __init__(self, topics: set[str], max_frames: int, max_bytes: int) -> None:
        self.topics = topics
        self.overflows = 0
        self.closed = False
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._frames: deque[Frame] = deque()
        self._passing: OrderedDict[str, Frame] = OrderedDict()
        self._bytes = 0
        self._held: dict[str, list[Frame]] = {}
        self._ready = asyncio.Event()

    def hold(self, topic: str) -> None:
        """Keep this topic's events back until `release`."""
        self._held.setdefault(topic, [])

    def release(self, topic: str, after: int) -> None:
        """The topic's state as of `after` is sent; pass on what came later."""
        for frame in self._held.pop(topic, []):
            if frame.seq is None or frame.seq > after:
                self.offer(frame)

    def offer(self, frame: Frame) -> None:
        """Queue a frame; never blocks."""
        held = self._held.get(frame.topic)
        if held is not None:
            held.append(frame)
            return
        if frame.key is not None:
            self._passing[frame.key] = frame
            self._passing.move_to_end(frame.key)
        else:
            self._frames.append(frame)
            self._bytes += len(frame.text)
        if len(self._frames) > self._max_frames or self._bytes > self._max_bytes:
            self._overflow()
        self._ready.set()

    def _overflow(self) -> None:
        lost = {frame.topic for frame in self._frames if frame.topic}
        self._frames = deque(frame for frame in self._frames if not frame.topic)
        self._passing.clear()
        self._bytes = sum(len(frame.text) for frame in self._frames)
        self.overflows += 1
        for topic in lost:
            self.hold(topic)
            self._frames.append(Frame(encode(Resync(topic))))

    def lost_topics(self) -> list[str]:
        """Topics that wait for a new snapshot."""
        return list(self._held)

    def close(self) -> None:
        """No more frames; wakes whoever waits."""
        self.closed = True
        self._ready.set()

    async def take(self, limit: int = 16) -> list[Frame]:
        """Up to `limit` frames in order, waiting for the first; empty once closed."""
        while not self._frames and not self._passing:
            if self.closed:
                return []
            self._ready.clear()
            await self._ready.wait()
        taken: list[Frame] = []
        while self._frames and len(taken) < limit:
            frame = self._frames.popleft()
            self._bytes -= len(frame.text)
            taken.append(frame)
        while self._passing and len(taken) < limit:
            taken.append(self._passing.popitem(last=False)[1])
        return taken


class Hub:
    """All listeners of this node by topic."""

    def __init__(self) -> None:
        self._topics: dict[str, set[Listener]] = {}

    def add(self, listener: Listener) -> None:
        """Start offering the listener's topics."""
        for topic in listener.topics:
            self._topics.setdefault(topic, set()).add(listener)

    def remove(self, listener: Listener) -> None:
        """Stop offering; safe to call twice."""
        for topic in listener.topics:
            listeners = self._topics.get(topic, set())
            listeners.discard(listener)
            if not listeners:
                self._topics.pop(topic, None)

    def close(self) -> None:
        """Wake and end every listener: the node stops."""
        for listener in {each for listeners in self._topics.values() for each in listeners}:
            listener.close()

    def count(self, topic: str) -> int:
        """How many listen to a topic."""
        return len(self._topics.get(topic, ()))

    def publish(self, event: Event, address: str) -> None:
        """Offer an event to everybody at `address` (the topic's full name, say "user:<id>")."""
        listeners = self._topics.get(address)
        if not listeners:
            return
        key = None if event.eph is None else f"{event.subject}/{event.eph}"
        frame = Frame(encode(event), event.topic, event.seq, key)
        for listener in tuple(listeners):
            listener.offer(frame)
