"""How many parts a text is sent in, and what is paid for: GSM 03.38 in seven bits, else UCS-2.

One character outside the seven-bit alphabet makes the whole text UCS-2, so the characters that word
processors like are put back to plain ones (`smart_encoding.py`) where that makes it seven bits.
"""

import re
import unicodedata
from typing import Literal

import msgspec

from server.texts.smart_encoding import PLAIN

MOST_CHARACTERS = 1600  # Twilio error 21617 beyond
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# "1½" is not 11/2, and "10²" is not 102.
_BEHIND_DIGIT = re.compile(r"(?<=\d)(?:(?P<part>(?=[¼½¾⅓⅔]))|(?=[¹²³]))")
_EXTENDED = frozenset("^{}\\[~]|€\f")  # an escape and a character: two septets


class Segments(msgspec.Struct, frozen=True):
    """In which alphabet a text goes out, and in how many parts."""

    encoding: Literal["gsm7", "ucs2"]
    count: int


def plain(text: str) -> str:
    """The text without the typography that would double its price, if nothing else does."""
    composed = unicodedata.normalize("NFC", text)
    plainer = _BEHIND_DIGIT.sub(_apart, composed).translate(PLAIN)
    return plainer if segments(plainer).encoding == "gsm7" else composed


def _apart(found: re.Match[str]) -> str:
    return " " if found["part"] is not None else "^"


def segments(text: str) -> Segments:
    """Parts of a text; an empty one is one part, too.

    Lengths are 160 septets, or 153 of a longer text, whose parts carry a header; 70 or 67 in UCS-2,
    where a character beyond the basic plane is two.
    """
    if all(character in _BASIC or character in _EXTENDED for character in text):
        units = [2 if character in _EXTENDED else 1 for character in text]
        return Segments("gsm7", _parts(units, 160, 153))
    units = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return Segments("ucs2", _parts(units, 70, 67))


def _parts(units: list[int], whole: int, part: int) -> int:
    if sum(units) <= whole:
        return 1
    count, room = 1, part
    for unit in units:
        if unit > room:  # a pair is never split over two parts
            count, room = count + 1, part
        room -= unit
    return count


def shorten(text: str, most: int) -> str:
    """At most so many characters, cut behind a sentence if one ends in time, else behind a word."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    head = text[:most]
    ends = [head.rfind(mark) + 1 for mark in (". ", "! ", "? ", "。", "！", "？")]
    if max(ends) > most // 3:
        return head[: max(ends)]
    head = head[: most - 3]
    space = head.rfind(" ")  # none, or none in time, where no spaces are between words
    return (head[:space] if space > most // 3 else head) + "..."
