"""Deepgram as its clients see it: `/v1/listen`, `/v2/listen` and `/v1/speak`.

Words come when they are asked for, and now and then while sound comes; every field that
deepgram-sdk 7.17.0 requires is there.
"""

import uuid
from contextlib import suppress
from typing import Any

from quart import Blueprint, abort, websocket

from sandbox.providers.faults import VendorFaults
from sandbox.providers.sockets import FaultyCloseError, Socket
from sandbox.providers.speech import Speech
from sandbox.providers.spoken_language import language_of

_RATE = 8000
_FRAME = 1600  # bytes of sound a message
_UPDATE_BYTES = 2 * _RATE


def deepgram_blueprint(speech: Speech, faults: VendorFaults) -> Blueprint:
    """Routes under the vendor's address."""
    blueprint = Blueprint("deepgram", __name__, url_prefix="/providers/deepgram")

    @blueprint.websocket("/v1/listen")
    async def listen() -> None:
        await _served(_Nova(speech, await _at_door(faults, "encoding", "sample_rate", "model")))

    @blueprint.websocket("/v2/listen")
    async def listen_to_turns() -> None:
        await _served(_Flux(speech, await _at_door(faults, "encoding", "sample_rate", "model")))

    @blueprint.websocket("/v1/speak")
    async def speak() -> None:
        await _served(_Speak(speech, await _at_door(faults)))

    return blueprint


async def _at_door(faults: VendorFaults, *required: str) -> Socket:
    if not websocket.headers.get("Authorization", "").startswith("Token "):
        abort(401)
    if any(name not in websocket.args for name in required):
        abort(400)
    return Socket(faults, await faults.at_door())


async def _served(connection: "_Nova | _Flux | _Speak") -> None:
    with suppress(FaultyCloseError):
        await connection.serve()


class _Sound:
    """Sound of one connection: what was understood for good, and what came since."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self.since = bytearray()
        self.start = 0.0  # seconds, of `since`
        self._shown = 0

    async def words(self) -> str:
        """Of what came since."""
        return await self._speech.understood(bytes(self.since))

    @property
    def duration(self) -> float:
        """Seconds of what came since."""
        return len(self.since) / _RATE

    def is_due(self) -> bool:
        """Whether so much came that words are shown again."""
        if len(self.since) - self._shown < _UPDATE_BYTES:
            return False
        self._shown = len(self.since)
        return True

    def settle(self) -> None:
        """It is understood for good."""
        self.start += self.duration
        self.since.clear()
        self._shown = 0


class _Nova:
    def __init__(self, speech: Speech, socket: Socket) -> None:
        self._socket = socket
        self._sound = _Sound(speech)
        self._id = str(uuid.uuid4())
        self._tells_language = websocket.args.get("language") == "multi"

    async def serve(self) -> None:
        async for message in self._socket.messages():
            if isinstance(message, bytes):
                if not message:
                    return
                self._sound.since += message
                if self._sound.is_due():
                    await self._result(is_final=False)
            elif isinstance(message, dict) and message.get("type") == "Finalize":
                await self._result(is_final=True, from_finalize=True)
            elif isinstance(message, dict) and message.get("type") == "CloseStream":
                await self._result(is_final=True)
                await self._socket.send(self._metadata())
                await websocket.close(1000)
                return

    async def _result(self, *, is_final: bool, from_finalize: bool = False) -> None:
        sound = self._sound
        text, seconds = await sound.words(), sound.duration
        words = text.split()
        step = seconds / max(1, len(words))
        told = language_of(text) if self._tells_language else ""
        await self._socket.send({
            "type": "Results", "channel_index": [0, 1], "start": sound.start, "duration": seconds,
            "is_final": is_final, "speech_final": False, "from_finalize": from_finalize,
            "channel": {"alternatives": [{
                "transcript": text, "confidence": 0.98 if text else 0.0,
                "words": [
                    {"word": word.strip(".,?!").lower(), "punctuated_word": word,
                     "start": sound.start + at * step, "end": sound.start + (at + 1) * step,
                     "confidence": 0.98, **({"language": told} if told else {})}
                    for at, word in enumerate(words)
                ],
                **({"languages": [told]} if told else {}),
            }]},
            "metadata": {
                "request_id": self._id, "model_uuid": self._id,
                "model_info": {"name": "sandbox", "version": "1", "arch": "sandbox"},
            },
        })  # fmt: skip
        if is_final:
            sound.settle()

    def _metadata(self) -> dict[str, Any]:
        return {
            "type": "Metadata", "transaction_key": "deprecated", "request_id": self._id,
            "sha256": "0" * 64, "created": "2026-01-01T00:00:00.000Z",
            "duration": self._sound.start, "channels": 1,
        }  # fmt: skip


class _Flux:
    def __init__(self, speech: Speech, socket: Socket) -> None:
        self._socket = socket
        self._sound = _Sound(speech)
        self._id = str(uuid.uuid4())
        self._sequence = 0
        self._turn = 0
        self._is_open = False
        self._tells_language = websocket.args["model"].endswith("multi")

    async def serve(self) -> None:
        await self._send({"type": "Connected"})
        async for message in self._socket.messages():
            if isinstance(message, bytes):
                self._sound.since += message
                if self._sound.is_due():
                    await self._update()
            elif isinstance(message, dict) and message.get("type") == "ForceEndTurn":
                await self._end()
            elif isinstance(message, dict) and message.get("type") == "CloseStream":
                await websocket.close(1000)
                return

    async def _update(self) -> None:
        if text := await self._sound.words():
            await self._turn_info("Update" if self._is_open else "StartOfTurn", text, 0.3)
            self._is_open = True
        elif not self._is_open:  # nothing but silence is no turn
            self._sound.settle()

    async def _end(self) -> None:
        text = await self._sound.words()
        if text:
            confidence = 0.9 if text.endswith((".", "?", "!")) else 0.3
            await self._turn_info("EndOfTurn", text, confidence, trigger="manual")
            self._turn, self._is_open = self._turn + 1, False
        else:
            await self._send({
                "type": "Warning", "code": "FORCE_END_TURN_NO_ACTIVE_TURN",
                "description": "There is no active turn to end.",
            })  # fmt: skip
        self._sound.settle()

    async def _turn_info(self, event: str, text: str, confidence: float, **more: str) -> None:
        sound = self._sound
        told = language_of(text) if self._tells_language else ""
        await self._send({
            "type": "TurnInfo", "event": event, "turn_index": self._turn,
            "audio_window_start": sound.start, "audio_window_end": sound.start + sound.duration,
            "transcript": text, "words": [{"word": w, "confidence": 0.98} for w in text.split()],
            "end_of_turn_confidence": confidence, **({"languages": [told]} if told else {}),
            **more,
        })  # fmt: skip

    async def _send(self, message: dict[str, Any]) -> None:
        await self._socket.send({**message, "request_id": self._id, "sequence_id": self._sequence})
        self._sequence += 1


class _Speak:
    def __init__(self, speech: Speech, socket: Socket) -> None:
        self._speech = speech
        self._socket = socket

    async def serve(self) -> None:
        text, sequence = "", 0
        await self._socket.send({
            "type": "Metadata", "request_id": str(uuid.uuid4()), "model_name": "sandbox",
            "model_version": "1", "model_uuid": str(uuid.uuid4()),
        })  # fmt: skip
        async for message in self._socket.messages():
            if not isinstance(message, dict):
                continue
            match message.get("type"):
                case "Speak":
                    text += message["text"]
                case "Flush":
                    sound = await self._speech.spoken(text)
                    for at in range(0, len(sound), _FRAME):
                        await self._socket.send(sound[at : at + _FRAME])
                    await self._socket.send({"type": "Flushed", "sequence_id": sequence})
                    text, sequence = "", sequence + 1
                case "Clear":
                    await self._socket.send({"type": "Cleared", "sequence_id": sequence})
                    text, sequence = "", sequence + 1
                case "Close":
                    await websocket.close(1000)
                    return
                case _:
                    pass
