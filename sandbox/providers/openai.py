"""OpenAI's protocol as its clients see it: speech, transcriptions and chat completions."""

import io
import json
import wave
from typing import Any

import numpy as np
from quart import Blueprint, Response, jsonify, request

from sandbox.core.audio import decode_mulaw, encode_mulaw, resample
from sandbox.providers.bodies import answered
from sandbox.providers.faults import VendorFaults
from sandbox.providers.replies import about_result, halves, pieces, reply, tool_call
from sandbox.providers.speech import Speech, floats
from sandbox.providers.spoken_language import language_of

_RATE = 24_000
_NAMES = {"de": "german", "en": "english", "es": "spanish", "fr": "french"}


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
        form = await request.form
        model, is_verbose = form.get("model", ""), form.get("response_format") == "verbose_json"
        if is_verbose and model.startswith("gpt-"):
            return _refused("this model gives json only")
        text = await speech.understood(_mulaw(file.read()))
        heard: dict[str, Any] = {"text": text}
        told = language_of(text)
        if is_verbose:
            heard |= {"language": _NAMES.get(told, ""), "duration": 1.0}
        elif model == "gpt-transcribe":
            heard |= {"languages": [{"code": told}] if told else []}
        body = json.dumps(heard).encode()
        return Response(answered([body], fault), content_type="application/json")

    @blueprint.post("/chat/completions")
    async def complete() -> Response:
        fault = await faults.at_door()
        asked = await request.get_json()
        said = [one["content"] for one in asked["messages"] if one["role"] == "user"]
        last = asked["messages"][-1]
        functions = [one["function"] for one in asked.get("tools") or ()]
        offered = {one["name"]: one.get("parameters") or {} for one in functions}
        if last["role"] == "tool":
            parts = _chunks(about_result(last["content"]))
        elif called := tool_call(said, offered):
            parts = _tool_chunks(*called)
        else:
            parts = _chunks(reply(said))
        return Response(answered(parts, fault), content_type="text/event-stream")

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


def _chunks(text: str) -> list[bytes]:
    said = [{"delta": {"content": piece}, "finish_reason": None} for piece in pieces(text)]
    return _stream([*said, {"delta": {}, "finish_reason": "stop"}])


def _tool_chunks(name: str, arguments: dict[str, Any]) -> list[bytes]:
    """A call's first piece has id and name, the others more of its arguments."""
    first = {"index": 0, "id": f"call_{name}", "type": "function",
             "function": {"name": name, "arguments": ""}}  # fmt: skip
    more = [{"index": 0, "function": {"arguments": part}} for part in halves(arguments)]
    deltas: list[dict[str, Any]] = [
        {"role": "assistant", "content": None, "tool_calls": [first]},
        *({"tool_calls": [one]} for one in more),
    ]
    called = [{"delta": delta, "finish_reason": None} for delta in deltas]
    return _stream([*called, {"delta": {}, "finish_reason": "tool_calls"}])


def _stream(choices: list[dict[str, Any]]) -> list[bytes]:
    return [*map(_data, choices), b"data: [DONE]\n\n"]


def _data(choice: dict[str, Any]) -> bytes:
    chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, **choice}]}
    return f"data: {json.dumps(chunk)}\n\n".encode()
