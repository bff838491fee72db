"""OpenAI's protocol as its clients see it: speech, transcriptions and chat completions."""

import io
import json
import wave
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
from quart import Blueprint, Response, jsonify, request

from sandbox.core.audio import decode_mulaw, encode_mulaw, resample
from sandbox.providers.bodies import answered
from sandbox.providers.faults import VendorFaults
from sandbox.providers.replies import pieces, reply
from sandbox.providers.speech import Speech, floats

_RATE = 24_000


def openai_blueprint(speech: Speech, faults: VendorFaults) -> Blueprint:
    """Routes under the vendor's address; any key will do."""
    blueprint = Blueprint("openai", __name__, url_prefix="/providers/openai/v1")

    @blueprint.post("/audio/speech")
    async def speak() -> Response:
        fault = await faults.at_door()
        asked = await request.get_json()
        if asked.get("response_format") != "pcm":
            return _refused("only response_format pcm is made here")
        sound = floats(decode_mulaw(await speech.spoken(asked["input"])))
        samples = resample(sound, 8000, _RATE).astype("<i2").tobytes()
        parts = [samples[at : at + 9_601] for at in range(0, len(samples), 9_601)]
        return Response(answered(parts, fault), content_type="audio/pcm")

    @blueprint.post("/audio/transcriptions")
    async def transcribe() -> Response:
        fault = await faults.at_door()
        file = (await request.files).get("file")
        if file is None:
            return _refused("file is required")
        text = await speech.understood(_mulaw(file.read()))
        body = json.dumps({"text": text}).encode()
        return Response(answered([body], fault), content_type="application/json")

    @blueprint.post("/chat/completions")
    async def complete() -> Response:
        fault = await faults.at_door()
        asked = await request.get_json()
        said = [one["content"] for one in asked["messages"] if one["role"] == "user"]
        return Response(
            answered([part async for part in _chunks(reply(said))], fault),
            content_type="text/event-stream",
        )

    return blueprint


def _refused(why: str) -> Response:
    response = jsonify({"error": {"message": why, "type": "invalid_request_error", "code": None}})
    response.status_code = 400
    return response


def _mulaw(file: bytes) -> bytes:
    with wave.open(io.BytesIO(file)) as reader:
        samples = np.frombuffer(reader.readframes(reader.getnframes()), "<i2")
        rate = reader.getframerate()
    return encode_mulaw(resample(floats(samples.astype(np.int16)), rate, 8000))


async def _chunks(text: str) -> AsyncIterator[bytes]:
    for piece in pieces(text):
        yield _data({"delta": {"content": piece}, "finish_reason": None})
    yield _data({"delta": {}, "finish_reason": "stop"})
    yield b"data: [DONE]\n\n"


def _data(choice: dict[str, Any]) -> bytes:
    chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, **choice}]}
    return f"data: {json.dumps(chunk)}\n\n".encode()
