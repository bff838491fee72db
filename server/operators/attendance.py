"""One listener's way to a call's sound, wherever the call runs, and after it when it moves.

Where the call runs here this is a plain call into its runner. Elsewhere sound comes over the bus,
and while nobody knows who runs the call nothing is heard. Knows no sockets.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Callable

import msgspec

from db import calls
from db.accounts.tokens import AudioRight
from db.core.failures import DATABASE_ERRORS, is_away
from media.audio.audio_fanout import AudioListener
from server.calls.actions import TERMINAL
from server.calls.deps import CallDeps
from server.calls.registry import LiveCall
from server.core.bus import NoBus
from server.operators.remote_listeners import (
    CLEARED,
    ELSEWHERE,
    ENDED,
    IN,
    JOIN,
    JOINED,
    KEEP_SECONDS,
    OUT,
    SOUND,
    Join,
    in_subject,
    out_subject,
    refused,
)

AGAIN_SECONDS = 0.2  # while nobody is known to run the call
FIND_SECONDS = 5.0  # to begin with
OVER, RELEASED, MOVED = "over", "released", "moved"
MOST_GAP = 1000  # frames; more is no loss but another numbering


class Attendance:
    """`listener` gets the sound, whoever takes it from there; `wake` says that there is some."""

    def __init__(self, deps: CallDeps, right: AudioRight, wake: Callable[[], None]) -> None:
        self._deps = deps
        self._right = right
        self._wake = wake
        self._name = uuid.uuid4().hex
        self.listener = AudioListener(
            self._woke, self._name[:12], talk=right.takeover is not None, whose=right.user_id
        )
        self._local: LiveCall | None = None
        self._owner: str | None = None  # who passes sound on to us
        self._changed = asyncio.Event()
        self._stop: Callable[[], None] | None = None
        self._last = (0, 0)  # epoch and number of what came last
        self._said = 0

    async def begin(self) -> str:
        """Join the call: "joined", or why not ("elsewhere" if nobody answers for it)."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + FIND_SECONDS
        found = await self._attach()
        while found == ELSEWHERE and loop.time() < give_up:
            await asyncio.sleep(AGAIN_SECONDS)  # its next owner is the database's matter
            found = await self._attach()
        return found

    async def run(self) -> None:
        """Stay with the call, until cancelled."""
        is_joined = True
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KEEP_SECONDS if is_joined else AGAIN_SECONDS):
                    await self._changed.wait()
            self._changed.clear()
            found = await self._attach()
            is_joined = found == JOINED
            if found not in {JOINED, ELSEWHERE}:
                self.listener.end(OVER if found == OVER else RELEASED)

    def talk(self, mulaw: bytes) -> None:
        """An operator's sound."""
        if self._local is not None:
            self._local.runner.operators.talk(self.listener, mulaw)
        else:
            self._tell(mulaw)

    def leave(self) -> None:
        """Hear no more."""
        if self._local is not None:
            self._local.runner.operators.unlisten(self.listener)
        if self._stop is not None:
            self._tell(b"")
            self._stop()

    async def _attach(self) -> str:
        live = self._deps.live.get(self._right.call_id)
        if live is not None:
            return self._attach_here(live)
        self._local = None
        if isinstance(self._deps.bus, NoBus):
            return OVER
        found = ELSEWHERE if self._owner is None else await self._ask(self._owner)
        if found == ELSEWHERE:
            self._owner = None
            owner = await self._find_owner()
            if owner == OVER:
                return OVER
            if owner:
                found = await self._ask(owner)
                self._owner = owner if found == JOINED else None
        return found

    def _attach_here(self, live: LiveCall) -> str:
        if self._local is live:
            return JOINED
        why = refused(live, self._right.takeover)
        if why is None:
            self._local, self._owner = live, None
            live.runner.operators.listen(self.listener)
        return why or JOINED

    async def _find_owner(self) -> str:
        """The node that runs the call, "" if none is known, "over" if it is."""
        try:
            async with self._deps.pools.as_service() as connection:
                row = await calls.get_any(connection, self._right.call_id)
        except DATABASE_ERRORS as error:
            if not is_away(error):
                raise
            return ""
        if row is None or row.status in TERMINAL:
            return OVER
        return "" if row.owner_node in {None, self._deps.node} else str(row.owner_node)

    async def _ask(self, node: str) -> str:
        if self._stop is None:
            self._stop = self._deps.bus.follow(out_subject(self._name), self._take)
        right = self._right
        join = Join(self._name, right.call_id, right.takeover, right.user_id)
        reply = await self._deps.bus.request(node, JOIN, msgspec.json.encode(join))
        return ELSEWHERE if reply is None else reply.decode()

    def _tell(self, body: bytes) -> None:
        self._said += 1
        self._deps.bus.tell(in_subject(self._name), IN.pack(self._said) + body)

    def _take(self, body: bytes) -> None:
        epoch, number, kind = OUT.unpack_from(body)
        if self._local is not None or (epoch, number) <= self._last:
            return
        if epoch == self._last[0] and number - self._last[1] < MOST_GAP:
            self.listener.dropped += number - self._last[1] - 1
        self._last = (epoch, number)
        item = body[OUT.size :]
        if kind == SOUND:
            self.listener.offer(item[0], item)
        elif kind == CLEARED:
            self.listener.clear()
        elif kind == ENDED:
            self.listener.end(item.decode())

    def _woke(self) -> None:
        if self.listener.ended == MOVED and not isinstance(self._deps.bus, NoBus):
            self.listener.ended = self._local = self._owner = None
            self._changed.set()
        self._wake()
