"""An operator with a real voice: what both sides say in a takeover is understood and remembered."""

import base64
import io
import wave

import numpy as np

from media.mulaw import encode
from tests.integration.server.operators.stage import joined
from tests.support.client import Json, clients_of
from tests.support.node import World
from tests.support.people import after, human, recording, says, share_heard

BECKETT = "Ever tried. Ever failed."
CALLER = "What would you suggest as a first step?"


async def test_the_words_of_a_takeover_are_in_the_agents_history(world: World) -> None:
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
                await dashboard.until(lambda message: _final(message, "caller"), 30)
                await dashboard.command("call.release", call=call_id)
            turns = (await user.get(f"/v1/calls/{call_id}/transcript"))["turns"]
            await dashboard.command("call.hangup", call=call_id)
            await dashboard.until_over(call_id)
    said = {
        who: " ".join(t["spoken"] for t in turns if t["speaker"] == who)
        for who in ("operator", "caller")
    }
    assert share_heard(BECKETT, said["operator"]) > 0.8
    assert share_heard(CALLER, said["caller"]) > 0.8


def _final(message: Json, speaker: str) -> bool:
    return message.get("type") == "transcript.final" and message["data"]["speaker"] == speaker


def _voice() -> bytes:
    with wave.open(io.BytesIO(base64.b64decode(recording("beckett.wav", 8000, end=3.2)))) as file:
        return encode(np.frombuffer(file.readframes(file.getnframes()), np.int16))
