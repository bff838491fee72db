"""OpenAI's Realtime sessions: `/v1/realtime`, a websocket a call, with the names of its general
availability.

Read in openai 3.57.0. Telephone sound goes both ways as it is. The service's own turn detection is
off: turns, interruptions and time are decided where they are for every call.
"""

import asyncio
import base64
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection

from media.audio.mulaw import SAMPLE_RATE
from media.consumption import consumed
from media.dialogue import Prompt
from media.engines.base import EngineError, Spoken
from media.engines.llm.instructions import instructions
from media.engines.llm.reply import MOST_ARGUMENTS_CHARACTERS
from media.providers.openai.realtime_context import Answer, ClientEvent, Context, function
from media.providers.openai.settings import OpenAISettings
from media.providers.sockets import Address, address_of, first_of, opened, received, say
from media.tools import ToolCall

_PACKET_BYTES = SAMPLE_RATE // 10
_LEAST_BYTES = SAMPLE_RATE // 10  # of sound that can be committed
_MOST_TOKENS = 1500  # a minute of speech, when the model will not stop
_GAP_SECONDS = 1.5  # in a reply; and as long as what has come can be played
_GOING_AWAY = 1001  # a session's time is over, or a server's
_FORMAT = {"type": "audio/pcmu"}


class OpenAIRealtime:
    """SpeechToSpeech, a session of its own for each call."""

    def __init__(self, settings: OpenAISettings, language: str) -> None:
        """`language` is that of the instructions; nothing is said of it."""
        del language
        self._settings = settings
        key = settings.api_key.reveal() or "none"
        query = {"model": settings.realtime_model}
        headers = {"authorization": f"Bearer {key}"}
        address = address_of(settings.base_url, "/realtime", query, headers)
        seconds = settings.connect_timeout_seconds
        self._address = msgspec.structs.replace(address, open_seconds=seconds)

    def open(self) -> "RealtimeSession":
        """A session to be run; nothing is asked of the service yet."""
        return RealtimeSession(self._address, self._settings)

    async def close(self) -> None:
        """Each session closes with its call."""


class _Response(msgspec.Struct, eq=False):
    """A response that was asked for, and what came of it and was not taken yet; None is its end."""

    answer: Answer
    response_id: str | None = None
    pieces: deque[Spoken | ToolCall | EngineError | None] = msgspec.field(default_factory=deque)
    news: asyncio.Event = msgspec.field(default_factory=asyncio.Event)

    def give(self, piece: Spoken | ToolCall | EngineError | None) -> None:
        self.pieces.append(piece)
        self.news.set()


class RealtimeSession:
    """SpeechSession over one websocket."""

    def __init__(self, address: Address, settings: OpenAISettings) -> None:
        self._address = address
        self._settings = settings
        self._context = Context()
        self._out: deque[ClientEvent] = deque()
        self._to_send = asyncio.Event()
        self._unsent = bytearray()  # sound
        self._heard_bytes = 0  # that are not committed
        self._response: _Response | None = None
        self._asked = 0
        self._idle = asyncio.Event()  # no response is being made
        self._idle.set()
        self._opened, self._broken = asyncio.Event(), asyncio.Event()
        self._failure: EngineError | None = None
        self.expires_at: float | None = None
        self.is_open = self.is_over = False
        self._react: Mapping[str, Callable[[dict[str, Any]], None]] = {
            "session.created": self._created,
            "session.updated": self._updated,
            "input_audio_buffer.committed": self._committed,
            "response.created": self._responding,
            "response.output_item.added": self._item_added,
            "response.output_item.done": self._item_done,
            "response.output_audio.delta": self._sound,
            "response.output_audio_transcript.delta": self._words,
            "response.output_text.delta": self._words,
            "response.done": self._done,
            "error": self._refused,
        }

    @property
    def is_replying(self) -> bool:
        """Whether the service owes the end of a response."""
        return not self._idle.is_set()

    @property
    def seconds(self) -> float:
        """As configured; the service may say less."""
        return self._settings.realtime_session_seconds

    def begin(self) -> None:
        """Sound that nobody asked about is forgotten."""
        self._unsent.clear()
        if self._heard_bytes:
            self._heard_bytes = 0
            self._send({"type": "input_audio_buffer.clear"})

    def hear(self, mulaw: bytes) -> None:
        """More sound: kept until a packet is full."""
        self._unsent += mulaw
        self._heard_bytes += len(mulaw)
        if len(self._unsent) >= _PACKET_BYTES:
            self._send_sound()

    def cut(self, heard_bytes: int) -> None:
        """So much was heard of the latest answer."""
        if self._context.answer is not None:
            self._context.answer.heard_bytes = heard_bytes

    async def reply(self, prompt: Prompt) -> AsyncGenerator[Spoken | ToolCall, None]:
        """Words, sound and calls of tools as they come. Raises EngineError; the session is over
        then."""
        time = asyncio.get_running_loop().time
        deadline = time() + self._settings.realtime_first_seconds
        response: _Response | None = None
        try:
            async with asyncio.timeout_at(deadline):
                await self._opened.wait()
                await self._idle.wait()
            response = self._ask(prompt)
            until = 0.0  # when what has come is played, if it was at once
            while True:
                async with asyncio.timeout_at(deadline):
                    piece = await self._next(response)
                if piece is None:
                    response = None
                    return
                if isinstance(piece, Spoken) and piece.mulaw:
                    until = max(until, time()) + len(piece.mulaw) / SAMPLE_RATE
                deadline = max(until, time() + _GAP_SECONDS)
                yield piece
        except (EngineError, TimeoutError) as error:
            failure = error if isinstance(error, EngineError) else EngineError("it fell silent")
            self._fail(failure)
            raise failure from None
        finally:
            if response is not None and response is self._response and not self._idle.is_set():
                self._send({"type": "response.cancel"})

    async def run(self, prompt: Prompt) -> None:
        """Carry sound and replies until cancelled, or until its time is over and nobody waits for
        a reply. Raises EngineError when it is gone."""
        is_expected = False
        try:
            connection = await opened(self._address)
            try:
                self._tell(prompt)
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._write(connection))
                    group.create_task(self._watch())
                    while True:
                        self._read(await received(connection))
            finally:
                is_expected = connection.close_code == _GOING_AWAY and self._idle.is_set()
                await connection.close()
        except* Exception as failures:  # noqa: BLE001 - whoever asks is told, whatever it is
            self._fail(first_of(failures))
        finally:
            self.is_open, self.is_over = False, True
        if self._failure is not None and not is_expected:
            raise self._failure

    def _fail(self, failure: EngineError) -> None:
        self._failure = self._failure or failure
        self.is_open, self.is_over = False, True
        for waited in (self._opened, self._idle, self._broken):
            waited.set()
        if self._response is not None:
            self._response.give(self._failure)

    async def _watch(self) -> None:
        """Raises once it did not open in time, or has failed."""
        try:
            async with asyncio.timeout(self._settings.read_timeout_seconds):
                await self._opened.wait()
        except TimeoutError:
            raise EngineError("it did not open") from None
        await self._broken.wait()
        raise self._failure or EngineError("it failed")

    # What is sent

    def _tell(self, prompt: Prompt) -> None:
        sound = {"format": _FORMAT, "turn_detection": None}
        session = {
            "type": "realtime", "output_modalities": ["audio"],
            "instructions": instructions(prompt), "max_output_tokens": _MOST_TOKENS,
            "tools": [function(tool) for tool in prompt.tools],
            "audio": {
                "input": sound, "output": {"format": _FORMAT, "voice": self._settings.voice},
            },
        }  # fmt: skip
        for event in ({"type": "session.update", "session": session}, *self._context.begin(prompt)):
            self._send(event)

    def _ask(self, prompt: Prompt) -> _Response:
        if self._failure is not None:
            raise self._failure
        self._send_sound()
        has_sound = self._heard_bytes >= _LEAST_BYTES
        *events, create = self._context.follow(prompt, has_sound=has_sound)
        self._asked += 1
        for event in (*events, {**create, "event_id": self._create_id}):
            self._send(event)
        if has_sound:
            self._heard_bytes = 0
        assert self._context.answer is not None, "follow makes one"  # noqa: S101
        self._response = _Response(self._context.answer)
        self._idle.clear()
        return self._response

    @property
    def _create_id(self) -> str:
        return f"reply_{self._asked}"

    def _send_sound(self) -> None:
        if self._unsent:
            audio = base64.b64encode(self._unsent).decode()
            self._unsent.clear()
            self._send({"type": "input_audio_buffer.append", "audio": audio})

    def _send(self, event: ClientEvent) -> None:
        self._out.append(event)
        self._to_send.set()

    async def _write(self, connection: ClientConnection) -> None:
        while True:
            await self._to_send.wait()
            self._to_send.clear()
            while self._out:
                await say(connection, self._out.popleft())

    # What comes

    async def _next(self, response: _Response) -> Spoken | ToolCall | None:
        while not response.pieces:
            response.news.clear()
            await response.news.wait()
        piece = response.pieces.popleft()
        if isinstance(piece, EngineError):
            raise piece
        return piece

    def _read(self, event: Any) -> None:
        """Types that are not known say nothing."""
        if (react := self._react.get(event["type"])) is not None:
            react(event)

    def _created(self, event: dict[str, Any]) -> None:
        self.expires_at = event["session"].get("expires_at")

    def _updated(self, _event: dict[str, Any]) -> None:
        self.is_open = not self.is_over
        self._opened.set()

    def _committed(self, event: dict[str, Any]) -> None:
        for answer in self._context.committed(event["item_id"]):
            self._send(answer)

    def _responding(self, event: dict[str, Any]) -> None:
        if self._response is not None and self._response.response_id is None:
            self._response.response_id = event["response"]["id"]

    def _of(self, response_id: str) -> _Response | None:
        """The response that is asked for, if it is this one."""
        is_it = self._response is not None and self._response.response_id == response_id
        return self._response if is_it else None

    def _item_added(self, event: dict[str, Any]) -> None:
        response = self._of(event["response_id"])
        if response is not None and event["item"]["type"] == "message":
            for answer in self._context.answered_by(response.answer, event["item"]["id"]):
                self._send(answer)

    def _item_done(self, event: dict[str, Any]) -> None:
        response, item = self._of(event["response_id"]), event["item"]
        if response is not None and item["type"] == "function_call":
            call = ToolCall(item["call_id"], item["name"], item["arguments"])
            self._context.calls(call)
            is_long = len(call.arguments) > MOST_ARGUMENTS_CHARACTERS
            response.give(EngineError("its tool call is too long") if is_long else call)

    def _sound(self, event: dict[str, Any]) -> None:
        if (response := self._of(event["response_id"])) is not None:
            mulaw = base64.b64decode(event["delta"])
            response.answer.sound_bytes += len(mulaw)
            response.give(Spoken(mulaw=mulaw))

    def _words(self, event: dict[str, Any]) -> None:
        if (response := self._of(event["response_id"])) is not None:
            response.answer.text += event["delta"]
            response.give(Spoken(text=event["delta"]))

    def _done(self, event: dict[str, Any]) -> None:
        count_tokens(event["response"].get("usage") or {})
        response = self._of(event["response"]["id"])
        if response is None:
            return
        self._idle.set()
        failed: dict[str, Any] | None = None
        if event["response"]["status"] == "failed":
            failed = (event["response"].get("status_details") or {}).get("error") or {}
        response.give(None if failed is None else EngineError(_why(failed)))

    def _refused(self, event: dict[str, Any]) -> None:
        """The session lives on after most errors; a reply that is asked for does not wait."""
        error = event["error"]
        if error.get("code") == "input_audio_buffer_commit_empty":
            self._context.not_committed()
        if not self._opened.is_set() or error.get("code") == "session_expired":
            self._fail(EngineError(_why(error)))
        elif error.get("event_id") == self._create_id and self._response is not None:
            self._response.give(EngineError(_why(error)))
            self._idle.set()  # none is being made, also where nobody waits for it any more


def count_tokens(usage: Mapping[str, Any]) -> None:
    """Tokens of a response: text and sound have prices of their own, and so has what was cached."""
    heard, said = (usage.get(f"{side}_token_details") or {} for side in ("input", "output"))
    cached = heard.get("cached_tokens_details") or {}
    for kind in ("text", "audio"):
        again = cached.get(f"{kind}_tokens") or 0
        consumed(f"openai.realtime.{kind}_input", (heard.get(f"{kind}_tokens") or 0) - again)
        consumed(f"openai.realtime.{kind}_cached", again)
        consumed(f"openai.realtime.{kind}_output", said.get(f"{kind}_tokens") or 0)


def _why(error: Mapping[str, Any]) -> str:
    return f"the service failed with {error.get('code') or error.get('type') or 'an error'}"
