"""Inbound sound of one call: frames in, facts out (speech began, speech paused). No I/O, no clock.

It keeps the sound of the current utterance, with a little from before its start, until the
utterance is taken. It knows nothing of words, turns or what anybody does about a fact.
"""

from collections import deque
from collections.abc import Iterable

from media.audio.vad import FRAME_MS, SpeechEdges
from media.barge_in.gate import Gate
from media.engines.base import SpeechDetector
from media.events import Event, Side, SpeechBegan, SpeechPaused
from media.settings import SpeechSettings

FRAME_BYTES = 160  # 20 ms of mu-law at 8 kHz
BYTES_PER_SECOND = 8000


class Listening:
    """What one side says, before it is recognised; lives as long as the call's sound stream."""

    def __init__(
        self,
        detector: SpeechDetector,
        settings: SpeechSettings,
        utterance: int = 0,
        gate: Gate | None = None,
    ) -> None:
        """`utterance` is the last one that was numbered before; a `gate` keeps out what is not
        this side's speech."""
        self._detector = detector
        self._settings = settings
        self._gate = gate
        self._interrupt_frames = max(1, settings.interrupt_ms // FRAME_MS)
        self._edges = self._new_edges()
        self._rest = b""
        self._pre_roll: deque[bytes] = deque(maxlen=max(1, settings.pre_roll_ms // FRAME_MS))
        self._sound = bytearray()
        self._settled = 0  # bytes of the utterance before them
        self._limit = int(settings.max_utterance_seconds * BYTES_PER_SECOND)
        self._utterance = utterance
        self._revision = 0
        self._open = False

    def _new_edges(self) -> SpeechEdges:
        chosen = self._settings
        return SpeechEdges(
            chosen.start_probability,
            chosen.stop_probability,
            chosen.start_ms,
            chosen.pause_ms,
        )

    def restart(self) -> None:
        """Forget everything heard so far: the conversation begins now."""
        self._edges = self._new_edges()
        self._pre_roll.clear()
        self.take(self._utterance)

    def push(self, mulaw: bytes, now: float) -> list[SpeechBegan | SpeechPaused]:
        """Take sound of any length that arrived at `now`; returns what it means, mostly nothing."""
        if not self._rest and len(mulaw) == FRAME_BYTES:
            fact = self._frame(mulaw, now)
            return [fact] if fact is not None else []
        data = self._rest + mulaw
        whole = len(data) - len(data) % FRAME_BYTES
        self._rest = data[whole:]
        frames = (data[at : at + FRAME_BYTES] for at in range(0, whole, FRAME_BYTES))
        return [fact for frame in frames if (fact := self._frame(frame, now)) is not None]

    def _frame(self, frame: bytes, now: float) -> SpeechBegan | SpeechPaused | None:
        probability, start_frames = self._detector.probability(frame), None
        if self._gate is not None:
            speaking = self._edges.speaking
            probability = self._gate.weigh(frame, probability, now, speaking=speaking)
            start_frames = self._interrupt_frames if self._gate.audible else None
        edge = self._edges.push(probability, start_frames)
        if self._open and len(self._sound) < self._limit:
            self._sound += frame
        self._pre_roll.append(frame)
        if edge == "began":
            if not self._open:
                self._open = True
                self._utterance += 1
                self._sound += b"".join(self._pre_roll)
            self._revision += 1
            return SpeechBegan(self._utterance)
        if edge == "paused":
            ended_at = now - self._settings.pause_ms / 1000
            return SpeechPaused(self._utterance, self._revision, ended_at)
        return None

    @property
    def speaking(self) -> bool:
        """Whether they speak just now."""
        return self._edges.speaking

    @property
    def utterance(self) -> int:
        """The number of the latest one."""
        return self._utterance

    @property
    def pending_bytes(self) -> int:
        """How much of its sound is not settled."""
        return len(self._sound)

    def sound(self, utterance: int) -> bytes:
        """Mu-law of the utterance so far, without what is settled; empty when it was taken."""
        return bytes(self._sound) if utterance == self._utterance else b""

    def since(self, start: int) -> bytes:
        """Of the latest utterance's sound, what follows so many bytes and is not settled."""
        return bytes(self._sound[max(0, start - self._settled) :])

    def settle(self, utterance: int, length: int) -> bool:
        """So many bytes from the front are understood for good; False when it was taken."""
        if utterance != self._utterance or not self._open:
            return False
        del self._sound[:length]
        self._settled += length
        return True

    def take(self, utterance: int) -> None:
        """The utterance is done with; sound from now on belongs to the next one."""
        if utterance != self._utterance:
            return
        self._sound.clear()
        self._settled = 0
        self._open = self._edges.speaking
        if self._open:  # they went on meanwhile: that is the next utterance
            self._utterance += 1
            self._sound += b"".join(self._pre_roll)


def has_begun(untold: Iterable[Event], side: Side) -> bool:
    """Whether one of these facts, which nobody has acted on yet, is that this side spoke up: what
    is heard since then is not to be forgotten, or nobody would hear that they are done."""
    return any(isinstance(fact, SpeechBegan) and fact.side == side for fact in untold)
