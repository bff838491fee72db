"""Calls that outlive their nodes: people in every phase of a call, and all that came of them.

Whoever is called only listens and hangs up after a while, so that how a call ended is the phone
company's word. Knows how to place, to wait and to gather; the tests judge.
"""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import asyncpg
import msgspec
import numpy as np
import numpy.typing as npt

from sandbox.core.audio import read_wav
from sandbox.core.settings import NUMBERS
from tests.acceptance.conversation import Rows, read_rows
from tests.support.client import TERMINAL, Clients, Json, User
from tests.support.node import SCRIPTED, Node, World
from tests.support.patience import patience
from tests.support.people import HANGS_UP, after, human, says

GREETING = "Hello, this is a computer voice and it has a good deal to say about {topic} today."
TOPIC = "endings"
FRAME_MS = 20
LOUD = 500  # of 32,767
TALKATIVE = {
    **SCRIPTED,
    "CONVERSATION__GREETING": GREETING, "CONVERSATION__SILENCE_PROMPT_SECONDS": "30",
}  # fmt: skip

Kind: TypeAlias = str  # a phase of calls
Times: TypeAlias = npt.NDArray[np.float64]


class Placed(msgspec.Struct, frozen=True):
    """A call that was asked for, and the phase it is meant to be in for some seconds."""

    kind: Kind
    user: User
    id: str


class Outlived(msgspec.Struct, frozen=True):
    """A call that is over. `silences_seconds`: for each stream that ended while the agent had been
    heard before, how long the person then heard nothing; None: until the end. `heard_at`: when the
    first sound of each stream but the first was heard, epoch seconds."""

    kind: Kind
    rows: Rows
    world: Json
    used: int
    streams: int
    silences_seconds: tuple[float | None, ...]
    heard_at: tuple[float, ...]

    @property
    def greetings(self) -> int:
        """How often somebody heard the first half of the greeting."""
        half = GREETING.format(topic=TOPIC).split(" and ")[0]
        spoken = [row["event"] for row in self.rows.journal if row["event"]["type"] == "spoken"]
        return sum(half in event["heard"] for event in spoken)

    @property
    def gaps(self) -> int:
        """Numbers that are missing in the journal."""
        last: int = self.rows.journal[-1]["seq"]
        return last + 1 - len(self.rows.journal)


def people(seconds: float) -> dict[Kind, Json]:
    """One for each phase, there for so long."""
    listens = [after(300), says("Hello?"), after(int(seconds * 1000)), HANGS_UP]
    machine = {"answered_by": "machine_end_beep", "after_ms": 1500}
    mailbox = {"enable": machine, "detect_message_end": machine}
    return {
        "ringing": human(*listens, rings_seconds=seconds / 2),
        "waiting": human(*listens, verdict_ms=int(seconds * 500)),
        "talking": human(*listens),
        "voicemail": human(after(int(seconds * 1500)), HANGS_UP, amd=mailbox),
    }


async def place(
    clients: Clients, kinds: Sequence[Kind], seconds: float, **fields: Any
) -> list[Placed]:
    """One call for each of these, all at once, to people with these fields."""

    async def one(kind: Kind) -> Placed:
        number = await clients.sandbox.add({**people(seconds)[kind], **fields})
        user = await clients.sign_up()
        body = {"topic": TOPIC, "to": number}
        answer = await user.ask_patiently("POST", "/v1/calls", body)
        assert answer.status == 201, answer
        return Placed(kind, user, answer.body["id"])

    return list(await asyncio.gather(*(one(kind) for kind in kinds)))


async def call_us(clients: Clients, count: int, seconds: float) -> list[Placed]:
    """So many people call the product from their own numbers, all at once."""

    async def one() -> Placed:
        number = await clients.sandbox.add(people(seconds)["talking"])
        user = await clients.sign_up_with(number)
        await user.get("/v1/me")
        call = {"from": number, "to": NUMBERS[0]}
        async with patience():
            await clients.sandbox.send("POST", "/world/calls", call)
            while not (calls := (await user.get("/v1/calls"))["calls"]):  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # polls a condition with a deadline
        return Placed("talking", user, calls[0]["id"])

    return list(await asyncio.gather(*(one() for _ in range(count))))


_WHERE_THEY_STAND = """
select c.id::text, c.status, d.owner_node,
    (select max(last_seq) from app.call_journal j where j.call_id = c.id) as seq
from public.calls c join app.call_details d on d.call_id = c.id where c.id = any($1::uuid[])
"""


async def until(
    world: World, placed: Sequence[Placed], wanted: Mapping[Kind, Sequence[str]]
) -> None:
    """Until each call is in one of the statuses wanted of its kind, or over. Raises AssertionError
    that names the others."""
    kinds = {call.id: call.kind for call in placed}
    late: list[Any] = []
    try:
        async with patience(), world.rows() as connection:
            while True:
                rows = await connection.fetch(_WHERE_THEY_STAND, list(kinds))
                late = [
                    dict(row)
                    for row in rows
                    if row["status"] not in {*wanted[kinds[row["id"]]], *TERMINAL}
                ]
                if not late:
                    return
                await asyncio.sleep(0.05)  # polls a condition with a deadline
    except TimeoutError:
        raise AssertionError(f"still not {wanted}: {late}") from None


async def talks_by(node: Node, world: World, placed: Sequence[Placed]) -> bool:
    """Whether one of the calls talks by this node just now."""
    async with world.rows() as connection:
        found: bool = await connection.fetchval(
            "select exists (select from public.calls c join app.call_details d on d.call_id = c.id"
            " where c.status = 'talking' and d.owner_node = $1 and c.id = any($2::uuid[]))",
            node.name, [call.id for call in placed],
        )  # fmt: skip
    return found


async def gather(clients: Clients, placed: Sequence[Placed]) -> list[Outlived]:
    """All of them, once they are over."""
    over = list(TERMINAL)
    await until(clients.world, placed, {call.kind: over for call in placed})
    async with clients.world.rows() as connection:
        return [await _outlived(clients, connection, call) for call in placed]


async def _outlived(clients: Clients, connection: asyncpg.Connection, placed: Placed) -> Outlived:
    rows = await read_rows(connection, placed.id)
    sid = rows.call["twilio_call_sid"]
    seen = await clients.sandbox.call(sid)
    timeline = seen["timeline"]
    ends = [entry["at_ms"] for entry in timeline if entry["event"] == "stream_stopped"]
    began = [entry["at_ms"] for entry in timeline if entry["event"] == "stream_started"]
    loud = _loud(await clients.sandbox.heard(sid), timeline)
    zero = dt.datetime.fromisoformat(timeline[0]["at"]).timestamp() - timeline[0]["at_ms"] / 1000
    first = [_first(loud, at) for at in began[1:]]
    return Outlived(
        kind=placed.kind,
        rows=rows,
        world=seen,
        used=rows.calls_used,
        streams=len(began),
        silences_seconds=tuple(
            None if (back := _first(loud, end)) is None else (back - end) / 1000
            for end in ends[:-1]  # the last is the call's
            if len(loud) and loud[0] <= end
        ),
        heard_at=tuple(zero + at / 1000 for at in first if at is not None),
    )


def _first(times: Times, after_ms: float) -> float | None:
    later = times[times > after_ms]
    return float(later[0]) if len(later) else None


def _loud(sound: bytes, timeline: Sequence[Json]) -> Times:
    """When the person heard something, in milliseconds of the call's timeline."""
    answered = [entry["at_ms"] for entry in timeline if entry["event"] == "answered"]
    if not answered:
        return np.array([])
    samples = read_wav(sound)
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    loud = np.flatnonzero(np.abs(frames.astype(int)).max(axis=1) > LOUD)
    times: Times = answered[0] + FRAME_MS * (loud + 1.0)
    return times
