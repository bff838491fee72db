"""One side's words: at each pause, as they come for whoever watches, and piece by piece if long.

A shell around the recogniser: it asks, and posts or shows what comes. What is only shown gives way
to everything else, and long speech is recognised while it is said, so that little is left for its
end. It knows nothing of turns and of what anybody does about a fact.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeAlias

import structlog

from media.audio.mulaw import SAMPLE_RATE
from media.call import Call
from media.effects import Publish, Recognise
from media.engines import guard
from media.engines.base import EngineError, Engines, Understood, text_of
from media.events import EngineFailed, Event, Recognised, Side
from media.listening import Listening
from media.phases.facts import interim
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import CallerSpeaking, Standby
from media.recognition.pieces import LONG_BYTES, cut, together
from media.recognition.streamed import Streamed
from media.settings import SpeechSettings

log = structlog.get_logger(__name__)
Start: TypeAlias = Callable[[str, Coroutine[None, None, None]], None]

_SHARE = 0.15  # of an utterance's length, more than any recogniser of ours needs
_INTERIM_SECONDS = 0.34  # three a second at most
_INTERIM_SHARE = 4  # and so many times as long as the last one took
_SOUND_SECONDS = 0.3  # for how finished it sounds, which nobody waits for longer
_CALLERS = CallerSpeaking | Standby  # turn states in which what is said may become a turn
_FEW_WORDS = 2  # of which the sound tells nothing that the words do not


class Recognition:
    """What one side of a call says, as words; lives as long as the call."""

    def __init__(
        self,
        side: Side,
        listening: Listening,
        engines: Engines,
        settings: SpeechSettings,
        post: Callable[[Event], None],
        show: Callable[[Publish], None],
        start: Start,
    ) -> None:
        """`post` takes facts, `show` what dashboards may see at once; `start` runs a task by a
        name, in place of the one before."""
        self._side = side
        self._listening = listening
        self._engines = engines
        self._settings = settings
        self._post = post
        self._show = show
        self._start = start
        self._utterance = 0  # the one that `_settled` is of
        self._settled = ""
        self._settling: asyncio.Event | None = None  # set once the piece at work is done
        self._is_showing = False
        self._next_interim = 0.0
        self._streamed = Streamed(
            engines.speech_to_text, listening, lambda work: start(f"stream-{side}", work)
        )

    def heard(self, now: float, call: Call, *, is_watched: bool) -> None:
        """More sound came. A plain call; where it is speech that counts, it may start work."""
        listening = self._listening
        if not listening.speaking or not _counts(call):
            return
        if self._streamed.follow():
            self._follow(now, is_watched=is_watched)
        elif listening.pending_bytes >= LONG_BYTES and self._settling is None:
            self._start(f"pieces-{self._side}", self._settle(listening.utterance))
        elif is_watched and now >= self._next_interim and not self._is_showing:
            self._next_interim = now + _INTERIM_SECONDS
            self._start(f"interim-{self._side}", self._interim(listening.utterance))

    def _follow(self, now: float, *, is_watched: bool) -> None:
        """What a service understood while it listens: shown, and its sound let go of if long."""
        utterance = self._listening.utterance
        if self._listening.pending_bytes >= LONG_BYTES and (text := self._streamed.free()):
            self._settled, self._utterance = text, utterance
        if is_watched and now >= self._next_interim:
            self._next_interim = now + _INTERIM_SECONDS
            if text := text_of(self._streamed.understood):
                self._show(interim(self._side, text, utterance))

    def recognise(self, effect: Recognise) -> Coroutine[None, None, None]:
        """Work that tells what was said in the utterance so far, all of it; or that it could not be
        told. The sound is that of now, though it be taken before the work begins."""
        return self._recognise(effect, self._listening.sound(effect.utterance))

    async def _recognise(self, effect: Recognise, sound: bytes) -> None:
        try:
            pending = len(sound) / SAMPLE_RATE
            patience = self._settings.recognise_timeout_seconds + pending * _SHARE
            async with asyncio.timeout(patience):
                if understood := await self._streamed.finish(effect.utterance):
                    self._understood(effect, understood)
                    return
                while self._settling is not None:
                    await self._settling.wait()
                    sound = self._listening.sound(effect.utterance) or sound
                heard = await guard.recognised(self._engines.speech_to_text, sound)
        except (EngineError, TimeoutError) as error:
            log.warning("engine_failed", engine="recogniser", error=type(error).__name__)
            self._post(EngineFailed("recogniser", effect.utterance, effect.side))
            return
        text = together(self._settled_of(effect.utterance), text_of(heard))
        complete = await self._sounds_complete(text, sound)
        self._understood(effect, Understood(text, complete=complete, language=heard.language))

    def _understood(self, effect: Recognise, understood: Understood) -> None:
        self._post(
            Recognised(
                effect.utterance, effect.revision, text_of(understood), effect.side,
                understood.complete, understood.language,
            )
        )  # fmt: skip

    def _settled_of(self, utterance: int) -> str:
        return self._settled if utterance == self._utterance else ""

    async def _sounds_complete(self, text: str, sound: bytes) -> float | None:
        """How probably it sounds like a whole turn, where there is a model and time for it."""
        model = self._engines.turn_end
        if model is None or len(text.split()) <= _FEW_WORDS:
            return None
        try:
            async with asyncio.timeout(_SOUND_SECONDS):
                return await guard.complete(model, sound)
        except (EngineError, TimeoutError):
            return None

    async def _settle(self, utterance: int) -> None:
        """Recognise the older part of what is said, once and for all."""
        self._settling = asyncio.Event()
        try:
            sound = self._listening.sound(utterance)
            length = cut(sound)
            words = await guard.recognised(self._engines.speech_to_text, sound[:length])
            if self._listening.settle(utterance, length):
                self._settled = together(self._settled_of(utterance), text_of(words))
                self._utterance = utterance
        except EngineError as error:  # it is tried again, at the end at the latest
            log.warning("engine_failed", engine="recogniser", error=type(error).__name__)
        finally:
            self._settling.set()
            self._settling = None

    async def _interim(self, utterance: int) -> None:
        """Show the words so far, if they can be had without anybody waiting for it."""
        self._is_showing = True
        time = asyncio.get_running_loop().time
        began = time()
        try:
            sound = self._listening.sound(utterance)
            words = await guard.glimpsed(self._engines.speech_to_text, sound)
        except EngineError:
            return
        finally:
            self._is_showing = False
            self._next_interim += max(0.0, _INTERIM_SHARE * (time() - began) - _INTERIM_SECONDS)
        if words and self._listening.utterance == utterance and self._listening.speaking:
            text = together(self._settled_of(utterance), words.strip())
            self._show(interim(self._side, text, utterance))


def _counts(call: Call) -> bool:
    """Whether what is said now may become a turn; else it was taken for an echo, or is not asked
    for yet."""
    phase = call.phase
    return isinstance(phase, Talking) and isinstance(phase.turn_state, _CALLERS)
