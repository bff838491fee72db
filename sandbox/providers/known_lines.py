"""Which line of a person was heard, for lines in a language that the offline ears do not know.

The sandbox's own voice made their sound, so a perfect line brings it as it was, and a part of it
names its words. Pure; knows no model.
"""

from collections.abc import Iterable

from sandbox.core.audio import FRAME_BYTES
from sandbox.core.speech_spans import is_loud
from sandbox.providers.spoken_language import language_of

_EARS = ("", "en")  # what is heard by the model
_PIECE = 5 * FRAME_BYTES  # 100 ms, which no two lines share
_FEWEST = 2


def known_words(heard: bytes, lines: Iterable[tuple[str, bytes]]) -> str:
    """The words of the line, text and mu-law, that most of this sound is of, as far as it goes; ""
    where it is of none."""
    best: list[int] = []
    words: list[str] = []
    pieces = 1
    for text, sound in lines:
        if language_of(text) in _EARS:
            continue
        starts = range(0, len(sound) - _PIECE, _PIECE)
        found = [at for at in starts if _is_in(sound[at : at + _PIECE], heard)]
        if len(found) > max(len(best), _FEWEST):
            best, words, pieces = found, text.split(), len(sound)
    if not best:
        return ""
    first, last = best[0] / pieces, (best[-1] + 2 * _PIECE) / pieces
    return " ".join(words[int(first * len(words)) : round(last * len(words))])


def _is_in(piece: bytes, heard: bytes) -> bool:
    frames = range(0, _PIECE, FRAME_BYTES)
    return all(is_loud(piece[at : at + FRAME_BYTES]) for at in frames) and piece in heard
