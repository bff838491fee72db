"""What patterns cost on texts that repeat what they look for: time by length, never by its square.

A language model's sentence and anybody's mail are such texts when somebody means harm.
"""

import time
from collections.abc import Callable
from functools import partial

from media.engines.normalization.aloud import aloud
from media.engines.speakable import speakable
from server.emails.answers.quotes import new_words
from server.emails.answers.reading import read_answer
from tests.bench.machine import load, say, table
from tests.unit.server.emails.answers.layouts import OURS

_SPOKEN = (
    "1,", "@0" + "9" * 60 + "x ", "+" + "9" * 60 + "x ", "²", "00", "[", "{", "`", " \n", "Mo-",
    "a.", "1-", "x^",
)  # fmt: skip
_MAILED = ("<style ", "<", "From: " + "@" * 390 + "\n", "On ", "On " + "wrote " * 60 + "\n", "-")
_ALOUD = _SPOKEN, 4000, 1.0  # characters, seconds: what was by its square took four times as long
_MAIL = _MAILED, 250_000, 5.0
_FIELDS = ("text", "html", "to", "subject", "headers")


async def report() -> None:
    """Measure and print the slowest of each. Raises RuntimeError when one takes too long."""
    say(f"Texts that repeat themselves: CPU of the slowest, {load()}")
    rows = [("", "slowest piece", "characters", "s", "half of them, s")]
    readers: list[tuple[str, Callable[[str], object]]] = [
        ("aloud, en", speakable),
        *((f"aloud, {one}", partial(aloud, language=one)) for one in ("de", "es", "fr")),
        *((f"mail, {field}", partial(_mailed, field)) for field in _FIELDS),
    ]
    over = []
    for name, read in readers:
        pieces, most, limit = _MAIL if name.startswith("mail") else _ALOUD
        seconds, piece = max((_seconds(read, piece, most), piece) for piece in pieces)
        half = _seconds(read, piece, most // 2)
        rows.append((name, repr(piece[:12]), str(most), f"{seconds:.3f}", f"{half:.3f}"))
        if seconds > limit:
            over.append(piece)
    table(rows)
    if over:
        raise RuntimeError(f"too slow: {over}")


def _mailed(field: str, text: str) -> object:
    fields = {"from": "Ann <ann@example.com>", "to": "reply+abcdef0123@example.com", field: text}
    answer = read_answer({name: value.encode() for name, value in fields.items()})
    return new_words(answer.text, OURS)


def _seconds(read: Callable[[str], object], piece: str, characters: int) -> float:
    text = piece * (characters // len(piece))
    began_at = time.process_time()
    read(text)
    return time.process_time() - began_at
