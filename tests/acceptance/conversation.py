"""Whole calls from the command that starts one to the last row, and all there is to know after.

Knows how to gather; the tests judge.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import msgspec

from db import calls
from db.core.sealed import open_all
from db.history import journal
from media.engines.moonshine import Moonshine
from media.engines.threads import Workers
from sandbox.core.audio import BadWavError, encode_mulaw, read_wav, split_lines
from tests.support.client import Clients, Dashboard, Json, User, fold
from tests.support.patience import patience


class Rows(msgspec.Struct, frozen=True):
    """What the database holds of one call."""

    call: Json
    waiting_room: str | None
    reservation: str | None
    calls_used: int
    carrier_seconds: list[int]  # that are charged
    journal: list[Json]


class Finished(msgspec.Struct, frozen=True):
    """A call that is over, from every side it can be seen from."""

    call: Json
    turns: list[Json]
    usage_before: Json
    usage_after: Json
    messages: list[Json]
    state_kept: Json
    state_fresh: Json
    world: Json
    sound: bytes
    rows: Rows
    heard: str = ""

    @property
    def statuses(self) -> list[str]:
        """The statuses a dashboard saw, without repeats."""
        seen: list[str] = []
        for message in self.messages:
            call = message.get("data", {}).get("call") if message["op"] == "event" else None
            if call and call["id"] == self.call["id"] and call["status"] not in seen[-1:]:
                seen.append(call["status"])
        return seen

    def said_by(self, speaker: str) -> str:
        """All a speaker's turns as the transcript has them, as far as they were heard."""
        return " ".join(turn["heard"] for turn in self.turns if turn["speaker"] == speaker)

    def happened(self, event: str) -> list[Json]:
        """The sandbox's entries of one kind."""
        return [entry for entry in self.world["timeline"] if entry["event"] == event]


Calls: TypeAlias = dict[str, Finished]


async def whole_call(clients: Clients, number: str, topic: str) -> Finished:
    """A new user's call to a number, from its command to its end."""
    return (await whole_calls(clients, {"": number}, topic))[""]


async def whole_calls(clients: Clients, numbers: Mapping[str, str], topic: str) -> Calls:
    """Such calls to all these numbers at once; when all are over, what was heard is recognised."""
    made = await asyncio.gather(*(_call(clients, number, topic) for number in numbers.values()))
    async with ears() as listener:
        return {
            name: msgspec.structs.replace(call, heard=await words_in(call.sound, listener))
            for name, call in zip(numbers, made, strict=True)
        }


async def _call(clients: Clients, number: str, topic: str) -> Finished:
    user = await clients.sign_up()
    before = await user.get("/v1/usage")
    async with user.live() as dashboard:
        ack = await dashboard.command("call.start", topic=topic, to=number)
        assert ack["ok"], ack
        over = await dashboard.until_over(ack["data"]["call"]["id"])
        return await _gather(clients, user, dashboard, over, before)


async def _gather(
    clients: Clients, user: User, dashboard: Dashboard, over: Json, before: Json
) -> Finished:
    """Everything about a call that is over."""
    async with user.live() as other:
        fresh = fold([await other.until(lambda message: message["op"] == "snapshot")])
    path = f"/v1/calls/{over['id']}"
    sid = over["twilio_call_sid"]
    async with clients.world.rows() as connection:
        rows = await read_rows(connection, over["id"])
    return Finished(
        call=await _read(user, path),
        turns=(await _read(user, f"{path}/transcript"))["turns"],
        usage_before=before["calls"],
        usage_after=(await _read(user, "/v1/usage"))["calls"],
        messages=list(dashboard.messages),
        state_kept=fold(dashboard.messages),
        state_fresh=fresh,
        world=await clients.sandbox.call(sid) if sid else {"timeline": []},
        sound=await clients.sandbox.heard(sid) if sid else b"",
        rows=rows,
    )


async def _read(user: User, path: str) -> Any:
    """The page of a node on which many calls end at once."""
    async with patience():
        answer = await user.ask_patiently("GET", path)
    assert answer.status == 200, answer
    return answer.body


async def read_rows(connection: asyncpg.Connection, call_id: str) -> Rows:
    """The call's rows, as the schema's owner sees them."""

    async def value(sql: str) -> Any:
        return await connection.fetchval(sql, call_id)

    call = await connection.fetchrow(
        "select c.*, d.answered_by, d.end_reason, d.dial_state "
        "from public.calls c join app.call_details d on d.call_id = c.id where c.id = $1",
        call_id,
    )
    return Rows(
        call=(await open_all(connection, [call], calls.SEALED))[0],
        waiting_room=await value("select status from public.amd_waiting_room where call_id = $1"),
        reservation=await value("select state from app.reservations where subject_id = $1"),
        calls_used=await value(
            "select coalesce(sum(calls_used), 0) from public.usage_tracking u "
            "join public.calls c using (user_id) where c.id = $1"
        ),
        carrier_seconds=[
            int(row["quantity"])
            for row in await connection.fetch(
                "select quantity from app.costs where subject = 'call:' || $1"
                " and what like 'twilio.%'",
                call_id,
            )
        ],
        journal=[
            msgspec.structs.asdict(row) for row in await journal.read(connection, UUID(call_id))
        ],
    )


@asynccontextmanager
async def ears() -> AsyncIterator[Moonshine]:
    """The offline recogniser on one core."""
    workers = Workers(1)
    listener = Moonshine(workers)
    try:
        await listener.warm()
        yield listener
    finally:
        await listener.close()
        workers.close()


async def words_in(sound: bytes, listener: Moonshine) -> str:
    """The words of a WAV, recognised from silence to silence: longer pieces lose their end."""
    try:
        lines = split_lines(read_wav(sound))
    except BadWavError:
        return ""
    return " ".join([await listener.recognise(encode_mulaw(line)) for line in lines])
