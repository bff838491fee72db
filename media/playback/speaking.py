"""Outbound sound of one call: what to send when, and what the caller has really heard. No I/O.

Sound is sent a little ahead of an absolute playback clock, so that a late event loop is not
heard, and marks tell how far playback got. A `clear` makes the carrier return every pending
mark at once (Twilio, "Media Streams - WebSocket Messages"), so marks carry a generation and
old generations prove nothing.
"""

from collections import deque
from collections.abc import Callable
from itertools import takewhile
from typing import TypeAlias

import msgspec

from media.audio.quiet_place import quiet_place
from media.dialogue import CHARACTERS_PER_SECOND, cut_at_word, unheard
from media.events import PlaybackStarted, TurnPlayed
from media.settings import SpeechSettings

FRAME_BYTES = 160
BYTES_PER_MS = 8
BYTES_PER_SECOND = 8000
SILENCE = b"\xff"
THROUGH_LEAD_SECONDS = 0.12  # an operator's voice is kept so far ahead of playback
THROUGH_SECONDS = 0.4  # and never further behind
THROUGH_START_BYTES = 60 * BYTES_PER_MS
RECENT_BYTES = 1200 * BYTES_PER_MS  # more than is ahead of playback, and that
_BYTES_PER_CHARACTER = BYTES_PER_SECOND / CHARACTERS_PER_SECOND  # of a sentence still being made


class Play(msgspec.Struct, frozen=True, gc=False):
    """Send this sound."""

    mulaw: bytes
    at: float = 0.0  # when the caller will hear it, by our clock
    by_operator: bool = False


class AskMark(msgspec.Struct, frozen=True, gc=False):
    """Send this mark."""

    name: str


class Clear(msgspec.Struct, frozen=True):
    """Send a clear."""


Outgoing: TypeAlias = Play | AskMark | Clear
Fact: TypeAlias = PlaybackStarted | TurnPlayed
Cut: TypeAlias = Callable[[str, int], str]


class _Sentence:
    """Where one sentence lies on the line of all bytes queued since the last clear."""

    def __init__(self, text: str, start: int, cut: Cut | None) -> None:
        self.text = text
        self.start = start
        self.cut = cut
        self.end: int | None = None  # unknown while the voice is still at it


class _Turn:
    def __init__(self, number: int) -> None:
        self.number = number
        self.sentences: list[_Sentence] = []
        self.ended = False
        self.began = False
        self.mark_asked_at: int | None = None


class Speaking:
    """One call's playback. Positions are bytes since the last clear."""

    def __init__(self, settings: SpeechSettings) -> None:
        self._settings = settings
        self._packet = max(1, settings.packet_ms * BYTES_PER_MS // FRAME_BYTES) * FRAME_BYTES
        self._lead_seconds = settings.lead_ms / 1000
        self._gap = SILENCE * (settings.sentence_gap_ms * BYTES_PER_MS)
        self._through = bytearray()  # an operator's own voice
        self._flowing = False
        self._generation = 0
        self._played_until = 0.0  # when all that was sent will have been played
        self._recent = bytearray()  # the end of what was sent
        self._cut: list[tuple[str, bytes]] = []  # sentences that were stopped, from there on
        self._reset()

    def _reset(self) -> None:
        self._queue = bytearray()
        self._through.clear()
        self._flowing = False
        self._sent = 0
        self._acked = 0
        self._marked = 0
        self._asked: dict[str, int] = {}
        self._turns: deque[_Turn] = deque()
        self._making: _Sentence | None = None

    def begin_sentence(self, turn: int, text: str, cut: Cut | None = None) -> None:
        """The voice starts on this sentence; its sound follows by `push`. If playback is stopped,
        `cut` is told its words and how many bytes of it were heard, and tells the words heard."""
        self._cut = []
        sentences = self._turn(turn).sentences
        if sentences:
            self._queue += self._gap
        self._making = _Sentence(text, self._sent + len(self._queue), cut)
        sentences.append(self._making)

    def reword(self, text: str) -> None:
        """These are the words of the sentence last begun, as far as they are known."""
        if self._making is not None:
            self._making.text = text

    def push(self, mulaw: bytes) -> None:
        """More sound of the sentence last begun; dropped when playback was stopped meanwhile."""
        if self._making is not None:
            self._queue += mulaw

    def end_sentence(self) -> None:
        """The sentence's sound is complete; it is padded to whole frames, or it would click."""
        if self._making is None:
            return
        self._queue += SILENCE * (-len(self._queue) % FRAME_BYTES)
        self._making.end = self._sent + len(self._queue)
        self._making = None

    def insert(self, mulaw: bytes) -> None:
        """Let this sound (whole frames) be heard before whatever is queued, which waits so long."""
        for turn in self._turns:
            for sentence in turn.sentences:
                if sentence.start >= self._sent:
                    sentence.start += len(mulaw)
                if sentence.end is not None and sentence.end > self._sent:
                    sentence.end += len(mulaw)
        self._queue[:0] = mulaw

    def pass_through(self, mulaw: bytes, now: float) -> None:
        """An operator's own voice, as it comes: what is too late to be of use is dropped.

        Words that are queued go first.
        """
        self._through += mulaw
        ahead = max(0.0, self._played_until - now) if self._flowing else 0.0
        room = max(0, int((THROUGH_SECONDS - ahead) * BYTES_PER_SECOND))
        del self._through[: max(0, len(self._through) - room)]

    def end_through(self) -> None:
        """The operator stops: what they said until now is still heard."""
        self._queue += self._through + SILENCE * (-len(self._through) % FRAME_BYTES)
        self._through.clear()
        self._flowing = False

    def end_turn(self, turn: int) -> None:
        """Nothing more comes in this turn. A turn without any sound is over when it is reached."""
        self._turn(turn).ended = True

    def _turn(self, number: int) -> _Turn:
        """The turn being queued; a new number ends the one before, or it would block the line."""
        if not self._turns or self._turns[-1].number != number:
            if self._turns:
                self._turns[-1].ended = True
            self._turns.append(_Turn(number))
        return self._turns[-1]

    def pull(self, now: float, early: float = 0.0) -> tuple[list[Outgoing], list[Fact]]:
        """What to send at `now` to stay the lead ahead of playback, and the facts of doing so; what
        is due within `early` seconds goes with it."""
        latest = now + early
        out: list[Outgoing] = []
        facts: list[Fact] = []
        while self._sendable() and self._played_until - self._lead_seconds <= latest:
            size = min(self._sendable(), self._packet)
            out.append(self._play(self._queue, size, now))
            facts += self._began()
            self._ask_marks(out)
        if not out:
            self._ask_marks(out)
        overdue = self._settings.mark_patience_ms / 1000
        if self._turns and now > self._played_until + overdue:
            self._acked = self._sent  # the mark never came: believe the clock
            facts += self._finished()
        if not self._turns and not self._sendable():
            self._pull_through(now, latest, out)
        return out, facts

    def _pull_through(self, now: float, latest: float, out: list[Outgoing]) -> None:
        """An operator's voice follows a shorter lead, and starts with a little in reserve."""
        if self._played_until <= now:  # begun, or starved: gather against the network's jitter
            self._flowing = len(self._through) >= THROUGH_START_BYTES
        while (
            self._flowing
            and len(self._through) >= FRAME_BYTES
            and self._played_until - THROUGH_LEAD_SECONDS <= latest
        ):
            size = min(len(self._through), self._packet)
            size -= size % FRAME_BYTES
            out.append(self._play(self._through, size, now, by_operator=True))
            self._ask_marks(out)

    def _play(self, sound: bytearray, size: int, now: float, *, by_operator: bool = False) -> Play:
        """Send so much from the front; it is heard after all that was sent before."""
        piece = bytes(sound[:size])
        del sound[:size]
        self._sent += size
        self._recent += piece
        del self._recent[:-RECENT_BYTES]
        self._played_until = max(self._played_until, now) + size / BYTES_PER_SECOND
        return Play(piece, self._played_until - size / BYTES_PER_SECOND, by_operator=by_operator)

    def _sendable(self) -> int:
        """Whole frames in the queue."""
        return len(self._queue) - len(self._queue) % FRAME_BYTES

    def _began(self) -> list[Fact]:
        facts: list[Fact] = []
        for turn in self._turns:
            if not turn.began and turn.sentences and turn.sentences[0].start < self._sent:
                turn.began = True
                facts.append(PlaybackStarted(turn.number))
        return facts

    def _ask_marks(self, out: list[Outgoing]) -> None:
        ended = any(
            turn.ended and turn.mark_asked_at is None and self._end_of(turn) <= self._sent
            for turn in self._turns
        )
        every = self._settings.mark_every_ms * BYTES_PER_MS
        if not ended and self._sent - self._marked < every:
            return
        self._marked = self._sent
        for turn in self._turns:
            if turn.ended and turn.mark_asked_at is None and self._end_of(turn) <= self._sent:
                turn.mark_asked_at = self._sent
        name = f"{self._generation}:{self._sent}"
        self._asked[name] = self._sent
        out.append(AskMark(name))

    def _end_of(self, turn: _Turn) -> int:
        if not turn.sentences:
            return 0
        end = turn.sentences[-1].end
        return self._sent + len(self._queue) + 1 if end is None else end

    def due(self, now: float) -> float | None:
        """When `pull` should be called next, or None while there is nothing to wait for."""
        if self._sendable():
            return max(now, self._played_until - self._lead_seconds)
        if any(turn.ended for turn in self._turns):
            return self._played_until + self._settings.mark_patience_ms / 1000 + 0.001
        if self._turns:
            return None
        if self._flowing and len(self._through) >= FRAME_BYTES:
            return max(now, self._played_until - THROUGH_LEAD_SECONDS)
        if len(self._through) >= THROUGH_START_BYTES:
            return max(now, self._played_until)
        return None

    def on_mark(self, name: str) -> list[Fact]:
        """The carrier returned a mark; forged, repeated and old-generation ones prove nothing."""
        position = self._asked.pop(name, None)
        if position is None:
            return []
        self._acked = max(self._acked, position)
        return self._finished()

    def _finished(self) -> list[Fact]:
        facts: list[Fact] = []
        while self._turns:
            turn = self._turns[0]
            if not turn.ended or turn.mark_asked_at is None or self._acked < self._end_of(turn):
                break
            self._turns.popleft()
            text = _text(turn)
            facts.append(TurnPlayed(turn.number, text, text))
        if not self._turns:  # nothing that could be stopped and gone on with
            self._recent.clear()
        return facts

    def stop_playback(self, now: float) -> tuple[list[Outgoing], list[Fact]]:
        """Stop at once. A clear is always sent: the carrier may hold sound we no longer do."""
        left = max(0.0, self._played_until - now)
        heard = max(self._acked, self._sent - int(left * BYTES_PER_SECOND))
        facts: list[Fact] = []
        if self._turns:
            self._cut = self._left(self._turns[0], heard)
        for turn in self._turns:
            text = _text(turn)
            facts.append(TurnPlayed(turn.number, text, _heard(turn, heard), cut=True))
        self._generation += 1
        self._played_until = now
        self._reset()
        return [Clear()], facts

    def _left(self, turn: _Turn, heard: int) -> list[tuple[str, bytes]]:
        """The sentences of the turn whose sound is complete and was not heard to the end."""
        left: list[tuple[str, bytes]] = []
        known = self._recent + self._queue
        first = self._sent - len(self._recent)
        for sentence in turn.sentences:
            if sentence.end is None:
                break
            if sentence.end <= heard:
                continue
            start = max(sentence.start, first)
            sound, text = bytes(known[start - first : sentence.end - first]), sentence.text
            if heard > sentence.start:
                share = (heard - sentence.start) / (sentence.end - sentence.start)
                text = unheard(text, cut_at_word(text, min(share, 0.99)))
                sound = sound[quiet_place(sound, heard - start) :]
            left.append((text, sound))
        return left

    def resume(self, turn: int, text: str) -> str:
        """Queue the sound that playback was stopped in, if `text` begins with its words; what of
        `text` has no sound is returned."""
        cut = self._cut
        words = " ".join(text for text, _ in cut)
        if not cut or not text.startswith(words):
            return text
        for sentence, sound in cut:
            self.begin_sentence(turn, sentence)
            self.push(sound)
            self.end_sentence()
        return text[len(words) :].strip()


def _text(turn: _Turn) -> str:
    return " ".join(sentence.text for sentence in turn.sentences if sentence.text)


def _heard(turn: _Turn, position: int) -> str:
    """The words of the turn that were played up to `position`, cut at a word."""
    heard = [_heard_of(sentence, position) for sentence in turn.sentences]
    whole = takewhile(lambda one: one[0] == one[1].text, zip(heard, turn.sentences, strict=True))
    count = len(list(whole))
    return " ".join(part for part in heard[: count + 1] if part)


def _heard_of(sentence: _Sentence, position: int) -> str:
    if sentence.cut is not None:
        until = position if sentence.end is None else min(position, sentence.end)
        return sentence.cut(sentence.text, max(0, until - sentence.start))
    if sentence.end is not None and position >= sentence.end:
        return sentence.text
    if position <= sentence.start:
        return ""
    end = sentence.end or sentence.start + (len(sentence.text) or 1) * _BYTES_PER_CHARACTER
    share = (position - sentence.start) / (end - sentence.start)
    return cut_at_word(sentence.text, min(share, 0.99))
