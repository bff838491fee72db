"""What of the sound that comes in counts as the caller: not our own echo, not a television.

While the agent is audible a frame counts if it is louder than echo can be (what we sent, less the
line's loss, which is learnt) and not far below the caller's own voice (learnt from their words).
Steady quieter talk counts at no time, but a caller who has become quieter does. Levels alone
decide, as a room and a codec leave little of a waveform to compare. Pure; knows no words.
"""

from collections import deque
from heapq import heappush, heappushpop

from media.barge_in.levels import FLOOR_DB, SentLevels, Smooth, power, powers

ECHO_SECONDS = 1.0  # a speakerphone's and both networks' delay, and a room's ringing
_WORST_ECHO_DB = -10.0  # until it is learnt
_LEARNT_FRAMES = 25
_BELIEVED_FRAMES = 100  # before a louder one than that; whoever speaks just then is no echo
_LEARN_FRAMES = 20  # between two looks at it
_REMEMBERED_FRAMES = 200  # of coupling
_UNDECIDED_FRAMES = 15  # the newest may be a caller who begins
_ECHO_SHARE = 0.95  # of frames are no louder than the coupling that is learnt
_ABOVE_ECHO_DB = 4.0
_AUDIBLE_DB = -42.0  # nobody interrupts more quietly
_BELOW_CALLER_DB = 10.0
_LOUD_FRAMES = 10  # of an utterance are as loud as its level or louder
_LIKELY_CALLER_DB = -18.0  # while nobody spoke but a steady background
_LOUDNESS_DECAY = 0.2
_STEADY = 0.2  # share of time in which there is quiet talk
_STEADY_FRAMES = 200.0
_VOICED = 0.5
_NOBODY = 0.1  # what a detector is this sure of is no start of speech, however loud
_GATHERED_FRAMES = 5  # one look at several costs little more than at one


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
        self._loudest: list[float] = []  # of an utterance, a heap
        self._steady = 0.0
        self._unweighed: list[tuple[bytes, float]] = []  # frames, and what may come back in each
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
        if probability < _NOBODY and not speaking:
            self._pass_over(frame, loudest)
            return 0.0
        if self._unweighed:
            self._catch_up()
        level = self._level.push(power(frame))
        talks = probability >= _VOICED
        if speaking:
            self._undecided.clear()
            if talks:
                self._follow(level)
        elif loudest is not None:
            self._learn_echo(level, loudest)
        if not speaking and self._loudest:
            self._learn_caller()
        steady = self._steady > _STEADY
        quiet = level < self._reference(steady=steady) - _BELOW_CALLER_DB
        unknown = self._caller_db is None and not speaking and self.audible
        self._steady += (float(talks and (quiet or unknown)) - self._steady) / _STEADY_FRAMES
        if loudest is not None and not speaking:
            echo = loudest + self._coupling + _ABOVE_ECHO_DB
            return 0.0 if quiet or level < max(echo, _AUDIBLE_DB) else probability
        return 0.0 if quiet and steady else probability

    def _pass_over(self, frame: bytes, loudest: float | None) -> None:
        """Nobody speaks, most of the time: this must cost next to nothing."""
        if self._loudest:
            self._learn_caller()
        self._steady -= self._steady / _STEADY_FRAMES
        if loudest is not None:
            self._unweighed.append((frame, loudest))
            if len(self._unweighed) >= _GATHERED_FRAMES:
                self._catch_up()
            return
        if self._unweighed:
            self._catch_up()
        self._level.clear()

    def _catch_up(self) -> None:
        """Learn of the echo in what was passed over."""
        for loud, (_, loudest) in zip(
            powers(b"".join(frame for frame, _ in self._unweighed)), self._unweighed, strict=True
        ):
            self._learn_echo(self._level.push(loud), loudest)
        self._unweighed.clear()

    def _reference(self, *, steady: bool) -> float:
        """How loud the caller is, as far as is known."""
        if len(self._loudest) == _LOUD_FRAMES:
            return max(self._loudest[0], self._caller_db or FLOOR_DB)
        if self._caller_db is None:
            return _LIKELY_CALLER_DB if steady else FLOOR_DB
        return self._caller_db

    def _follow(self, level: float) -> None:
        if len(self._loudest) < _LOUD_FRAMES:
            heappush(self._loudest, level)
        else:
            heappushpop(self._loudest, level)

    def _learn_echo(self, level: float, loudest: float) -> None:
        if loudest < _AUDIBLE_DB:  # between silence and silence there is no loss to learn
            return
        self._undecided.append(level - loudest)
        if len(self._undecided) <= _UNDECIDED_FRAMES:
            return
        self._couplings.append(self._undecided.popleft())
        self._since_learnt += 1
        if len(self._couplings) >= _LEARNT_FRAMES and self._since_learnt >= _LEARN_FRAMES:
            self._since_learnt = 0
            ordered = sorted(self._couplings)
            self._coupling = ordered[int(_ECHO_SHARE * (len(ordered) - 1))]
            if len(ordered) < _BELIEVED_FRAMES:
                self._coupling = min(self._coupling, _WORST_ECHO_DB)

    def _learn_caller(self) -> None:
        if len(self._loudest) == _LOUD_FRAMES:
            level = self._loudest[0]
            if self._caller_db is None or level > self._caller_db:
                self._caller_db = level
            else:
                self._caller_db += _LOUDNESS_DECAY * (level - self._caller_db)
        self._loudest.clear()
