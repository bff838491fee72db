"""Cartesia's voice as its clients see it: `/tts/websocket`."""

import base64
from contextlib import suppress
from typing import Any

from quart import Blueprint, abort, websocket

from sandbox.providers.faults import VendorFaults
from sandbox.providers.sockets import FaultyCloseError, Socket
from sandbox.providers.speech import Speech

_PIECE = 4000
_FORMAT = {"container": "raw", "encoding": "pcm_mulaw", "sample_rate": 8000}


def cartesia_blueprint(speech: Speech, faults: VendorFaults) -> Blueprint:
    """Routes under the vendor's address."""
    blueprint = Blueprint("cartesia", __name__, url_prefix="/providers/cartesia")

    @blueprint.websocket("/tts/websocket")
    async def contexts() -> None:
        if not websocket.headers.get("Authorization", "").startswith("Bearer "):
            abort(401)
        if not websocket.headers.get("cartesia-version"):
            abort(400)
        with suppress(FaultyCloseError):
            await _serve(speech, Socket(faults, await faults.at_door()))

    return blueprint


async def _serve(speech: Speech, socket: Socket) -> None:
    texts: dict[str, str] = {}
    flushes: dict[str, int] = {}
    async for message in socket.messages():
        if not isinstance(message, dict):
            continue
        context = message["context_id"]
        if message.get("cancel"):
            texts.pop(context, None)
            continue
        if message["output_format"] != _FORMAT:
            await socket.send(_error(context, "only raw pcm_mulaw at 8000 is made here"))
            continue
        texts[context] = texts.get(context, "") + message["transcript"]
        is_last = not message.get("continue")
        if not (is_last or message.get("flush")):
            continue
        sound, texts[context] = await speech.spoken(texts[context]), ""
        for at in range(0, len(sound), _PIECE):
            piece = base64.b64encode(sound[at : at + _PIECE]).decode()
            await socket.send(_of(context, "chunk", 206, data=piece, step_time=1.0))
        if message.get("flush"):
            flushes[context] = flushes.get(context, 0) + 1
            await socket.send(
                _of(context, "flush_done", 206, flush_id=flushes[context], flush_done=True)
            )
        if is_last:
            del texts[context]
            await socket.send(_of(context, "done", 200))


def _of(context: str, kind: str, status: int, **more: Any) -> dict[str, Any]:
    return {
        "type": kind, "context_id": context, "status_code": status, "done": kind == "done", **more,
    }  # fmt: skip


def _error(context: str, why: str) -> dict[str, Any]:
    return {
        "type": "error", "context_id": context, "status_code": 400, "done": True,
        "title": "Bad request", "message": why, "error_code": "bad_request",
        "request_id": "sandbox", "doc_url": "",
    }  # fmt: skip
