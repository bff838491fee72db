"""The sessions of one call with a model that speaks itself: opened, fed, and renewed in time.

A new one is open before it takes the place of the old, while nobody speaks and no reply is being
made, and is told what was said; so nobody hears a renewal. While there is none, `asked` says so and
the call goes on without. It knows when a person talks with the agent, and nothing of what is said.
"""

import contextlib
from collections.abc import Callable, Coroutine
from typing import TypeAlias

import msgspec

from media.call import Call
from media.dialogue import Prompt
from media.engines import guard
from media.engines.base import EngineError, SpeechSession, SpeechToSpeech
from media.listening import Listening
from media.phases.facts import prompt
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import CallerPaused, CallerSpeaking, Quiet

Start: TypeAlias = Callable[[str, Coroutine[None, None, None]], None]

_AHEAD_SECONDS = 120.0  # of its end a session is renewed,
_AHEAD_SHARE = 0.2  # or so much of a short one's time
_LAST_SECONDS = 5.0  # of it, in which a reply is not waited for any more


class _Opened(msgspec.Struct):
    session: SpeechSession
    job: str
    since: float

    @property
    def is_open(self) -> bool:
        return guard.told(lambda: self.session.is_open, otherwise=False)

    @property
    def is_over(self) -> bool:
        return guard.told(lambda: self.session.is_over, otherwise=True)

    @property
    def is_replying(self) -> bool:
        return guard.told(lambda: self.session.is_replying, otherwise=False)

    @property
    def ends_at(self) -> float:
        until = self.since + guard.told(lambda: self.session.seconds, 0.0)
        expires_at = guard.told(lambda: self.session.expires_at, None)
        if isinstance(expires_at, int | float) and expires_at > self.since:  # clocks differ
            until = min(until, expires_at)
        return until

    @property
    def renew_at(self) -> float:
        until = self.ends_at
        return until - min(_AHEAD_SECONDS, (until - self.since) * _AHEAD_SHARE)


class Sessions:
    """Of one call; `start` and `stop` a task by its name. Without an engine there are none."""

    def __init__(
        self,
        engine: SpeechToSpeech | None,
        listening: Listening,
        clock: Callable[[], float],
        start: Start,
        stop: Callable[[str], None],
    ) -> None:
        self._engine = engine
        self._listening = listening
        self._clock = clock
        self._start = start
        self._stop = stop
        self._current: _Opened | None = None
        self._next: _Opened | None = None
        self._opened = 0
        self._utterance = 0
        self._fed = 0  # bytes of it

    def follow(self, call: Call) -> None:
        """Something happened in the call: a session is opened where there is somebody to talk with
        and none, or the old one ends soon; and ended with the conversation."""
        if (engine := self._engine) is None:
            return
        if not isinstance(call.phase, Talking):
            self._drop(self._current)
            self._drop(self._next)
            return
        for one in (self._current, self._next):
            if one is not None and one.is_over:
                self._drop(one)
        if isinstance(call.phase.turn_state, Quiet):
            self._renew()
        if self._next is None and self._is_wanted():
            session = guard.told(lambda: engine.open(), None)
            if session is not None:
                self._open(session, prompt(call.facts, call.phase.hint, call.settings.language))

    def heard(self, call: Call) -> None:
        """More sound of the caller came. A plain call, for every frame."""
        if self._engine is not None and self._listening.speaking:
            self.catch_up(call)

    def catch_up(self, call: Call) -> None:
        """What the caller said of late is heard, if it came in their turn."""
        if self._engine is None or not _is_callers_turn(call):
            return
        is_new = self._listening.utterance != self._utterance
        if is_new:
            self._utterance, self._fed = self._listening.utterance, 0
            self._renew()
        if self._current is None:
            return
        session, fresh = self._current.session, self._listening.since(self._fed)
        self._fed += len(fresh)
        if is_new:
            guard.told(lambda: session.begin(), None)
        if fresh:
            guard.told(lambda: session.hear(fresh), None)

    def asked(self) -> SpeechSession | None:
        """Whom to ask for the next reply; None when there is no session."""
        if self._current is None or not self._current.is_open:
            self._renew()
        is_open = self._current is not None and self._current.is_open
        return self._current.session if self._current is not None and is_open else None

    def _is_wanted(self) -> bool:
        return self._current is None or self._clock() >= self._current.renew_at

    def _open(self, session: SpeechSession, told: Prompt) -> None:
        self._opened += 1
        self._next = _Opened(session, f"speech to speech {self._opened}", self._clock())
        self._start(self._next.job, _run(session, told))

    def _renew(self) -> None:
        """The next one takes the place of this one, if it is open and cuts off no reply; of one
        that will not live to its end the rest is said in our voice."""
        current = self._current
        if self._next is None or not self._next.is_open:
            return
        has_time = current is not None and self._clock() < current.ends_at - _LAST_SECONDS
        if current is not None and current.is_replying and has_time:
            return
        self._drop(current)
        self._current, self._next = self._next, None

    def _drop(self, one: _Opened | None) -> None:
        if one is None:
            return
        self._stop(one.job)
        if one is self._current:
            self._current = None
        if one is self._next:
            self._next = None


async def _run(session: SpeechSession, told: Prompt) -> None:
    with contextlib.suppress(EngineError):  # whoever made it knows, and `is_over` tells
        await guard.connected(session, told)


def _is_callers_turn(call: Call) -> bool:
    phase, theirs = call.phase, CallerSpeaking | CallerPaused
    return isinstance(phase, Talking) and isinstance(phase.turn_state, theirs)
