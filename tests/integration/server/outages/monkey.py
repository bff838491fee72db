"""Calls that go on while PostgreSQL is cut off, restarted and gone for a while; what became of all.

Callers press a key every now and then, so that there is always something to write down. Knows how
to do it and to look; the tests judge how often and how long.
"""

import asyncio

import asyncpg
import msgspec

from db.core import embedded
from tests.acceptance.test_node_ends import call_until
from tests.support import outages
from tests.support.client import Json, User, clients_of
from tests.support.node import World
from tests.support.people import after, human

TALKATIVE = {
    "CONVERSATION__SILENCE_PROMPT_SECONDS": "3000", "CONVERSATION__WRAP_UP_SECONDS": "3000",
    "CONVERSATION__URGENT_SECONDS": "3100", "CONVERSATION__LIMIT_SECONDS": "3200",
}  # fmt: skip
PRESS_MS = 400
RESTARTS: tuple[outages.End, ...] = ("fast", "immediate", "kill")


class Lived(msgspec.Struct, frozen=True):
    """A call that lived through it: while it was done, after its end, and its journal's numbers."""

    during: str
    call: Json
    seqs: list[int]


class Misfortunes(msgspec.Struct, frozen=True):
    """How often what happens; `away_seconds` of each time the server is gone for a while."""

    cuts: int
    restarts: int
    away_seconds: tuple[float, ...]


async def live_through(world: World, misfortunes: Misfortunes, calls: int) -> list[Lived]:
    """So many calls, all talking before the first misfortune and hung up after the last."""
    presses = [after(PRESS_MS), {"press": "1"}] * 4000
    async with clients_of(world) as clients:
        people = [human(*presses) for _ in range(calls)]
        talking = await asyncio.gather(*(call_until(clients, one, "talking") for one in people))
        await _befall(world, misfortunes)
        return list(await asyncio.gather(*(_looked_at(user, call) for user, call in talking)))


async def _befall(world: World, misfortunes: Misfortunes) -> None:
    data = world.data / "postgres"
    for _ in range(misfortunes.cuts):
        await _cut(world)
    for number in range(misfortunes.restarts):
        outages.end(data, RESTARTS[number % len(RESTARTS)])
        await outages.begin(data)
        await _until_written(world)
    for seconds in misfortunes.away_seconds:
        outages.end(data, "fast")
        await asyncio.sleep(seconds)  # how long it is gone is the point
        await outages.begin(data)
        await _until_written(world)


async def _cut(world: World) -> None:
    server = await embedded.start(world.data / "postgres")
    try:
        await outages.cut(server.dsn())
    finally:
        await server.stop()
    await _until_written(world)


async def _until_written(world: World) -> None:
    """Until the journals grow again."""
    async with world.rows() as owner:
        before = await _lines(owner)
        async with asyncio.timeout(120):
            while await _lines(owner) == before:  # noqa: ASYNC110 - polls with a deadline
                await asyncio.sleep(0.02)


async def _lines(owner: asyncpg.Connection) -> int:
    count: int = await owner.fetchval("select count(*) from app.call_journal")
    return count


async def _looked_at(user: User, call_id: str) -> Lived:
    path = f"/v1/calls/{call_id}"
    during = (await user.get(path))["status"]
    async with user.live() as dashboard:
        assert (await user.ask("POST", f"{path}/hangup", {})).status == 200
        await dashboard.until_over(call_id)
    call: Json = await user.get(path)
    events = (await user.get(f"{path}/journal"))["events"]
    return Lived(during, call, [line["seq"] for line in events])


def check(world: World, lived: list[Lived]) -> None:
    """No node ended, no entry lost, no healthy call ended."""
    assert world.node.running
    for one in lived:
        assert one.during == "talking"
        assert (one.call["status"], one.call["end_reason"]) == ("ended", "operator")
        assert one.seqs == list(range(len(one.seqs)))
    for event in (
        "entry_refused", "call_fenced", "lease_lost", "call_taken_over", "entries_unwritten",
        "call_failed", "service_failed", "service_ended", "request_failed", "socket_failed",
    ):  # fmt: skip
        assert world.logged(event) == [], event
    log = world.node_log.read_text("utf-8")
    assert "Traceback" not in log, log[log.index("Traceback") - 300 :][:3000]
