"""Hearing a call, and speaking in it, at a node that does not run it."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from db.accounts.tokens import AudioRight
from media.audio.audio_fanout import AGENT, CALLER, Cleared
from media.events import CarrierStatus, TakeoverAsked
from media.phases.talking.state import Talking
from server.deps import Deps
from server.operators import remote_listeners
from server.operators.attendance import Attendance
from server.operators.remote_listeners import JOINED
from tests.integration.server.cluster.nodes import sign_up, until, watching
from tests.integration.server.cluster.phones import Phone, calling_nodes, talking
from tests.support.database import Database
from tests.support.nats import NatsServer
from tests.support.node import TOLD_SECONDS
from tests.support.patience import patience
from tests.support.sound import share, tone


class Ear:
    """Somebody who takes what their listener has."""

    def __init__(self, node: Deps, right: AudioRight) -> None:
        self._more = asyncio.Event()
        self.attendance = Attendance(node, right, self._more.set)
        self.tracks = {0: b"", 1: b"", 2: b""}
        self.clears = 0

    @property
    def ended(self) -> str | None:
        return self.attendance.listener.ended

    async def until(self, happened: Callable[[], bool]) -> None:
        async with patience():
            while not happened():
                self._more.clear()
                self.take()
                if not happened():
                    await self._more.wait()
                self.take()

    def take(self) -> None:
        while (item := self.attendance.listener.take()) is not None:
            if isinstance(item, Cleared):
                self.clears += 1
            else:
                self.tracks[item[0]] += item[5:]

    async def hears(self, track: int, size: int = 4000) -> bytes:
        """So much more of a track."""
        before = len(self.tracks[track])
        await self.until(lambda: len(self.tracks[track]) >= before + size)
        return self.tracks[track][before:]


@asynccontextmanager
async def ear(node: Deps, call_id: uuid.UUID, takeover: int | None = None) -> AsyncIterator[Ear]:
    """One who joined, and leaves at the end."""
    one = Ear(node, AudioRight(call_id, uuid.uuid4(), takeover))
    try:
        assert await one.attendance.begin() == JOINED
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(one.attendance.run())
            yield one
            running.cancel()
    finally:
        one.attendance.leave()


def heads(phone: Phone) -> int:
    return len(phone.live.runner.operators.listeners())


async def test_a_call_is_heard_at_any_node_until_one_leaves_or_it_is_over(
    database: Database, nats: NatsServer
) -> None:
    async with calling_nodes(database, nats.url) as (a, b):
        who = await sign_up(a)
        async with talking(a, who) as phone, watching(b, who, "me") as dashboard:
            async with ear(b, phone.live.id) as one:
                phone.is_speaking = True
                heard = await one.hears(CALLER, 8000)
                assert share(heard, 440) > 0.5
                assert heads(phone) == 1
            await until(lambda: heads(phone) == 0)
            await dashboard.until(lambda: bool(dashboard.events("audio.level")))
            async with ear(b, phone.live.id) as one, ear(a, phone.live.id):
                await one.hears(CALLER)
                assert heads(phone) == 2
                phone.live.runner.post(CarrierStatus("completed", phone.sid))
                await one.until(lambda: one.ended == "over")


async def test_an_operator_speaks_at_any_node(database: Database, nats: NatsServer) -> None:
    async with calling_nodes(database, nats.url) as (a, b):
        who = await sign_up(a)
        async with talking(a, who) as phone:
            runner = phone.live.runner
            await until(lambda: len(phone.heard) > TOLD_SECONDS * 8000 + 3000)
            assert runner.ask(TakeoverAsked(None)) is None
            other = Attendance(b, AudioRight(phone.live.id, who.user_id, 7), lambda: None)
            async with ear(b, phone.live.id, takeover=1) as one:
                assert await other.begin() == "forbidden"
                await until(lambda: status(phone) == "present")
                before = len(phone.heard)
                for _ in range(20):
                    one.attendance.talk(tone(1000, 100))
                    await asyncio.sleep(0.1)  # the rhythm of sound
                assert share(phone.heard[before:], 1000) > 0.3
                await one.hears(CALLER)
            await until(lambda: status(phone) == "away")


def status(phone: Phone) -> str:
    phase = phone.live.runner.call.phase
    assert isinstance(phase, Talking)
    return phase.operator_status


async def test_what_is_thrown_away_is_told(database: Database, nats: NatsServer) -> None:
    async with calling_nodes(database, nats.url) as (a, b):
        who = await sign_up(a)
        async with talking(a, who) as phone, ear(b, phone.live.id) as one:
            await one.hears(AGENT, 800)
            phone.live.runner.ask(TakeoverAsked(None))
            await one.until(lambda: one.clears > 0)


async def test_listeners_follow_a_call_that_moves(database: Database, nats: NatsServer) -> None:
    async with calling_nodes(database, nats.url, ("a", "b", "c")) as (a, b, c):
        who = await sign_up(a)
        async with talking(a, who) as phone:
            async with ear(b, phone.live.id) as far, ear(a, phone.live.id) as near:
                for one in (far, near):
                    await one.hears(CALLER)
                for node in (c, b, a):  # to a third, to the listener's own, and back
                    await phone.move(node)
                    await until(lambda: heads(phone) == 2)
                    for one in (far, near):
                        await one.hears(CALLER)
                assert (far.ended, near.ended) == (None, None)
            await until(lambda: heads(phone) == 0)


async def test_who_falls_silent_is_gone_and_who_left_does_not_come_back(
    database: Database, nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_listeners, "EXPIRY_SECONDS", 2.0)
    async with calling_nodes(database, nats.url) as (a, b):
        who = await sign_up(a)
        async with talking(a, who) as phone:
            silent = Attendance(b, AudioRight(phone.live.id, who.user_id, None), lambda: None)
            assert await silent.begin() == JOINED
            assert heads(phone) == 1
            await until(lambda: heads(phone) == 0)
            assert await silent.begin() == JOINED  # it was only away
            silent.leave()
            await until(lambda: heads(phone) == 0)
            assert await silent.begin() == "left"
            assert heads(phone) == 0
