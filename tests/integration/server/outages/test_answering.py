"""Calls that are answered, talk and end while the database is away, and are right in the end."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from tests.integration.server.carrier import Carrier
from tests.integration.server.ownership.outliving import TALKATIVE, gather, place, until
from tests.support import outages
from tests.support.client import Clients, Json, clients_of
from tests.support.node import World, running_world
from tests.support.patience import patience
from tests.support.people import new_number

pytestmark = pytest.mark.timeout(180)

KINDS = ["talking", "voicemail", "waiting", "talking"]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_world(**TALKATIVE) as started:
        yield started


@asynccontextmanager
async def away(world: World, how: str) -> AsyncIterator[None]:
    """The database is gone, or there and answers nothing."""
    data = world.data / "postgres"
    if how == "frozen":
        with outages.frozen(data):
            yield
        return
    outages.end(data, "kill")
    yield
    await outages.begin(data)


async def until_heard(clients: Clients, count: int) -> None:
    """Until the agent speaks in so many of the world's calls."""

    def speaks(call: Json) -> bool:
        return any(entry["event"] == "agent_speech_started" for entry in call["timeline"])

    async with patience():
        while True:
            every = (await clients.sandbox.get("/world"))["calls"]
            calls = await asyncio.gather(*(clients.sandbox.call(one["sid"]) for one in every))
            if sum(map(speaks, calls)) >= count:
                return
            await asyncio.sleep(0.1)  # polls a condition with a deadline


async def call_in(clients: Clients) -> None:
    """Somebody calls us: nobody can know who, and they hear a sentence all the same."""
    ring = {"CallSid": f"CA{secrets.token_hex(16)}", "From": new_number()}
    answer = await Carrier(clients).post("/webhooks/twilio/inbound-voice", ring)
    assert answer.status == 200
    assert b"cannot take your call" in answer.body


@pytest.mark.parametrize("how", ["gone", "frozen"])
async def test_calls_are_answered_and_talk_without_a_database(world: World, how: str) -> None:
    async with clients_of(world) as clients:
        before = len((await clients.sandbox.get("/world"))["calls"])
        placed = await place(clients, KINDS, 5.0, rings_seconds=2.0)
        await until(world, placed, {kind: ["ringing"] for kind in KINDS})
        async with away(world, how):
            await asyncio.gather(until_heard(clients, before + len(KINDS)), call_in(clients))
        calls = await gather(clients, placed)
    for call in calls:
        ended = "voicemail" if call.kind == "voicemail" else "caller_hung_up"
        assert (call.rows.call["status"], call.rows.call["end_reason"]) == ("ended", ended)
        assert call.gaps == 0
        assert (call.streams, call.used) == (1, 1)
        told = [row["event"] for row in call.rows.journal]
        assert any(event["type"] == "amd_verdict" for event in told)
        assert told[-1]["status"] == "completed"
    assert world.node.running
