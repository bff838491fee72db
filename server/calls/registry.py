"""The calls this node runs right now, by id. The AMD waiting room is those in phase Waiting.

It starts runners, routes facts to them and forgets them when they are over. It knows nothing of
requests, rows or vendors.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import Sequence
from contextvars import Context
from functools import partial

import msgspec
import structlog

from media.consumption import metered
from media.effects import Effect
from media.events import Event, HangUpAsked
from media.phases.ending import Ended
from media.runner import CallRunner
from server.core.keyed_locks import KeyedLocks

log = structlog.get_logger(__name__)


class LiveCall(msgspec.Struct, frozen=True):
    """A call this node owns. `facts` are the keys of what the carrier told of it, and of what was
    asked of it at other nodes; `consumed` counts what it consumes, and `over` is set once it does
    not run here any more."""

    id: uuid.UUID
    user_id: uuid.UUID
    lease_epoch: int
    runner: CallRunner
    consumed: Counter[str] = msgspec.field(default_factory=Counter)
    facts: set[str] = msgspec.field(default_factory=set)
    over: asyncio.Event = msgspec.field(default_factory=asyncio.Event)


class CallRegistry:
    """All of them."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._calls: dict[uuid.UUID, LiveCall] = {}
        self._running: dict[uuid.UUID, asyncio.Task[None]] = {}
        self._locks = KeyedLocks()
        self._used: dict[str, float] = {}
        self._promised: dict[tuple[uuid.UUID, int], float] = {}
        self.empty = asyncio.Event()
        self.empty.set()
        self.drain_began = asyncio.Event()
        self.beat_soon = asyncio.Event()

    @property
    def draining(self) -> bool:
        """Whether new calls are refused."""
        return self.drain_began.is_set()

    def __len__(self) -> int:
        return len(self._calls)

    def all(self) -> list[LiveCall]:
        """Every live call."""
        return list(self._calls.values())

    def get(self, call_id: uuid.UUID) -> LiveCall | None:
        """The call if this node runs it."""
        return self._calls.get(call_id)

    def start(self, call: LiveCall, first: Sequence[Effect]) -> None:
        """Run the call until it is over."""
        self._calls[call.id] = call
        self.empty.clear()
        # A context of its own: the request's or webhook's would live as long as the call, with all
        # it holds, and what the call does is not what somebody asks for in there.
        create = partial(self._tasks.create_task, self._run(call, first), name=f"call-{call.id}")
        self._running[call.id] = Context().run(create)

    async def _run(self, call: LiveCall, first: Sequence[Effect]) -> None:
        try:
            with metered(call.consumed):
                await call.runner.run(first)
        except Exception as error:
            log.error("call_failed", call_id=str(call.id), exc_info=error)
        finally:
            if self._calls.get(call.id) is call:  # and not back here under a later epoch
                del self._calls[call.id], self._running[call.id]
            call.over.set()
            if not self._calls:
                self.empty.set()

    def post(self, call_id: uuid.UUID, event: Event) -> bool:
        """Tell the call; False when this node does not run it, or no longer listens to it."""
        call = self._calls.get(call_id)
        if call is None or isinstance(call.runner.call.phase, Ended):
            return False
        call.runner.post(event)
        return True

    def post_fact(self, call_id: uuid.UUID, key: str, event: Event) -> bool:
        """Tell the call what the carrier reported under this key, once; False as for `post`."""
        call = self._calls.get(call_id)
        if call is None:
            return False
        if key in call.facts:
            return True
        call.facts.add(key)
        return self.post(call_id, event)

    def lock(self, call_id: uuid.UUID) -> asyncio.Lock:
        """Held by whoever makes the call one of this node's."""
        return self._locks.of(str(call_id))

    def use(self, token: str, expires_at: float, now: float) -> bool:
        """Use up a stream's token as far as this node knows; False if it was before."""
        if token in self._used:
            return False
        self._used = {used: until for used, until in self._used.items() if until > now}
        self._used[token] = expires_at
        return True

    def promise(self, call: LiveCall, until: float) -> None:
        """Another node has asked for the call: it is that node's to claim, for so long."""
        self._promised[call.id, call.lease_epoch] = until

    def promised(self, now: float) -> list[tuple[uuid.UUID, int]]:
        """What other nodes have asked for and may not have claimed yet, by call and epoch."""
        self._promised = {call: until for call, until in self._promised.items() if until > now}
        return list(self._promised)

    def drop(self, call_id: uuid.UUID, lease_epoch: int) -> None:
        """The call is another node's now: stop at once, without a word or a row. One that this node
        has back, under a later epoch, goes on."""
        call = self._calls.get(call_id)
        if call is not None and call.lease_epoch <= lease_epoch:
            self._running[call_id].cancel()

    def drop_all(self) -> None:
        """The node ends: whatever still runs is left to whoever finds its lease run out."""
        if self._running:
            log.error("calls_left", count=len(self._running))
        for task in self._running.values():
            task.cancel()

    def phases(self) -> Counter[str]:
        """How many calls are in each phase."""
        return Counter(type(call.runner.call.phase).__name__.lower() for call in self.all())

    async def end_all(self) -> None:
        """End what still runs."""
        for call in self.all():
            call.runner.post(HangUpAsked("server_stopping"))
        await self.empty.wait()
