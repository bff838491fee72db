"""Where a client of the live channel is in each topic, and what each message means to it. Pure.

No event is handed on twice, and none is left out: what does not follow on the last one is asked for
again from there. Knows no socket; what events mean is for others.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from talking_client.messages import Ack, At, Event, Incoming, Ping, Resync, Snapshot, Welcome

MOST_KNOWN = 4000  # ids of events kept, for an event comes by every topic that shows it


class Position(msgspec.Struct, frozen=True):
    """The last event that was seen of a topic; void when the epoch has changed."""

    epoch: str
    seq: int


Sent: TypeAlias = dict[str, Any]


class Step(msgspec.Struct, frozen=True):
    """What follows from a message: what to send, and what to hand on."""

    send: tuple[Sent, ...] = ()
    give: Snapshot | Event | None = None


class Positions:
    """The topics of one client, over all the sockets that it has one after the other."""

    def __init__(self, topics: Mapping[str, Position | None]) -> None:
        self.places: dict[str, Position | None] = dict(topics)
        self._filtered: set[str] = set()
        self._asked: set[str] = set()
        self._pages: dict[str, dict[str, Any]] = {}
        self._known: dict[str, None] = {}

    def hello(self, token: str) -> Sent:
        """The first message on a new socket: go on from where this client is."""
        self._asked.clear()
        self._pages.clear()
        subs = [{"topic": topic, "cursor": _cursor(at)} for topic, at in self.places.items()]
        return {"op": "hello", "v": 1, "token": token.strip(), "subs": subs, "caps": ["batch"]}

    def take(self, message: Incoming) -> Step:
        """One message as it came."""
        match message:
            case Ping():
                return Step(send=({"op": "pong"},))
            case Welcome():
                self._filtered |= {one.topic for one in message.subs if one.filtered}
                return Step()
            case Snapshot():
                return self._snapshot(message)
            case Event():
                return self._event(message)
            case At():
                return self._at(message)
            case Ack() | Resync():
                return Step()

    def _snapshot(self, part: Snapshot) -> Step:
        """A long one comes in pages and is handed on whole."""
        if part.filtered:
            self._filtered.add(part.topic)
        known = {} if part.page == 1 else self._pages.get(part.topic, {})
        whole = {**known, **{name: _joined(known.get(name), of) for name, of in part.data.items()}}
        self._pages[part.topic] = whole
        if not part.last:
            return Step()
        del self._pages[part.topic]
        self._asked.discard(part.topic)
        self.places[part.topic] = Position(part.epoch, part.seq)
        return Step(give=msgspec.structs.replace(part, data=whole, page=1))

    def _event(self, event: Event) -> Step:
        if event.seq is not None and event.epoch is not None:
            at = self.places.get(event.topic)
            if at is None or at.epoch != event.epoch:
                return self._resume(event.topic)
            if event.seq <= at.seq:
                return Step()
            if event.seq > at.seq + 1 and event.topic not in self._filtered:
                return self._resume(event.topic)
            self._asked.discard(event.topic)
            self.places[event.topic] = Position(event.epoch, event.seq)
        name = str(event.id)
        if name in self._known:
            return Step()
        self._known[name] = None
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return Step(give=event)

    def _at(self, place: At) -> Step:
        """A quiet topic's place: more than ours is a gap, but where only a part is shown."""
        at = self.places.get(place.topic)
        if at is not None and at.epoch == place.epoch and place.seq <= at.seq:
            return Step()
        if place.topic in self._filtered and at is not None and at.epoch == place.epoch:
            self.places[place.topic] = Position(place.epoch, place.seq)
            return Step()
        return self._resume(place.topic)

    def _resume(self, topic: str) -> Step:
        """Asked once for each gap."""
        if topic in self._asked:
            return Step()
        self._asked.add(topic)
        cursor = _cursor(self.places.get(topic))
        return Step(send=({"op": "resume", "topic": topic, "cursor": cursor},))


def _cursor(at: Position | None) -> Sent | None:
    return None if at is None else {"epoch": at.epoch, "seq": at.seq}


def _joined(known: Any, more: Any) -> Any:
    """A member of a snapshot with what a further page has of it."""
    if isinstance(known, list) and isinstance(more, list):
        return [*known, *more]
    return {**known, **more} if isinstance(known, dict) and isinstance(more, dict) else more
