"""Text to sound, one sentence after the other: what a call wants said becomes queued sound.

A voice that fails or takes too long is told as a fact, and the line goes on. It knows the voice as
an engine and the playback it fills; nothing of sockets and of whose turn it is.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping

import structlog

from media.effects import EndTurn, Say, SayOn
from media.engines import guard
from media.engines.base import EngineError, TextToSpeech
from media.events import EngineFailed, Event
from media.playback.speaking import Speaking
from media.speech_to_speech.reply import SpokenReply

log = structlog.get_logger(__name__)


class SpeechQueue:
    """What is to be said, and the task that has it spoken. `on_sound` wakes who sends sound."""

    def __init__(
        self,
        text_to_speech: TextToSpeech,
        speaking: Speaking,
        phrases: Mapping[str, bytes],
        patience_seconds: float,
        post: Callable[[Event], None],
        on_sound: Callable[[], None],
    ) -> None:
        self.text_to_speech = text_to_speech  # of the language that is spoken by now
        self._language = ""
        self._speaking = speaking
        self._phrases = phrases
        self._prepared: dict[str, bytes] = {}  # each until it is said
        self._patience_seconds = patience_seconds
        self._post = post
        self._on_sound = on_sound
        self._to_say: deque[Say | SayOn | EndTurn] = deque()
        self._wake = asyncio.Event()
        self._ahead: tuple[str, asyncio.Future[bytes]] | None = None
        self._replies: list[SpokenReply] = []  # of one turn, which tools divide

    def go_on_in(self, language: str, voice_in: Callable[[str], TextToSpeech]) -> None:
        """Speak this language from now on, in the voice of before where its own cannot be made."""
        if language != self._language:
            self._language = language
            self.text_to_speech = guard.told(
                lambda: voice_in(language), self.text_to_speech, "voice"
            )

    def answer_with(self, reply: SpokenReply) -> None:
        """Words of this reply that are to be said have sound of their own."""
        self._replies = [*(one for one in self._replies if one.turn == reply.turn), reply]

    def add(self, item: Say | SayOn | EndTurn) -> None:
        """Say this after all else."""
        self._to_say.append(item)
        self._wake.set()

    def clear(self) -> None:
        """Forget what was not begun; a sentence that was ends with the task."""
        self._to_say.clear()

    async def run(self) -> None:
        """Speak for ever; cancelled and started afresh when playback is stopped."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._to_say:
                item = self._to_say.popleft()
                if isinstance(item, EndTurn):
                    self._speaking.end_turn(item.turn)
                elif isinstance(item, SayOn):
                    await self._say_on(item)
                else:
                    await self._say(item)
                self._on_sound()

    async def prepare(self, text: str) -> None:
        """Have this text's sound ready for when it is said."""
        if text in self._phrases or text in self._prepared:
            return
        try:
            chunks = [chunk async for chunk in guard.spoken(self.text_to_speech, text)]
        except EngineError as error:  # it is asked again, under a time limit, when it is said
            log.warning("engine_failed", engine="voice", error=type(error).__name__)
        else:
            self._prepared[text] = b"".join(chunks)

    async def _say_on(self, item: SayOn) -> None:
        reply = next((one for one in self._replies if one.resumes(item.text)), None)
        if reply is not None:
            reply.turn = item.turn  # as what is still to come of it
            await self._play(reply, item.turn, item.text)
            return
        left = self._speaking.resume(item.turn, item.text)
        if left:
            await self._speak(Say(item.turn, left))

    async def prepare_ahead(self, text: str) -> None:
        """Have this text's sound ready in case it is said, until it was said or dropped."""
        sound: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._ahead = text, sound
        try:
            chunks = [chunk async for chunk in guard.spoken(self.text_to_speech, text)]
            sound.set_result(b"".join(chunks))
        except EngineError:  # it is asked again when it is said
            sound.cancel()
        except asyncio.CancelledError:
            sound.cancel()
            raise

    def drop_ahead(self) -> None:
        """It is not said after all."""
        self._ahead = None

    async def _ready(self, text: str) -> bytes | None:
        if self._ahead is None or self._ahead[0] != text:
            return self._prepared.pop(text, None) or self._phrases.get(text)
        sound, self._ahead = self._ahead[1], None
        await asyncio.wait([sound], timeout=self._patience_seconds)
        return sound.result() if sound.done() and not sound.cancelled() else None

    async def _play(self, reply: SpokenReply, turn: int, rest: str = "") -> None:
        """A reply's own sound, and in our voice what has none; `rest` is what is left of it."""
        text = rest or reply.text
        self._speaking.begin_sentence(turn, text, reply.stopped)
        async for text, mulaw in reply.played(rest):
            self._speaking.reword(text)
            self._speaking.push(mulaw)
            self._on_sound()
        soundless = reply.soundless(text)
        self._speaking.reword(text.removesuffix(soundless).strip())
        self._speaking.end_sentence()
        if soundless:
            await self._speak(Say(turn, soundless))

    async def _say(self, item: Say) -> None:
        reply = next((one for one in self._replies if one.holds(item.turn, item.text)), None)
        if reply is None:
            await self._speak(item)
        elif not reply.is_begun:  # its first words, and with them all others
            await self._play(reply, item.turn)

    async def _speak(self, item: Say) -> None:
        self._speaking.begin_sentence(item.turn, item.text)
        ready = await self._ready(item.text)
        if ready is not None:
            self._speaking.push(ready)
            self._speaking.end_sentence()
            return
        patience = self._patience_seconds
        try:
            async with asyncio.timeout(patience) as timeout:
                async for chunk in guard.spoken(self.text_to_speech, item.text):
                    self._speaking.push(chunk)
                    self._on_sound()
                    timeout.reschedule(asyncio.get_running_loop().time() + patience)
        except (EngineError, TimeoutError) as error:
            log.warning("engine_failed", engine="voice", error=type(error).__name__)
            self._post(EngineFailed("voice", item.turn))
        self._speaking.end_sentence()
