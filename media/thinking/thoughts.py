"""What a call asks for an answer: a model that speaks itself where a session is open, else the
language model; in earnest, or ahead of it.

It starts and stops the one task that does so; nothing of turns is decided here.
"""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TypeAlias

from media import engine_jobs
from media.dialogue import Prompt
from media.effects import Think
from media.engines import guard
from media.engines.base import LanguageModel, SpeechSession
from media.events import Event
from media.settings import SpeechSettings
from media.speech_to_speech.answer import answer
from media.speech_to_speech.reply import SpokenReply
from media.thinking.ahead import Ahead

_JOB = "llm"
Start: TypeAlias = Callable[[str, Coroutine[None, None, None]], None]


class Thoughts:
    """One call's; `asked` gives the session to ask, if any."""

    def __init__(
        self,
        llm: LanguageModel,
        settings: SpeechSettings,
        asked: Callable[[], SpeechSession | None],
        post: Callable[[Event], None],
        start: Start,
        stop: Callable[[str], None],
        speak_ahead: Callable[[str | None], None],
        answer_with: Callable[[SpokenReply], None],
    ) -> None:
        """`speak_ahead` has a sentence's sound made in case it is said, or with None drops it;
        `answer_with` hands playback a reply that has sound of its own."""
        self._llm = llm
        self._settings = settings
        self._asked = asked
        self._post = post
        self._start = start
        self._stop = stop
        self._speak_ahead = speak_ahead
        self._answer_with = answer_with
        self._ahead: Ahead | None = None
        self._reply: SpokenReply | None = None
        self._latest: SpokenReply | None = None  # though nobody wants it any more

    def think(self, effect: Think) -> None:
        """Answer, with what was thought of ahead if it answers this."""
        if not self._release(effect):
            self.think_ahead(effect.prompt)
            self._release(effect)

    def think_ahead(self, prompt: Prompt) -> None:
        """Answer already, in case this is asked."""
        self._drop()
        session = self._asked()
        ahead = Ahead(prompt, self._speak_ahead if session is None else lambda _: None)
        ask = partial(engine_jobs.think, self._llm, Think(0, prompt), self._settings, ahead.take)
        if session is None:
            self._start(_JOB, ask())
        else:
            reply = SpokenReply(lambda heard: self._cut(session, reply, heard))
            self._reply = self._latest = reply
            patience = self._settings.think_timeout_seconds
            self._start(_JOB, answer(session, prompt, reply, patience, ahead.take, ask))
        self._ahead = ahead

    def stop(self) -> None:
        """Nobody wants an answer."""
        self._stop(_JOB)
        self._drop()

    def _release(self, effect: Think) -> bool:
        if self._ahead is None or not self._ahead.release(effect.prompt, effect.turn, self._post):
            return False
        if self._reply is not None:
            self._reply.turn = effect.turn
            self._answer_with(self._reply)
        return True

    def _drop(self) -> None:
        self._ahead = self._reply = None
        self._speak_ahead(None)

    def _cut(self, session: SpeechSession, reply: SpokenReply, heard_bytes: int) -> None:
        if reply is self._latest:  # of earlier ones the session has what was heard by then
            guard.told(lambda: session.cut(heard_bytes), None)
