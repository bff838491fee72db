"""ElevenLabs as its clients see it: `stream-input` and `multi-stream-input`."""

import base64
from contextlib import suppress

from quart import Blueprint, abort, websocket

from sandbox.providers.faults import VendorFaults
from sandbox.providers.sockets import FaultyCloseError, Socket
from sandbox.providers.speech import Speech

_PIECE = 4000
_MOST_CONTEXTS = 5


def elevenlabs_blueprint(speech: Speech, faults: VendorFaults) -> Blueprint:
    """Routes under the vendor's address."""
    blueprint = Blueprint("elevenlabs", __name__, url_prefix="/providers/elevenlabs")

    @blueprint.websocket("/v1/text-to-speech/<voice>/multi-stream-input")
    async def contexts(voice: str) -> None:
        del voice
        with suppress(FaultyCloseError):
            await _Contexts(speech, await _at_door(faults)).serve()

    @blueprint.websocket("/v1/text-to-speech/<voice>/stream-input")
    async def stream(voice: str) -> None:
        del voice
        with suppress(FaultyCloseError):
            await _stream(speech, await _at_door(faults))

    return blueprint


async def _at_door(faults: VendorFaults) -> Socket:
    if not websocket.headers.get("xi-api-key"):
        abort(401)
    if websocket.args.get("output_format") != "ulaw_8000":
        abort(400)
    return Socket(faults, await faults.at_door())


async def _stream(speech: Speech, socket: Socket) -> None:
    text = ""
    async for message in socket.messages():
        if not isinstance(message, dict):
            continue
        text += message.get("text", "")
        if message.get("flush") or message.get("text") == "":
            sound, text = await speech.spoken(text.strip()), ""
            for at in range(0, len(sound), _PIECE):
                piece = base64.b64encode(sound[at : at + _PIECE]).decode()
                await socket.send({"audio": piece, "isFinal": None, "alignment": None})
        if message.get("text") == "":
            await socket.send({"audio": None, "isFinal": True})
            await websocket.close(1000)
            return


class _Contexts:
    def __init__(self, speech: Speech, socket: Socket) -> None:
        self._speech = speech
        self._socket = socket
        self._texts: dict[str, str] = {}

    async def serve(self) -> None:
        async for message in self._socket.messages():
            if not isinstance(message, dict):
                continue
            if message.get("close_socket"):
                await websocket.close(1000)
                return
            context = message.get("context_id", "default")
            if context not in self._texts and len(self._texts) == _MOST_CONTEXTS:
                await self._refuse()
                return
            self._texts[context] = self._texts.get(context, "") + message.get("text", "")
            if message.get("flush") or message.get("close_context"):
                await self._speak(context)
            if message.get("close_context"):
                del self._texts[context]
                await self._socket.send({"isFinal": True, "contextId": context})

    async def _speak(self, context: str) -> None:
        sound = await self._speech.spoken(self._texts[context].strip())
        self._texts[context] = ""
        for at in range(0, len(sound), _PIECE):
            piece = base64.b64encode(sound[at : at + _PIECE]).decode()
            await self._socket.send({
                "audio": piece, "contextId": context, "alignment": None,
                "normalizedAlignment": None,
            })  # fmt: skip

    async def _refuse(self) -> None:
        await self._socket.send({
            "message": "Maximum simultaneous contexts exceeded.",
            "error": "max_active_conversations", "code": 1008,
        })  # fmt: skip
        await websocket.close(1008, "max_active_conversations")
