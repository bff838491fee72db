"""Listening in: what is heard, who may, and what a bad listener costs."""

import msgspec
import pytest
import websockets
from websockets.typing import Subprotocol

from tests.integration.server.operators.operator_fixture import (
    audio_socket,
    joined,
    loop_of,
    talking,
)
from tests.support.client import Clients, close_code
from tests.support.node import World
from tests.support.sound import loudest, share


async def test_a_listener_hears_both_sides_and_sees_how_loud_they_are(clients: Clients) -> None:
    async with talking(clients) as talk:
        assert talk.dashboard.events("audio.level") == []
        async with talk.listener() as person:
            await talk.sees("listen.started")
            await person.until(lambda: len(person.tracks[1]) > 4000)
            assert share(person.tracks[1], 400) > 0.5  # the scripted voice's own tone
            talk.phone.saying = loop_of(1000)
            await person.until(lambda: loudest(person.tracks[0], 1000) > 0.9)
            assert person.sizes <= set(range(160, 801))
            for times in person.times.values():
                assert times == sorted(times)
            level = await talk.sees("audio.level", side="caller")
            assert 0 <= level["level"] <= 1
            await talk.sees("audio.level", side="agent")
        await talk.sees("listen.ended")
        keys = {event["eph"] for event in talk.dashboard.events("audio.level")}
        assert keys == {f"level:{talk.id}:caller", f"level:{talk.id}:agent"}


async def test_what_the_caller_talks_over_is_cleared_for_listeners_too(clients: Clients) -> None:
    async with talking(clients) as talk, talk.listener() as person:
        await person.until(lambda: len(person.tracks[1]) > 800)
        talk.phone.saying = loop_of(700)
        await person.until(lambda: {"op": "clear"} in person.texts)
        await talk.phone.until(lambda: talk.phone.clears == 1)


async def test_a_listener_is_sent_away_by_unlisten_and_at_the_end_of_the_call(
    clients: Clients,
) -> None:
    async with talking(clients) as talk:
        async with talk.listener() as person:
            await talk.does("unlisten")
            assert await person.code() == 1000
        async with talk.listener() as person:
            await talk.does("hangup")
            assert await person.code() == 4510
        await talk.dashboard.until_over(talk.id)
        assert await talk.refused("listen") == "wrong_state"


async def code_of(world: World, *frames: str | bytes, **options: object) -> int | None:
    return await close_code(audio_socket(world, **options), *frames)


def hello(ticket: str) -> str:
    return msgspec.json.encode({"op": "hello", "ticket": ticket}).decode()


async def test_only_a_fresh_ticket_for_this_call_opens_the_sound(clients: Clients) -> None:
    world = clients.world
    async with talking(clients) as talk:
        used = (await talk.does("listen"))["ticket"]
        async with joined(world, used):
            pass
        old = (await talk.does("listen"))["ticket"]
        async with world.rows() as rows:
            await rows.execute(
                "update app.audio_tickets set expires_at = now() - interval '1 second'"
                " where used_at is null and user_id = $1", talk.user.id,
            )  # fmt: skip
        for ticket in ("x", used, old, await talk.user.ticket()):
            assert await code_of(world, hello(ticket)) == 4501
        other = await clients.sign_up()
        for verb in ("listen", "takeover", "mute"):
            answer = await other.ask("POST", f"/v1/calls/{talk.id}/{verb}", {})
            assert (answer.status, answer.body["code"]) == (404, "not_found")
        over = (await talk.does("listen"))["ticket"]
        await talk.does("hangup")
        await talk.dashboard.until_over(talk.id)
        assert await code_of(world, hello(over)) == 4510


async def test_what_breaks_the_protocol_ends_the_socket(clients: Clients) -> None:
    world = clients.world
    for options in ({"subprotocols": None}, {"subprotocols": [Subprotocol("audio.v2")]}):
        assert await code_of(world, hello("x"), **options) == 4503
    for frame in ("", "{", '{"op":"hello"}', b"\x00", '{"op":"hello","ticket":1}'):
        assert await code_of(world, frame) == 4500
    with pytest.raises(websockets.InvalidStatus):
        await code_of(world, origin="http://evil.example")
    async with talking(clients) as talk:
        for frame, code in ((b"\xff" * 160, 4500), ("{}", 4500), (b"\xff" * 1_000_000, 1009)):
            ticket = (await talk.does("listen"))["ticket"]
            assert await code_of(world, hello(ticket), frame) == code
        await talk.dashboard.until(lambda _: len(talk.dashboard.events("listen.ended")) == 3)


async def test_a_listener_that_does_not_read_delays_nobody(clients: Clients) -> None:
    async with talking(clients) as talk:
        ticket = (await talk.does("listen"))["ticket"]
        async with audio_socket(clients.world, max_queue=1, close_timeout=0.1) as stuck:
            await stuck.send(hello(ticket))
            async with talk.listener() as person:
                talk.phone.saying = loop_of(1000)
                await person.until(lambda: loudest(person.tracks[0], 1000) > 0.9)
