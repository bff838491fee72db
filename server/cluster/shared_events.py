"""What nodes tell each other of events: that some were committed, and those that pass.

A commit is a hint for other nodes' relays to look at once. Passing events go only to nodes where
somebody sees their user's; each node says what is watched there, again every few seconds, and calls
are measured for loudness where they run. Losing any of it costs freshness. Knows no event by name.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Callable

import msgspec

from server.cluster.deps import ClusterDeps
from server.live.messages import Event

COMMITTED = "events.committed"
WATCHED = "events.watched"
PASSING = "events.passing"
EVERYBODY = "*"
COMMITTED_SECONDS = 0.02  # between two hints of one node
GATHER_SECONDS = 0.02  # of what is watched
REFRESH_SECONDS = 2.0
MOST_NAMED = 1000  # users; where more are watched, everybody is
MOST_REMEMBERED = 20_000

_decode_event = msgspec.json.Decoder(Event).decode


class Watched(msgspec.Struct, frozen=True):
    """What is watched at a node: events of users (None: of everybody), and of which calls all that
    passes."""

    node: str
    users: frozenset[uuid.UUID] | None
    calls: tuple[uuid.UUID, ...]


_decode_watched = msgspec.json.Decoder(Watched).decode


class SharedEvents:
    """This node's part, the hub's `Outlet`."""

    def __init__(self, deps: ClusterDeps) -> None:
        self._deps = deps
        self._elsewhere: dict[str, tuple[float, Watched]] = {}  # by node: until when it counts
        self._pause: asyncio.TimerHandle | None = None  # before the next hint
        self._has_more = False
        self._newest: dict[str, str] = {}  # time of the last passing event of each key
        self._following: dict[str, Callable[[], None]] = {}

    async def run(self) -> None:
        """For ever: follow what is watched here, and tell it when it changes and every now and
        then."""
        deps, changed = self._deps, self._deps.hub.watch_changed
        stops = [
            deps.bus.follow(COMMITTED, self._take_hint),
            deps.bus.follow(WATCHED, self._take_watched),
        ]
        deps.hub.outlet = self
        told = False
        try:
            while True:
                changed.clear()
                watched = self._watched()
                self._want_levels(watched)
                self._follow(watched)
                is_any = watched.users is None or bool(watched.users)
                if is_any or told:
                    deps.bus.tell(WATCHED, msgspec.json.encode(watched))
                told = is_any
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(REFRESH_SECONDS):
                        await changed.wait()
                    await asyncio.sleep(GATHER_SECONDS)  # many come at once after a restart
        finally:
            deps.hub.outlet = None
            for stop in (*stops, *self._following.values()):
                stop()
            self._following.clear()

    def _watched(self) -> Watched:
        users = self._deps.hub.watched_users()
        named = None if users is None or len(users) > MOST_NAMED else frozenset(users)
        return Watched(self._deps.node, named, tuple(self._deps.hub.watched_calls()))

    def _follow(self, watched: Watched) -> None:
        wanted = {EVERYBODY} if watched.users is None else {str(user) for user in watched.users}
        for user in wanted - self._following.keys():
            subject = f"{PASSING}.{user}"
            self._following[user] = self._deps.bus.follow(subject, self._take_passing)
        for user in self._following.keys() - wanted:
            self._following.pop(user)()

    # What this node's hub has for others

    def committed(self) -> None:
        """As `Outlet` says; the first hint goes at once, others wait for each other."""
        if self._pause is not None:
            self._has_more = True
            return
        self._deps.bus.tell(COMMITTED, b"")
        self._pause = asyncio.get_running_loop().call_later(COMMITTED_SECONDS, self._go_on)

    def _go_on(self) -> None:
        self._pause = None
        if self._has_more:
            self._has_more = False
            self.committed()

    def is_watched(self, user_id: uuid.UUID) -> bool:
        """As `Outlet` says."""
        now = self._deps.clock()
        return any(
            now < until and (watched.users is None or user_id in watched.users)
            for until, watched in self._elsewhere.values()
        )

    def pass_on(self, user_id: uuid.UUID, text: str) -> None:
        """As `Outlet` says."""
        self._deps.bus.tell(f"{PASSING}.{user_id}", text.encode())

    # What others have for this node's

    def _take_hint(self, _: bytes) -> None:
        if self._deps.hub.is_watched():
            self._deps.hub.has_new_events.set()

    def _take_watched(self, body: bytes) -> None:
        watched = _decode_watched(body)
        self._elsewhere[watched.node] = (self._deps.clock() + 3 * REFRESH_SECONDS, watched)
        self._want_levels(watched)

    def _want_levels(self, watched: Watched) -> None:
        for call_id in watched.calls:
            live = self._deps.live.get(call_id)
            if live is not None:
                live.runner.operators.want_levels()

    def _take_passing(self, body: bytes) -> None:
        event = _decode_event(body)
        key = f"{event.subject}/{event.eph}"
        if event.ts < self._newest.get(key, ""):
            return
        if len(self._newest) >= MOST_REMEMBERED:
            self._newest.clear()
        self._newest[key] = event.ts
        self._deps.hub.publish_passed_on(event)
