"""When a recogniser should look again, and which of two readings is believed.

A word alone has no sentence around it to be understood by, so what people really answer is tried
beside what was read; the same goes for digits in a row. Pure but for numpy.
"""

import re

import numpy as np

from media.audio.mulaw import SAMPLE_RATE, Float32
from media.engines.decoding.grammar import ANSWERS, BACKCHANNELS, DIGITS

_SHORT_SECONDS = 1.3  # of sound above the noise
_MOST_WORDS = 3
# How much less likely, as a logarithm, an answer may be than what was read. Measured on 117 words
# alone in five voices: beyond it names and nouns begin to be taken for answers.
_MARGIN_ONE_WORD, _MARGIN_MORE = 6.0, 5.0
_LEAST_MEAN = -1.2  # digits that were said have -0.2 to -1.0, other words under -1.5
_HUM = re.compile(
    r"(?:m+|h+m+|m+ ?h+ ?m+|m+ ?m+ ?h+ ?m+ ?m*|h+ m+ m+|u+h+ ?h+u+h+|a+ ?ha|huh|mhm|u+m+|mum|mama)"
)
_FRAME = SAMPLE_RATE // 50
_ABOVE_NOISE = 0.15  # of the loudest frames


def spoken_seconds(samples: Float32) -> float:
    """How long the sound is that stands out, from its first such moment to its last."""
    frames = samples[: samples.size // _FRAME * _FRAME].reshape(-1, _FRAME)
    if not frames.size:
        return 0.0
    level = np.sqrt(np.square(frames).mean(axis=1))
    loud = np.flatnonzero(level > _ABOVE_NOISE * np.percentile(level, 95))
    return float(loud[-1] - loud[0] + 1) * _FRAME / SAMPLE_RATE if loud.size else 0.0


def words_of(text: str) -> list[str]:
    """In small letters, without marks."""
    return re.findall(r"[a-z0-9]+(?:['-][a-z0-9]+)*", text.lower())


def is_a_word_alone(text: str, samples: Float32) -> bool:
    """Whether this is short and none of what is known to be said alone."""
    words = words_of(text)
    if len(words) > _MOST_WORDS or spoken_seconds(samples) > _SHORT_SECONDS:
        return False
    known = all(word in ANSWERS or (len(word) == 1 and word not in "ai") for word in words)
    return not words or not (known or is_hum(text))


def is_believed(read: str, read_score: float, answer_score: float) -> bool:
    """Whether an answer of the list is taken instead of what was read."""
    margin = _MARGIN_ONE_WORD if len(words_of(read)) <= 1 else _MARGIN_MORE
    return answer_score >= read_score - margin


def is_hum(text: str) -> bool:
    """Whether this is what a hum is read as: "Mum.", "M. H. M.", "Aha."."""
    words = " ".join(words_of(text)).replace("-", " ")
    return bool(_HUM.fullmatch(words)) or words.replace(" ", "-") in BACKCHANNELS


def hum(text: str, samples: Float32) -> str:
    """The text, or the backchannel that a short hum was."""
    if not is_hum(text) or spoken_seconds(samples) > _SHORT_SECONDS:
        return text
    return "Uh-huh." if re.match(r"u|a|huh", text.lower()) else "Mm-hmm."


def is_surely_digits(text: str) -> bool:
    """Whether digits were read as words, which are rarely lost; of figures one often is."""
    return all(word in DIGITS for word in words_of(text.replace("-", " ")))


def are_believed(mean_score: float) -> bool:
    """Whether digits chosen with this mean logarithm of a token's probability were said."""
    return mean_score >= _LEAST_MEAN
