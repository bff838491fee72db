"""One side's speech on its way to a service while it is said, where the engine takes it so.

A shell around the engine's stream: feeds it what `Listening` keeps, and knows how much. What goes
wrong leaves the sound where it is, for an engine that takes whole utterances.
"""

from collections.abc import Callable, Coroutine

import structlog

from media.engines import guard
from media.engines.base import EngineError, SpeechStream, SpeechToText, Understood, opened_stream
from media.listening import Listening

log = structlog.get_logger(__name__)


class Streamed:
    """The stream of one side of a call, opened with the first utterance and after each failure."""

    def __init__(
        self,
        speech_to_text: SpeechToText,
        listening: Listening,
        run: Callable[[Coroutine[None, None, None]], None],
    ) -> None:
        """`run` starts the stream's task, in place of the one before."""
        self._speech_to_text = speech_to_text
        self._listening = listening
        self._run = run
        self._stream: SpeechStream | None = None
        self._utterance = 0
        self._fed = 0  # bytes of the utterance
        self._freed = 0  # of those: understood for good, and not kept any more

    def follow(self) -> bool:
        """Feed what came since; whether there is a stream for this utterance. A plain call."""
        if self._listening.utterance != self._utterance:
            self._utterance, self._fed, self._freed = self._listening.utterance, 0, 0
            self._begin()
        if self._stream is None:
            return False
        fresh = self._listening.since(self._fed)
        if fresh:
            self._stream.feed(fresh)
            self._fed += len(fresh)
        return True

    def _begin(self) -> None:
        if self._stream is None:
            self._stream = opened_stream(self._speech_to_text)
            if self._stream is not None:
                self._run(guard.carried(self._stream))
        if self._stream is not None:
            self._stream.begin()

    @property
    def understood(self) -> Understood:
        """Of the utterance, so far."""
        return self._stream.understood if self._stream is not None else Understood()

    def free(self) -> str | None:
        """Let go of sound whose words stay as they are; all of those words, or None of none."""
        understood = self.understood
        length = min(understood.settled_bytes, self._fed) - self._freed
        if length <= 0 or not self._listening.settle(self._utterance, length):
            return None
        self._freed += length
        return understood.settled

    async def finish(self, utterance: int) -> Understood | None:
        """All words of the utterance; None where the stream cannot tell."""
        if utterance != self._listening.utterance or not self.follow():
            return None
        stream = self._stream
        assert stream is not None, "follow says so"  # noqa: S101
        try:
            return await guard.finished(stream)
        except EngineError as error:
            log.warning("engine_failed", engine="recogniser", error=str(error), stream=True)
            if stream is self._stream:
                self._stream = None
            return None
