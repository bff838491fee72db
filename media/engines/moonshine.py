"""Offline speech recognition: the Moonshine tiny English model on worker threads.

Takes one finished utterance at a time; when an utterance begins and ends is decided elsewhere. What
holds no speech never reaches the model, which answers silence and noise with invented words.
"""

from __future__ import annotations

import re
import threading
from itertools import pairwise

import msgspec
import numpy as np
from msgspec.structs import replace

from media.audio.mulaw import SAMPLE_RATE, Float32, decode_float
from media.consumption import consumed_sound
from media.engines.decoding.grammar import (
    ANSWERS,
    Node,
    Vocabulary,
    digits,
    letters,
    phrases,
    sounds_like_digits,
    sounds_like_letters,
)
from media.engines.decoding.names import Names, is_name, load
from media.engines.decoding.repetition import repeats, said_once
from media.engines.decoding.second_look import (
    UNSURE_MEAN,
    are_believed,
    are_letters,
    hum,
    is_a_word_alone,
    is_believed,
    is_laughter,
    is_noise,
    is_surer,
    is_whole_number,
    spelled_out,
)
from media.engines.moonshine_model import (
    Decoded,
    Feeds,
    Model,
    choose,
    decode,
    hear,
    load_model,
    most_tokens,
    text_of,
)
from media.engines.silero import Silero
from media.engines.threads import Workers

_LONGEST_SEGMENT_SECONDS = 20  # the model was trained on shorter; cost grows with the square
_EARLIEST_CUT_SECONDS = 12
_SPEECH_PROBABILITY = 0.5
_SPEECH_WINDOWS = 2  # 64 ms: less than the shortest word
_OTHER_PADS_SECONDS = (0.0, 0.4)
_NAMES = 16  # so many are looked at together: there are more of them than letters
_SHORTEST_HALF = SAMPLE_RATE
# How this model's training text spells them.
_OLD_GOODBYE = re.compile(r"\b([Gg])ood-by\b")
_OLD_TODAY = re.compile(r"\b([Tt]o)-(?=day|morrow|night)")


class Moonshine:
    """SpeechToText on Moonshine tiny: about 80 ms of one core for 3.5 s of speech."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._loading = threading.Lock()
        self._listener: Listener | None = None

    async def warm(self) -> None:
        """Load the weights and run them once, so that the first caller does not wait for it.

        Raises EngineError, saying what to install, when the weights are missing.
        """
        listener = await self._workers.run(self._loaded)
        second = np.zeros(SAMPLE_RATE, np.float32)
        await self._workers.run(listener.understand, second, threading.Event())

    async def recognise(self, mulaw: bytes) -> str:
        """Words of one utterance, punctuated; "" when it holds no speech."""
        consumed_sound("moonshine.stt", len(mulaw))
        abandoned = threading.Event()
        try:
            return await self._workers.run(self._recognise, mulaw, abandoned)
        finally:
            abandoned.set()

    async def glimpse(self, mulaw: bytes) -> str | None:
        """Words so far, if a thread idles; what comes meanwhile abandons it."""
        abandoned = threading.Event()
        try:
            words = await self._workers.run_spare(abandoned, self._recognise, mulaw, abandoned)
            return None if abandoned.is_set() else words
        finally:
            abandoned.set()

    async def close(self) -> None:
        """Forget the weights; a later call would load them again."""
        self._listener = None

    def _loaded(self) -> Listener:
        with self._loading:
            if self._listener is None:
                self._listener = _load()
            return self._listener

    def _recognise(self, mulaw: bytes, abandoned: threading.Event) -> str:
        listener = self._loaded()
        samples = decode_float(mulaw)
        texts = [
            listener.understand(segment, abandoned)
            for segment in split_long(samples)
            if listener.speech.hears_speech(segment, _SPEECH_PROBABILITY, _SPEECH_WINDOWS)
        ]
        words = " ".join(text for text in texts if _has_words(text))
        return _OLD_TODAY.sub(r"\1", _OLD_GOODBYE.sub(r"\1oodbye", words))


class Listener(msgspec.Struct, frozen=True):
    """The models, and what a second look may hear."""

    model: Model
    speech: Silero
    answers: Node
    digits: Node
    letters: Node
    names: Names

    def understand(self, samples: Float32, abandoned: threading.Event) -> str:
        """Words of a segment that holds speech; another look where the first is not to be trusted.

        The second costs about as much as the first and is rare: for words alone and for digits.
        """
        limit = most_tokens(samples)
        heard = hear(self.model, samples)
        read = decode(self.model, heard, limit, abandoned)
        text = text_of(self.model, read)
        mean_score = read.score / (len(read.tokens) + 1)
        if is_laughter(samples, mean_score):  # letters are as even, but not all the same
            spelled = self._spelled(heard, limit, abandoned)
            is_spelled = spelled is not None and are_letters(*spelled, is_like=False)
            return spelled[0] if spelled and is_spelled else "Ha ha."
        if is_noise(text):
            return ""
        if read.repeats or not _has_words(text):
            text = self._again(samples, read, abandoned)
        if is_whole_number(text):
            return text
        if sounds_like_digits(text):
            digits = choose(self.model, heard, self.digits, limit, abandoned, by_length=1.0)
            if digits and are_believed(digits.score) and not repeats(digits.tokens):
                chosen = f"{text_of(self.model, digits)}."
                return chosen if is_surer(chosen, text) else text
            return text
        is_like = sounds_like_letters(text)
        if is_like or mean_score < UNSURE_MEAN:  # "Iva and ovi" is I, V, A, N, O, V
            spelled = self._spelled(heard, limit, abandoned)
            if spelled and are_letters(*spelled, is_like=is_like):
                return spelled[0]
        if is_like:
            return text
        if is_a_word_alone(text, samples):
            answer = choose(self.model, heard, self.answers, limit, abandoned)
            if answer and (not _has_words(text) or is_believed(text, read.score, answer.score)):
                return f"{text_of(self.model, answer).rstrip('.?!')}."
        return hum(text, samples)

    def _spelled(
        self, heard: Feeds, limit: int, abandoned: threading.Event
    ) -> tuple[str, float] | None:
        """The likeliest letters and their score: a name's where one sounds much like them."""
        names = self.names.spelled()
        name = choose(self.model, heard, names, limit, abandoned, by_length=0.5, width=_NAMES)
        letters = choose(self.model, heard, self.letters, limit, abandoned, by_length=0.5)
        if letters is None or repeats(letters.tokens):
            return None
        chosen = name if name and is_name(name.score, letters.score) else letters
        return spelled_out(text_of(self.model, chosen)), letters.score

    def _again(self, samples: Float32, read: Decoded, abandoned: threading.Event) -> str:
        """Read with other silence around it, then in halves; at last what repeats, said once."""
        limit = most_tokens(samples)
        for pad_seconds in _OTHER_PADS_SECONDS:
            other = decode(self.model, hear(self.model, samples, pad_seconds), limit, abandoned)
            text = text_of(self.model, other)
            if not other.repeats and _has_words(text):
                return text
        if samples.size > 2 * _SHORTEST_HALF:
            middle = _quietest(samples, samples.size // 3, samples.size * 2 // 3)
            halves = (samples[:middle], samples[middle:])
            return " ".join(self.understand(half, abandoned) for half in halves)
        return _said_once(self.model, read)


def _said_once(model: Model, decoded: Decoded) -> str:
    return text_of(model, replace(decoded, tokens=tuple(said_once(decoded.tokens))))


def _has_words(text: str) -> bool:
    return any(map(str.isalnum, text))


def _load() -> Listener:
    model = load_model()
    vocabulary = Vocabulary(model.tokens)
    answers = phrases(vocabulary, (word.capitalize() for word in ANSWERS))
    return Listener(
        model, Silero(), answers, digits(vocabulary), letters(vocabulary), load(vocabulary)
    )


def split_long(samples: Float32) -> list[Float32]:
    """Segments of at most 20 s of an 8 kHz utterance, cut where it is quietest."""
    cuts = [0]
    while samples.size - cuts[-1] > _LONGEST_SEGMENT_SECONDS * SAMPLE_RATE:
        first = cuts[-1] + _EARLIEST_CUT_SECONDS * SAMPLE_RATE
        last = cuts[-1] + _LONGEST_SEGMENT_SECONDS * SAMPLE_RATE
        cuts.append(_quietest(samples, first, last))
    return [samples[start:end] for start, end in pairwise([*cuts, samples.size])]


def _quietest(samples: Float32, first: int, last: int) -> int:
    """The middle of the quietest tenth of a second between two places."""
    window = SAMPLE_RATE // 10
    last = first + (last - first) // window * window
    loudness = np.square(samples[first:last]).reshape(-1, window).sum(axis=1)
    return first + int(loudness.argmin()) * window + window // 2
