"""What of the sound that comes in counts as the caller: not our own echo, not a television.

While the agent is audible a frame counts if it is louder than echo can be (what we sent, less the
line's loss, which is learnt) and not far below the caller's own voice (learnt from their words).
Steady quieter talk counts at no time, but a caller who has become quieter does. Levels alone
decide, as a room and a codec leave little of a waveform to compare. Pure; knows no words.
"""

from collections import deque

from media.barge_in.levels import SentLevels, Smooth, powers

ECHO_SECONDS = 1.0  # a speakerphone's and both networks' delay, and a room's ringing
_WORST_ECHO_DB = -10.0  # until it is learnt
_LEARNT_FRAMES = 25
_LEARN_FRAMES = 10  # between two looks at it
_REMEMBERED_FRAMES = 200  # of coupling
_UNDECIDED_FRAMES = 15  # the newest may be a caller who begins
_ECHO_SHARE = 0.95  # of frames are no louder than the coupling that is learnt
_ABOVE_ECHO_DB = 4.0
_AUDIBLE_DB = -42.0  # nobody interrupts more quietly
_BELOW_CALLER_DB = 10.0
_CALLER_SHARE = 0.8  # of the frames of an utterance are quieter than its level
_LOUDNESS_DECAY = 0.2
_STEADY = 0.2  # share of time in which there is quiet talk
_STEADY_FRAMES = 200.0
_VOICED = 0.5


class Gate:
    """One call's. `audible` while the agent can be heard, or its echo."""

    def __init__(self) -> None:
        self._sent = SentLevels(ECHO_SECONDS)
        self._level = Smooth()
        self._undecided: deque[float] = deque()
        self._couplings: deque[float] = deque(maxlen=_REMEMBERED_FRAMES)
        self._coupling = _WORST_ECHO_DB
        self._since_learnt = 0
        self._caller_db: float | None = None
        self._utterance: list[float] = []
        self._steady = 0.0
        self.audible = False

    def sent(self, mulaw: bytes, at: float) -> None:
        """This sound of ours is heard by the caller from `at` on."""
        self._sent.sent(mulaw, at)

    def cleared(self, now: float) -> None:
        """What was sent and not yet heard never will be."""
        self._sent.cleared(now)

    def weigh(self, frame: bytes, probability: float, now: float, *, speaking: bool) -> float:
        """How likely this frame is the caller's speech, of a detector's `probability` that it is
        anybody's; `speaking` while an utterance of theirs goes on."""
        loudest = self._sent.loudest(now)
        self.audible = loudest is not None
        nobody = probability <= 0.0 and loudest is None  # most of the time, and free
        level = self._level.push(0.0 if nobody else powers(frame)[0])
        if speaking:
            self._undecided.clear()
            if probability >= _VOICED:
                self._utterance.append(level)
        elif loudest is not None:
            self._learn_echo(level - loudest)
        if not speaking and self._utterance:
            self._learn_caller()
        quiet = self._caller_db is not None and level < self._caller_db - _BELOW_CALLER_DB
        steady = self._steady > _STEADY
        talks = probability >= _VOICED
        self._steady += (float(quiet and talks) - self._steady) / _STEADY_FRAMES
        if loudest is not None and not speaking:
            echo = loudest + self._coupling + _ABOVE_ECHO_DB
            return 0.0 if quiet or level < max(echo, _AUDIBLE_DB) else probability
        return 0.0 if quiet and steady else probability

    def _learn_echo(self, coupling: float) -> None:
        self._undecided.append(coupling)
        if len(self._undecided) <= _UNDECIDED_FRAMES:
            return
        self._couplings.append(self._undecided.popleft())
        self._since_learnt += 1
        if len(self._couplings) >= _LEARNT_FRAMES and self._since_learnt >= _LEARN_FRAMES:
            self._since_learnt = 0
            ordered = sorted(self._couplings)
            self._coupling = ordered[int(_ECHO_SHARE * (len(ordered) - 1))]

    def _learn_caller(self) -> None:
        ordered = sorted(self._utterance)
        self._utterance.clear()
        level = ordered[int(_CALLER_SHARE * (len(ordered) - 1))]
        if self._caller_db is None or level > self._caller_db:
            self._caller_db = level
        else:
            self._caller_db += _LOUDNESS_DECAY * (level - self._caller_db)
