"""An operator, in writing and with a real voice: what is said is heard, and remembered."""

import base64
import io
import wave

import numpy as np
import pytest

from media.audio.mulaw import encode
from tests.acceptance.conversation import ears, words_in
from tests.integration.server.operators.operator_fixture import joined
from tests.support.client import Json, clients_of
from tests.support.node import World
from tests.support.people import after, human, patient, recording, says, share_heard

pytestmark = pytest.mark.timeout(180)

BECKETT = "Ever tried. Ever failed."
CALLER = "What would you suggest as a first step?"


async def taken_over(world: World) -> dict[str, str]:
    """A call that an operator takes over and gives back: what each side said, in its transcript."""
    async with clients_of(world) as clients:
        user = await clients.sign_up()
        person = human(after(4500), says(CALLER), after(20_000), verdict_ms=300)
        number = await clients.sandbox.add(person)
        async with user.live() as dashboard:
            call_id = (await user.start_call(number))["id"]
            await dashboard.until_status(call_id, "talking")
            ack = await dashboard.command("call.takeover", call=call_id)
            async with joined(world, ack["data"]["ticket"]) as operator:
                await operator.says(_voice() + b"\xff" * 8000)
                await dashboard.until(lambda message: _final(message, "caller"))
                await dashboard.command("call.release", call=call_id)
            turns = (await user.get(f"/v1/calls/{call_id}/transcript"))["turns"]
            await dashboard.command("call.hangup", call=call_id)
            await dashboard.until_over(call_id)
    return {
        who: " ".join(t["spoken"] for t in turns if t["speaker"] == who)
        for who in ("operator", "caller")
    }


async def test_the_words_of_a_takeover_are_in_the_agents_history(world: World) -> None:
    said = await taken_over(world)
    assert share_heard(BECKETT, said["operator"]) > 0.8
    assert share_heard(CALLER, said["caller"]) > 0.8


async def test_words_sent_by_an_operator_are_heard_by_the_caller(world: World) -> None:
    async with clients_of(world) as clients:
        number, user = await clients.sandbox.add(patient()), await clients.sign_up()
        async with user.live() as dashboard:
            ack = await dashboard.command("call.start", topic="calm", to=number)
            call_id = ack["data"]["call"]["id"]
            await dashboard.until_status(call_id, "talking")
            for text, interrupt in (("Your taxi is waiting.", True), ("It is blue.", False)):
                said = await dashboard.command(
                    "call.say", call=call_id, text=text, interrupt=interrupt
                )
                assert said["ok"]
            await dashboard.until(
                lambda message: (
                    message.get("type") == "transcript.final"
                    and message["data"]["heard"] == "It is blue."
                )
            )
            hung_up = await dashboard.command("call.hangup", call=call_id)
            assert hung_up["ok"]
            over = await dashboard.until_over(call_id)
        async with ears() as listener:
            sound = await clients.sandbox.heard(over["twilio_call_sid"])
            heard = await words_in(sound, listener)
    assert share_heard("Your taxi is waiting. It is blue.", heard) > 0.85
    assert (over["status"], over["end_reason"]) == ("ended", "operator")


def _final(message: Json, speaker: str) -> bool:
    return message.get("type") == "transcript.final" and message["data"]["speaker"] == speaker


def _voice() -> bytes:
    with wave.open(io.BytesIO(base64.b64decode(recording("beckett.wav", 8000, end=3.2)))) as file:
        return encode(np.frombuffer(file.readframes(file.getnframes()), np.int16))
