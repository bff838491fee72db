"""A carrier on a bad day: who is called, what befalls the calls to each, and all that came of it.

Each misfortune strikes the calls to one person, so all of them happen at the same time. Knows how
to make and gather the calls; the tests judge.
"""

import asyncio
from collections.abc import Iterable

import msgspec

from tests.acceptance.conversation import Calls, Finished, Rows, read_rows, whole_calls
from tests.support.client import Clients, Json, clients_of
from tests.support.node import World
from tests.support.patience import patience
from tests.support.people import HANGS_UP, after, brief, human, says, waits

TOPIC = "the weather"
ROUGH = [f"rough-{number}" for number in range(4)]
LOST_REPLIES = ["429", "500_after_commit", "timeout_after_commit"]


class BadDay(msgspec.Struct, frozen=True):
    """The calls by name, all that were really placed to the same number, and the last rows."""

    world: World
    calls: Calls
    placed: dict[str, list[Json]]
    rows: dict[str, Rows]


def people() -> dict[str, Json]:
    """Who is called on that day, and what befalls the calls to each."""
    callbacks = {"duplicate_callbacks": 1.0, "reorder_callbacks": 0.6}
    reset = [
        after(300), says("Hello?"), waits(quiet_ms=4000),
        says("Yes, I am still here. That was strange. Goodbye!"), waits(patience_ms=6000), HANGS_UP,
    ]  # fmt: skip
    listener = [waits(), says("Thank you, that is all. Goodbye!"), waits(), HANGS_UP]
    refuser = [after(600), says("No thanks."), HANGS_UP]
    # Said once, when the line is surely there: only what is heard can tell who this is.
    late = [
        after(3000),
        says("Hello?"),
        waits(quiet_ms=700),
        says("Thank you, that is all. Goodbye!"),
        waits(patience_ms=6000),
        HANGS_UP,
    ]
    left_out = {"drop_amd": True, "skip_ringing": True, "drop_stop": True}
    return {
        "calm": brief(),
        **{
            name: {**brief(), "faults": {**callbacks, "seed": seed, "callback_delay_ms": [0, 1200]}}
            for seed, name in enumerate(ROUGH)
        },
        **{fault: human(*refuser, faults={"create_call": fault}) for fault in LOST_REPLIES},
        "refused": human(*refuser, faults={"create_call": "429", "create_call_times": 50}),
        "reset": human(*reset, faults={"reset_stream_after_ms": 1500, "from_first_sound": True}),
        "left-out": human(*late, faults=left_out),
        "early-verdict": human(*listener, faults={"amd_before_stream": True}),
    }


async def bad_day(world: World, names: Iterable[str]) -> BadDay:
    """The calls to these people."""
    async with clients_of(world) as clients:
        everybody = people()
        numbers = {name: await clients.sandbox.add(everybody[name]) for name in names}
        calls = await whole_calls(clients, numbers, TOPIC)
        for name in calls.keys() & set(ROUGH):
            await every_callback_arrived(clients, calls[name])
        placed = {name: await clients.sandbox.calls_to(to) for name, to in numbers.items()}
        async with world.rows() as connection:
            rows = {
                name: await read_rows(connection, call.call["id"]) for name, call in calls.items()
            }
    return BadDay(world, calls, placed, rows)


async def every_callback_arrived(clients: Clients, call: Finished) -> None:
    """Four statuses and a verdict, each of them twice."""
    async with patience():
        while True:
            seen = await clients.sandbox.call(call.world["sid"])
            hooks = [each["fields"] for each in seen["timeline"] if each["event"] == "webhook"]
            if sum("/status/" in hook["url"] or "/amd/" in hook["url"] for hook in hooks) == 10:
                assert {hook["status"] for hook in hooks} <= {200, 204}
                return
            await asyncio.sleep(0.1)
