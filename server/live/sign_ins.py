"""What is open on this node in somebody's sign-in, so that none of it outlives a sign-out.

A session that its issuer says has ended is told to every node. A sign-out may be of one device or
of all, which nobody tells us: whatever the person has open in any session ends, and whoever is
still signed in comes back by a new token or ticket. Knows no sockets, tokens or rights.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import Protocol

from server.core.bus import Bus

ENDED = "session.ended"  # on the bus; the body is the user's id and the session's
REMEMBERED_SECONDS = 60.0  # longer than a ticket lasts that was asked for just before
_MOST_REMEMBERED = 10_000


class SignIns:
    """Ends of what is open, by user, and sessions that ended lately."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._open: dict[uuid.UUID, set[Callable[[], None]]] = defaultdict(set)
        self._ended: dict[str, float] = {}

    def hold(
        self, user_id: uuid.UUID, session_id: str | None, end: Callable[[], None]
    ) -> Callable[[], None]:
        """`end` is called when the user's sessions may be over, until the result is, which may be
        called twice; without a session (an API key's) never."""
        if session_id is None:
            return nothing
        self._open[user_id].add(end)
        return lambda: self._let_go(user_id, end)

    def _let_go(self, user_id: uuid.UUID, end: Callable[[], None]) -> None:
        held = self._open[user_id]
        held.discard(end)
        if not held:
            del self._open[user_id]

    def has_ended(self, session_id: str | None) -> bool:
        """Whether the session is known to have ended lately."""
        return session_id is not None and self._ended.get(session_id, 0.0) > self._clock()

    def end(self, user_id: uuid.UUID, session_id: str) -> bool:
        """End what the user has open here; False, and nothing, if that was done lately: a dead
        token shown again and again disturbs nobody."""
        now = self._clock()
        if self.has_ended(session_id):
            return False
        if len(self._ended) >= _MOST_REMEMBERED:
            self._ended = {key: until for key, until in self._ended.items() if until > now}
        if len(self._ended) < _MOST_REMEMBERED:
            self._ended[session_id] = now + REMEMBERED_SECONDS
        for end in list(self._open.get(user_id, ())):
            end()
        return True


def nothing() -> None:
    """The release of what is not held."""


class SignInDeps(Protocol):
    """What it takes to tell other nodes."""

    @property
    def bus(self) -> Bus: ...

    @property
    def sign_ins(self) -> SignIns: ...


def tell(deps: SignInDeps, user_id: uuid.UUID, session_id: str) -> None:
    """The session has ended: here and everywhere."""
    if deps.sign_ins.end(user_id, session_id):
        deps.bus.tell(ENDED, user_id.bytes + session_id.encode())


def follow(deps: SignInDeps) -> None:
    """Hear of it from other nodes."""

    def heard(body: bytes) -> None:
        deps.sign_ins.end(uuid.UUID(bytes=body[:16]), body[16:].decode())

    deps.bus.follow(ENDED, heard)
