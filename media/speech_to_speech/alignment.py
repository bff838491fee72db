"""Which words of a reply were heard, of whose sound no word's time is known. Pure.

Words take time by their letters, and a pause takes none: so many letters of a sentence were heard
as its speech is through. Sentences end where the voice pauses, if it does so about there.
"""

from itertools import groupby, pairwise

import numpy as np

from media.audio.mulaw import FRAME_BYTES, SAMPLE_RATE, decode
from media.dialogue import CHARACTERS_PER_SECOND, cut_at_word, split_sentences

_QUIET = 300.0  # of 32,768, mean of a frame
_PAUSE_FRAMES = 5  # shorter ones are within words
_ABOUT = 0.15  # of the whole: a pause so far from where a sentence should end is another one
_VAGUELY = 0.4  # the same while it is not known how long the whole will be
_LATE_FRAMES = 25  # words may come so late, after their sound
_FRAMES_PER_CHARACTER = SAMPLE_RATE / FRAME_BYTES / CHARACTERS_PER_SECOND


def words_heard(text: str, sound: bytes, heard_bytes: int, *, is_whole: bool) -> str:
    """The words of `text` that were heard when so much of `sound` was, cut at a word; unless it
    `is_whole`, more of the sound is to come."""
    if is_whole and heard_bytes >= len(sound):
        return text
    heard, pauses = 0, list[int]()  # frames of speech, and of it before each pause
    spoken, through = 0, heard_bytes // FRAME_BYTES
    for is_speech, first, frames in _runs(sound):
        if is_speech:
            heard += min(frames, max(0, through - first))
            spoken += frames
        elif spoken:
            pauses.append(spoken)
    total = spoken
    if not is_whole:
        total = max(spoken - _LATE_FRAMES, round(len(text) * _FRAMES_PER_CHARACTER))
    about = (_ABOUT if is_whole else _VAGUELY) * total
    ends = [(0, 0), *_sentence_ends(text, pauses, total, about), (total, len(text))]
    for (since, start), (until, end) in pairwise(ends):
        if heard < until:
            share = min((heard - since) / (until - since), 0.99)
            return f"{text[:start]}{cut_at_word(text[start:end], share)}".strip()
    return text


def _runs(sound: bytes) -> list[tuple[bool, int, int]]:
    """Speech and pauses in turn: which, its first frame, how many."""
    whole = len(sound) - len(sound) % FRAME_BYTES
    frames = np.abs(decode(sound[:whole]).astype(np.float32)).reshape(-1, FRAME_BYTES)
    runs: list[tuple[bool, int, int]] = []
    for is_loud, group in groupby((frames.mean(axis=1) > _QUIET).tolist()):
        count = len(list(group))
        is_speech = is_loud or count < _PAUSE_FRAMES
        if runs and runs[-1][0] == is_speech:
            _, first, before = runs.pop()
            runs.append((is_speech, first, before + count))
        else:
            runs.append((is_speech, runs[-1][1] + runs[-1][2] if runs else 0, count))
    return runs


def _sentence_ends(text: str, pauses: list[int], total: int, about: float) -> list[tuple[int, int]]:
    """Where sentences but the last end, as far as pauses tell: frames of speech, and letters."""
    sentences, _ = split_sentences(text)
    found: list[tuple[int, int]] = []
    end = 0
    for sentence in sentences:
        end = text.find(sentence, end) + len(sentence)
        expected = total * end / len(text)
        later = [one for one in pauses if one > (found[-1][0] if found else 0)]
        nearest = min(later, key=lambda one: abs(one - expected), default=None)
        if end < len(text) and nearest is not None and abs(nearest - expected) <= about:
            found.append((nearest, end))
    return found
