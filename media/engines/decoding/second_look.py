"""When a recogniser should look again, and which of two readings is believed.

A word alone has no sentence around it to be understood by, so what people really answer is tried
beside what was read; the same goes for digits in a row. Pure but for numpy.
"""

import re
from itertools import groupby

import numpy as np

from media.audio.mulaw import SAMPLE_RATE, Float32
from media.engines.decoding.grammar import ANSWERS, BACKCHANNELS, DIGITS

_SHORT_SECONDS = 1.3  # of sound above the noise
_MOST_WORDS = 3
# How much less likely, as a logarithm, an answer may be than what was read. Measured on 117 words
# alone in five voices: beyond it names and nouns begin to be taken for answers.
_MARGIN_ONE_WORD, _MARGIN_MORE = 6.0, 5.0
# What nobody said is read with less than this by each token; of 48 sentences and 106 words none is,
# without noise.
_DOUBTED_MEAN = -0.6
_RHYTHM = 0.5  # of 60 laughs all have more; of 48 sentences none
_RHYTHM_FRAME = SAMPLE_RATE // 100
_SYLLABLE_FRAMES = (10, 33)  # from one "ha" to the next: 100 to 320 ms
UNSURE_MEAN = -0.4  # of half the names that are spelled and read as words, and few other words
# By the root of their number; of 67 other words and sentences that were read so, none has more than
# the second without going on for ever.
_LEAST_OF_LETTERS, _LEAST_OF_OTHERS = -5.2, -4.5
_FEWEST_LETTERS = 3
_USUAL_LENGTHS = {7, 10, 11, 16}
_LEAST_MEAN = -1.2  # digits that were said have -0.2 to -1.0, other words under -1.5
_HUM = re.compile(
    r"(?:m+|h+m+|m+ ?h+ ?m+|m+ ?m+ ?h+ ?m+ ?m*|h+ m+ m+|u+h+ ?h+u+h+|a+ ?ha|huh|mhm|u+m+|mum|mama)"
)
_NOISE = {"You", "Thank you for watching.", "Thanks for watching."}  # who says "you" has a stop
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


def is_laughter(samples: Float32, mean_score: float) -> bool:
    """Whether this is "ha ha ha" and not what was read, with this mean logarithm of a token's
    probability: syllables as evenly spaced as nobody speaks, of which no word is made for sure."""
    return mean_score < _DOUBTED_MEAN and _rhythm(samples) >= _RHYTHM


def _rhythm(samples: Float32) -> float:
    """How alike loudness is to itself a syllable later, 1 at most; 0 of less than three."""
    frames = samples[: samples.size // _RHYTHM_FRAME * _RHYTHM_FRAME].reshape(-1, _RHYTHM_FRAME)
    level = np.sqrt(np.square(frames).mean(axis=1)) if frames.size else np.zeros(0, np.float32)
    loud = np.flatnonzero(level > 0.1 * np.percentile(level, 95)) if level.size else level
    if loud.size < sum(_SYLLABLE_FRAMES):
        return 0.0
    level = level[int(loud[0]) : int(loud[-1]) + 1]
    curve = np.log(level + 0.05 * level.max())
    at = np.arange(curve.size)
    curve -= np.polyval(np.polyfit(at, curve, 1), at)  # laughs fade
    alike = np.correlate(curve, curve, "full")[curve.size - 1 :] / (curve.size - at)
    first, last = _SYLLABLE_FRAMES
    return float(alike[first:last].max() / max(float(alike[0]), 1e-9))


def is_noise(text: str) -> bool:
    """Whether this is what coughs, laughs and music are read as, and nobody says."""
    return text in _NOISE or text.startswith("©")


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


def is_whole_number(text: str) -> bool:
    """Whether digits were read as words, and as many as a telephone or card number has: few are
    lost of words, and a second look costs as much again as the first."""
    said = words_of(text.replace("-", " "))
    return len(said) in _USUAL_LENGTHS and all(word in DIGITS for word in said)


def is_surer(chosen: str, read: str) -> bool:
    """Whether digits chosen are believed rather than what was read. Of figures one is often lost;
    of words rarely one, and then the second of two that are the same."""
    said = words_of(read.replace("-", " "))
    if not all(word in DIGITS for word in said):
        return True
    again = words_of(chosen)
    return len(again) > len(said) and _once_each(again) == _once_each(said)


def _once_each(said: list[str]) -> list[str]:
    return [word for word, _ in groupby(said)]


def spelled_out(text: str) -> str:
    """Letters in a row as they are written: "M-I-L-L-E-R."."""
    return "-".join(filter(str.isalpha, text.upper())) + "."


def are_letters(letters: str, score: float, *, is_like: bool) -> bool:
    """Whether letters chosen with this score, by the root of their number, were said; `is_like` if
    some were read."""
    if is_like:
        return score >= _LEAST_OF_LETTERS
    return len(words_of(letters.replace("-", " "))) >= _FEWEST_LETTERS and score >= _LEAST_OF_OTHERS


def are_believed(mean_score: float) -> bool:
    """Whether digits chosen with this mean logarithm of a token's probability were said."""
    return mean_score >= _LEAST_MEAN
