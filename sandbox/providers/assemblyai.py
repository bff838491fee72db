"""AssemblyAI as its clients see it: `/v3/ws`."""

import uuid
from contextlib import suppress
from typing import Any

from quart import Blueprint, abort, websocket

from sandbox.providers.faults import VendorFaults
from sandbox.providers.sockets import FaultyCloseError, Socket
from sandbox.providers.speech import Speech
from sandbox.providers.spoken_language import language_of

_RATE = 8000
_PACKET_BYTES = (400, 8000)  # 50 to 1000 ms
_UPDATE_BYTES = 2 * _RATE


def assemblyai_blueprint(speech: Speech, faults: VendorFaults) -> Blueprint:
    """Routes under the vendor's address."""
    blueprint = Blueprint("assemblyai", __name__, url_prefix="/providers/assemblyai")

    @blueprint.websocket("/v3/ws")
    async def listen() -> None:
        key = websocket.headers.get("Authorization", "")
        if not key or " " in key:
            abort(401)
        with suppress(FaultyCloseError):
            await _Session(speech, Socket(faults, await faults.at_door())).serve()

    return blueprint


class _Session:
    def __init__(self, speech: Speech, socket: Socket) -> None:
        self._speech = speech
        self._socket = socket
        self._tells_language = websocket.args.get("language_detection") == "True"
        self._is_formatting = websocket.args.get("format_turns") == "True"
        self._sound = bytearray()
        self._start = 0.0
        self._shown = 0
        self._turn = 0

    async def serve(self) -> None:
        await self._socket.send(
            {"type": "Begin", "id": str(uuid.uuid4()), "expires_at": 1893456000}
        )
        async for message in self._socket.messages():
            if isinstance(message, bytes):
                if not _PACKET_BYTES[0] <= len(message) <= _PACKET_BYTES[1]:
                    await self._refuse(3007, "Input duration must be between 50 and 1000 ms")
                    return
                self._sound += message
                if len(self._sound) - self._shown >= _UPDATE_BYTES:
                    self._shown = len(self._sound)
                    await self._turned(await self._words(), is_end=False)
            elif isinstance(message, dict) and message.get("type") == "ForceEndpoint":
                await self._end()
            elif isinstance(message, dict) and message.get("type") == "Terminate":
                seconds = round(self._start + len(self._sound) / _RATE)  # whole ones
                await self._socket.send({
                    "type": "Termination", "audio_duration_seconds": seconds,
                    "session_duration_seconds": seconds,
                })  # fmt: skip
                await websocket.close(1000)
                return

    async def _words(self) -> str:
        return await self._speech.understood(bytes(self._sound))

    async def _end(self) -> None:
        text = await self._words()
        await self._turned(text, is_end=True)
        if self._is_formatting:
            await self._turned(text, is_end=True, is_formatted=True)
        self._start += len(self._sound) / _RATE
        self._sound.clear()
        self._shown, self._turn = 0, self._turn + 1

    async def _turned(self, text: str, *, is_end: bool, is_formatted: bool = False) -> None:
        plain = text if is_formatted else text.lower().translate(str.maketrans("", "", ".,?!"))
        words = plain.split()
        told = language_of(text) if is_end and self._tells_language else ""
        step = len(self._sound) / _RATE * 1000 / max(1, len(words))
        await self._socket.send({
            "type": "Turn", "turn_order": self._turn, "turn_is_formatted": is_formatted,
            "end_of_turn": is_end, "transcript": plain if is_end else "",
            "end_of_turn_confidence": 0.9 if is_end else 0.1,
            **({"language_code": told, "language_confidence": 0.98} if told else {}),
            "words": [
                {"text": word, "start": int(self._start * 1000 + at * step),
                 "end": int(self._start * 1000 + (at + 1) * step), "confidence": 0.97,
                 "word_is_final": is_end}
                for at, word in enumerate(words)
            ],
        })  # fmt: skip

    async def _refuse(self, code: int, why: str) -> None:
        error: dict[str, Any] = {"type": "Error", "error_code": code, "error": why}
        await self._socket.send(error)
        await websocket.close(code, why)
