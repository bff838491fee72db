"""A reply that brings its own sound, between the model that makes it and playback.

Its words are told to the call piece by piece; its sound is kept whole, so that playback can go on
where it was stopped. It knows neither the model nor the line.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

from media.audio.mulaw import SAMPLE_RATE
from media.audio.quiet_place import quiet_place
from media.dialogue import CHARACTERS_PER_SECOND, cut_at_word
from media.speech_to_speech.alignment import words_heard


class SpokenReply:
    """One such reply; `cut` is told how many bytes of its sound were heard when it was stopped."""

    def __init__(self, cut: Callable[[int], None]) -> None:
        self.turn = 0  # that it is said in; 0 while nobody wants it yet
        self.text = ""  # all its words so far, whole ones; their sound follows, or came just before
        self.told: list[str] = []  # of them, as the call knows them
        self.is_begun = False  # given to playback
        self.on_stop: Callable[[], None] = lambda: None  # before `cut` is told
        self._cut = cut
        self._sound = bytearray()
        self._is_ended = self._is_broken = False
        self._start = 0  # byte from where it is played
        self._heard: int | None = None  # byte up to where it was, when it was stopped
        self._more = asyncio.Event()

    # Who makes it

    def sound(self, mulaw: bytes) -> None:
        """More of its sound."""
        self._sound += mulaw
        self._more.set()

    def end(self, *, is_broken: bool = False) -> None:
        """Nothing more comes; `is_broken` when not all of its words have sound."""
        self._is_ended, self._is_broken = True, is_broken
        self._more.set()

    @property
    def seconds(self) -> float:
        """Of sound so far."""
        return len(self._sound) / SAMPLE_RATE

    # Who plays it

    def holds(self, turn: int, text: str) -> bool:
        """Whether these are words of it, in the turn it is said in."""
        return turn == self.turn and text in self.told

    def resumes(self, text: str) -> bool:
        """Whether these are words of it that were not heard, as it was stopped before them."""
        return self._heard is not None and bool(text) and text in self.text

    async def played(self, rest: str = "") -> AsyncIterator[tuple[str, bytes]]:
        """Its words so far and more of its sound, until it ends; or from where it was stopped, of
        which `rest` are the words."""
        at = quiet_place(bytes(self._sound), self._heard) if rest and self._heard else 0
        skipped = self.text.rfind(rest) if rest else 0
        self._start, self._heard, self.is_begun = at, None, True
        if rest:
            self._cut(len(self._sound))  # as it stands, unless it is stopped again
        while True:
            self._more.clear()
            fresh, at = bytes(self._sound[at:]), len(self._sound)
            yield self.text[skipped:], fresh
            if self._is_ended and at == len(self._sound):
                return
            await self._more.wait()

    def stopped(self, text: str, heard_bytes: int) -> str:
        """Playback was stopped; so much was heard since it began or went on, of which `text` are
        the words. Those that were heard."""
        self.on_stop()
        self._heard = min(self._start + heard_bytes, len(self._sound))
        self._cut(self._heard)
        sound = bytes(self._sound[self._start :])
        return words_heard(text, sound, heard_bytes, is_whole=self._is_ended)

    def soundless(self, text: str) -> str:
        """Of words that were played last, those that have no sound, judged by its length."""
        if not self._is_broken or not text:
            return ""
        seconds = (len(self._sound) - self._start) / SAMPLE_RATE
        said = cut_at_word(text, seconds * CHARACTERS_PER_SECOND / len(text))
        return text[len(said) :].strip()
