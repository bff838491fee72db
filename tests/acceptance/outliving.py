"""Calls that outlive their nodes: people in every phase of a call, and all that came of them.

Whoever is called only listens and hangs up after a while, so that how a call ended is the phone
company's word. Knows how to place, to wait and to gather; the tests judge.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import asyncpg
import msgspec
import numpy as np

from sandbox.core.audio import read_wav
from tests.acceptance.conversation import Rows, read_rows
from tests.support.client import TERMINAL, Clients, Json, User
from tests.support.node import World
from tests.support.people import HANGS_UP, after, human, says

GREETING = "Hello, this is a computer voice and it has a good deal to say about {topic} today."
TOPIC = "endings"
FRAME_MS = 20
LOUD = 500  # of 32,767
SCRIPTED = {
    "SPEECH__RECOGNISER": "scripted", "SPEECH__VOICE": "scripted", "THINKER__ENGINE": "scripted",
    "CONVERSATION__GREETING": GREETING, "CONVERSATION__SILENCE_PROMPT_SECONDS": "30",
}  # fmt: skip

Kind: TypeAlias = str  # a phase of calls


class Placed(msgspec.Struct, frozen=True):
    """A call that was asked for, and the phase it is meant to be in for some seconds."""

    kind: Kind
    user: User
    id: str


class Outlived(msgspec.Struct, frozen=True):
    """A call that is over. `silences_seconds`: for each stream that ended while the agent had been
    heard before, how long the person then heard nothing; None: until the end."""

    kind: Kind
    rows: Rows
    world: Json
    used: int
    streams: int
    silences_seconds: tuple[float | None, ...]

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
        "voicemail": human(after(int(seconds * 1000)), HANGS_UP, amd=mailbox),
    }


async def place(clients: Clients, kinds: Sequence[Kind], seconds: float) -> list[Placed]:
    """One call for each of these, all at once."""

    async def one(kind: Kind) -> Placed:
        number = await clients.sandbox.add(people(seconds)[kind])
        user = await clients.sign_up()
        return Placed(kind, user, (await user.start_call(number, TOPIC))["id"])

    return list(await asyncio.gather(*(one(kind) for kind in kinds)))


async def until(
    world: World, placed: Sequence[Placed], wanted: Mapping[Kind, Sequence[str]]
) -> None:
    """Until each call is in one of the statuses wanted of its kind, or over."""
    kinds = {call.id: call.kind for call in placed}
    async with asyncio.timeout(90), world.rows() as connection:
        while True:
            rows = await connection.fetch(
                "select id::text, status from public.calls where id = any($1::uuid[])", list(kinds)
            )
            if all(row["status"] in {*wanted[kinds[row["id"]]], *TERMINAL} for row in rows):
                return
            await asyncio.sleep(0.05)  # polls a condition with a deadline


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
    ends = [entry["at_ms"] for entry in seen["timeline"] if entry["event"] == "stream_stopped"]
    began = [entry["at_ms"] for entry in seen["timeline"] if entry["event"] == "stream_started"]
    silences = _silences(await clients.sandbox.heard(sid), seen, ends)
    return Outlived(placed.kind, rows, seen, rows.calls_used, len(began), silences)


def _silences(sound: bytes, seen: Json, ends: Sequence[float]) -> tuple[float | None, ...]:
    answered = next(
        (entry["at_ms"] for entry in seen["timeline"] if entry["event"] == "answered"), None
    )
    if answered is None:
        return ()
    loud_ms = answered + FRAME_MS * (_loud(sound) + 1)
    silences: list[float | None] = []
    for end in ends[:-1]:  # the last is the call's
        if not np.any(loud_ms <= end):
            continue
        later = loud_ms[loud_ms > end]
        silences.append(float(later[0] - end) / 1000 if len(later) else None)
    return tuple(silences)


def _loud(sound: bytes) -> "np.ndarray[Any, np.dtype[np.int64]]":
    samples = read_wav(sound)
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    return np.flatnonzero(np.abs(frames.astype(int)).max(axis=1) > LOUD)
