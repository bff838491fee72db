"""The hub: who listens to which topic on this node, and in which order events reach them.

An event is encoded once per topic however many listen, and nobody waits for anybody. Durable
events of one user come out in the order of their numbers whatever order they are published in;
passing ones are kept to ten a second for each thing. Knows no sockets, no queries and no rights.
"""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain
from typing import Protocol

import msgspec

from db.cluster.event_streams import EventRow
from server.live.listener import Frame, Listener
from server.live.messages import Event, encode
from server.live.wire import event_out

PASSING_SECONDS = 0.1  # between two ephemeral events of one key
ALL = "all"
FLEET = "fleet"
_HEAD = '{"op":"event","topic":'
_CALL = "call:"
_FILTERS = (_CALL, "conv:")


class _Lane:
    """One user's durable events on this node. Before `last` is known all of them wait."""

    def __init__(self) -> None:
        self.watchers = 0
        self.epoch = ""
        self.last: int | None = None
        self.waiting: dict[int, Event] = {}

    def begin(self, epoch: str, seq: int) -> list[Event]:
        """The stream stands at `seq`; what comes out now."""
        if self.last is None or epoch != self.epoch:
            self.epoch, self.last = epoch, seq
        return self._run()

    def take(self, event: Event, *, sure: bool) -> list[Event]:
        """What comes out; `sure`: nothing that is still missing before this event will come."""
        seq = event.seq or 0
        if self.last is not None and seq <= self.last:
            return []
        self.waiting[seq] = event
        out = self._run()
        if sure and self.last is not None:
            for early in sorted(number for number in self.waiting if number <= seq):
                out.append(self.waiting.pop(early))
                self.last = early
        return out

    def _run(self) -> list[Event]:
        if self.last is None:
            return []
        out = []
        while (event := self.waiting.pop(self.last + 1, None)) is not None:
            out.append(event)
            self.last += 1
        if self.waiting:
            self.waiting = {seq: event for seq, event in self.waiting.items() if seq > self.last}
        return out


class Outlet(Protocol):
    """The way to the listeners of other nodes."""

    def committed(self) -> None:
        """Events were committed here just now."""

    def is_watched(self, user_id: uuid.UUID) -> bool:
        """Whether anybody elsewhere sees this user's events."""

    def pass_on(self, user_id: uuid.UUID, text: str) -> None:
        """Take an ephemeral event, encoded, to them."""


class Hub:
    """All listeners of this node, by address: "user:<id>", "call:<id>", "conv:<id>", all, fleet.
    At one address a topic may have several names: "user:<id>" is "me" to its own user."""

    def __init__(self) -> None:
        self.has_new_events = asyncio.Event()  # somebody here waits for events to be numbered
        self.watch_changed = asyncio.Event()  # what is watched here is not what it was
        self.outlet: Outlet | None = None
        self.on_committed: list[Callable[[Sequence[EventRow]], None]] = []
        self._listeners: dict[uuid.UUID, set[Listener]] = defaultdict(set)
        self._topics: dict[str, dict[str, set[Listener]]] = {}
        self._lanes: dict[uuid.UUID, _Lane] = {}
        self._paces: dict[str, Event | None] = {}  # its next event, which waits
        self._place: tuple[str, int] | None = None  # in everybody's numbering

    def join(self, listener: Listener) -> None:
        """A client is there; it listens to nothing yet."""
        self._listeners[listener.user_id].add(listener)
        self.has_new_events.set()

    def leave(self, listener: Listener) -> None:
        """The client is gone; safe to call twice."""
        for topic in list(listener.topics):
            self.remove(listener, topic)
        mine = self._listeners[listener.user_id]
        mine.discard(listener)
        if not mine:
            del self._listeners[listener.user_id]

    def add(self, listener: Listener, topic: str, address: str, user_id: uuid.UUID | None) -> None:
        """Offer the topic's events from now on; `user_id` is whose stream it is part of."""
        if topic in listener.topics:
            return
        listener.follow(topic, address, user_id)
        self._topics.setdefault(address, {}).setdefault(topic, set()).add(listener)
        self.watch_changed.set()
        if user_id is not None:
            self._lanes.setdefault(user_id, _Lane()).watchers += 1

    def remove(self, listener: Listener, topic: str) -> None:
        """Offer them no more."""
        place = listener.topics.get(topic)
        if place is None:
            return
        listener.forget(topic)
        self.watch_changed.set()
        names = self._topics[place.address]
        names[topic].discard(listener)
        if not names[topic]:
            del names[topic]
        if not names:
            del self._topics[place.address]
        if place.user_id is not None:
            lane = self._lanes[place.user_id]
            lane.watchers -= 1
            if not lane.watchers:
                del self._lanes[place.user_id]

    def close(self) -> None:
        """Wake and end every listener: the node stops."""
        for listener in self.listeners():
            listener.close()

    def end(self, user_id: uuid.UUID, code: int) -> None:
        """End all of a user's listeners for good, after what waits for them."""
        for listener in list(self._listeners.get(user_id, ())):
            listener.close(code)

    def listeners(self) -> list[Listener]:
        """Everybody who is there."""
        return [listener for mine in self._listeners.values() for listener in mine]

    def is_watched(self) -> bool:
        """Whether anybody is there."""
        return bool(self._listeners)

    def is_followed(self, user_id: uuid.UUID) -> bool:
        """Whether anybody sees this user's durable events soon, here or elsewhere."""
        is_here = user_id in self._lanes or ALL in self._topics
        return is_here or (self.outlet is not None and self.outlet.is_watched(user_id))

    def watched_users(self) -> list[uuid.UUID] | None:
        """Whose events somebody here sees; None: everybody's."""
        return None if ALL in self._topics else list(self._lanes)

    def watched_calls(self) -> list[uuid.UUID]:
        """Calls of which somebody here sees passing events, too."""
        return [
            uuid.UUID(address.removeprefix(_CALL))
            for address, names in self._topics.items()
            if address.startswith(_CALL)
            and any(each.topics[name].passing for name, all_ in names.items() for each in all_)
        ]

    def count(self, user_id: uuid.UUID) -> int:
        """How many clients a user has here."""
        return len(self._listeners.get(user_id, ()))

    def began(self, user_id: uuid.UUID, epoch: str, seq: int) -> None:
        """A reader found the user's stream at `seq`; what comes later can be put in order."""
        lane = self._lanes.get(user_id)
        for event in lane.begin(epoch, seq) if lane else ():
            self._deliver(event)

    def delivered_position(self, listener: Listener, topic: str) -> tuple[str, int] | None:
        """Up to where all of the topic's events were offered; None while that is not known."""
        place = listener.topics[topic]
        if not place.is_live or place.address == FLEET:
            return None
        if place.address == ALL:
            known = self._place
        else:
            lane = self._lanes[place.user_id] if place.user_id else None
            known = None if lane is None or lane.last is None else (lane.epoch, lane.last)
        if known is None or known[1] < place.start_seq:
            return place.epoch, place.start_seq
        return known

    def publish(self, event: Event, *, sure: bool = False) -> None:
        """Offer a user's durable event; `sure`: it comes from rows, in order, none left out."""
        lane = self._lanes.get(event.user_id) if event.user_id else None
        for each in lane.take(event, sure=sure) if lane else ():
            self._deliver(each)

    def publish_committed(self, rows: Sequence[EventRow]) -> None:
        """Offer events that this node has committed just now. They are numbered soon if somebody
        here watches everybody's, or waits for an earlier one that another node has committed."""
        for see in self.on_committed:
            see(rows)
        for row in rows:
            self.publish(event_out(row))
        lanes = (self._lanes.get(row.user_id) for row in rows)
        if ALL in self._topics or any(lane is not None and lane.waiting for lane in lanes):
            self.has_new_events.set()
        if self.outlet is not None:
            self.outlet.committed()

    def publish_numbered(self, event: Event) -> None:
        """Offer an event as one of everybody's; they come in the order of that numbering."""
        self._place = (event.epoch or "", event.seq or 0)
        self._offer(event, ALL)

    def publish_ephemeral(self, event: Event) -> None:
        """Offer an ephemeral event; of a key only the newest counts, ten times a second at most."""
        key = f"{event.subject}/{event.eph}"
        if key in self._paces:
            self._paces[key] = event
            return
        self._paces[key] = None
        asyncio.get_running_loop().call_later(PASSING_SECONDS, self._paced, key)
        text = self._deliver(event)
        outlet, user_id = self.outlet, event.user_id
        if outlet is not None and user_id is not None and outlet.is_watched(user_id):
            outlet.pass_on(user_id, text or encode(event))

    def publish_passed_on(self, event: Event) -> None:
        """Offer an ephemeral event of another node, which has kept to the pace."""
        self._deliver(event)

    def _paced(self, key: str) -> None:
        event = self._paces.pop(key)
        if event is not None:
            self.publish_ephemeral(event)

    def _deliver(self, event: Event) -> str:
        if event.user_id is None:
            return self._offer(event, FLEET)
        addresses = [f"user:{event.user_id}"]
        if event.subject.startswith(_FILTERS):
            addresses.append(event.subject)
        if event.seq is None:
            addresses.append(ALL)
        return self._offer(event, *addresses)

    def _offer(self, event: Event, *addresses: str) -> str:
        """The encoded event; "" if nobody here listens."""
        names = [self._topics[address] for address in addresses if address in self._topics]
        if not names:
            return ""
        text = encode(event)
        tail = text[len(_HEAD) + len(event.topic) + 2 :]
        key = None if event.eph is None else f"{event.subject}/{event.eph}"
        at = datetime.fromisoformat(event.ts).timestamp() if event.ts else 0.0
        for topic, listeners in chain.from_iterable(each.items() for each in names):
            frame = Frame(f'{_HEAD}"{topic}"{tail}', topic, event.seq, key, at)
            for listener in tuple(listeners):
                listener.offer(frame)
        return text


def renamed(event: Event, topic: str, epoch: str, seq: int) -> Event:
    """The event as part of another topic, with its place there."""
    return msgspec.structs.replace(event, topic=topic, epoch=epoch, seq=seq)
