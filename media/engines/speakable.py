"""Text made fit to be spoken: what was written for a screen becomes what a person would say.

Takes out markdown, citations, emoji and control characters and reads addresses aloud; what is
written in short or in figures is read by `normalization`. Pure, and it knows no voice in
particular.
"""

import html
import re
import unicodedata
from collections.abc import Callable

from media.engines.normalization.abbreviations import in_full, without_stage_directions
from media.engines.normalization.numbers import read_numbers

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_LINE_MARK = re.compile(r"\s*(?:#{1,6}\s|>\s?(?!\s?\d)|[-*+•]\s|\d{1,2}[.)]\s+(?=\D))\s*")
_BOLD_MARK = re.compile(r"\s*[*_]{1,2}(\d{1,2}[.)])[*_]{1,2}(?=\s)")
_INLINE_MARK = re.compile(r"(?P<before>[,;:]|(?<=\w))\s+\d{1,2}\)\s+(?=[A-Za-z*])")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s[^)]*)?\)")
_CITATION = re.compile(
    r"\s?【[^】\n]*】|(?<=[A-Za-z.,!?])(?:\[\d{1,2}(?:[,–-] ?\d{1,2})*\])+(?!\()"
)
_EMPHASIS = re.compile(r"(\*{1,3}|\b_{1,3}|~~|`+)(?=\S)(.+?)(?<=\S)\1")
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_TAG = re.compile(r"</?[A-Za-z][\w-]*(?:\s+[\w-]+\s*=[^<>]*)?\s*/?>")
_TELEPHONE = re.compile(
    r"(?<![\w.,$€£])(?:\+\d[\d \-]{5,}\d|\d{7,}|(?:1[ \-])?\(?\d{3}\)?[ \-]\d{3}[ \-]\d{4})"
    r"(?!\w|[.,]\d)"
)
_SPELLED = re.compile(r"(?<=\b\d) (?=\d\b)")  # of a group that was read by its digits before
_UNSAID = re.compile(r"[*{}\\\[\]_]|#(?!\d)")
_LATIN = re.compile(r"[\dA-Za-zÀ-ɏḀ-ỿ½¼¾⅓⅔]")  # what an English voice can say
_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r"\s+(?=[,.;:!?])")
_ENDS_SENTENCE = re.compile(r"[.!?…:;,][\"')]*$")
_SYMBOLS_SAID = frozenset("+=$€£¥¢°")
_WRITTEN_SIGNS = frozenset("%&@_/-")


def speakable(text: str) -> str:
    """`text` as one line of speech; "" when nothing in it can be said,
    as in Chinese or emoji alone.

    A link keeps its words, a URL becomes "example dot com slash prices" (no scheme, no query),
    an address "ann at example dot com", a telephone number single digits. Items of a list and
    headings become sentences.
    """
    return _in_one_line(text, _line)


def without_marks(text: str) -> str:
    """`text` as one line without markdown, emoji and control characters; what it says stays as it
    is written, in whatever language."""
    return _in_one_line(text, _written)


def _in_one_line(text: str, read: Callable[[str], str]) -> str:
    text = _CITATION.sub("", text)
    text = _FENCE.sub(" ", unicodedata.normalize("NFC", html.unescape(text)))
    lines = without_stage_directions(text).splitlines()
    line = _SPACES.sub(" ", " ".join(map(read, lines))).strip()
    return line if _LATIN.search(line) else ""


def _written(line: str) -> str:
    words = _LINE_MARK.sub("", line, count=1) if _LINE_MARK.match(line) else line
    is_item = words is not line
    words = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", _TAG.sub(" ", words)))
    words = "".join(one if one in _WRITTEN_SIGNS else _said(one) for one in words).strip()
    return f"{words}." if is_item and words and not _ENDS_SENTENCE.search(words) else words


def _line(line: str) -> str:
    line = _BOLD_MARK.sub(r"\1", line, count=1) if _BOLD_MARK.match(line) else line
    words = _LINE_MARK.sub("", line, count=1) if _LINE_MARK.match(line) else line
    is_item = words is not line
    words = _LINK.sub(r"\1", _TAG.sub(" ", words))
    words = _EMAIL.sub(lambda found: _address_aloud(found.group()), words)
    words = _URL.sub(lambda found: _url_aloud(found.group()), words)
    words = _INLINE_MARK.sub(
        lambda found: f"{found['before'] or ','} ", _EMPHASIS.sub(r"\2", words)
    )
    words = read_numbers(in_full(words))
    words = _TELEPHONE.sub(lambda found: _digits_aloud(found.group()), words)
    words = _UNSAID.sub(" ", "".join(map(_said, words)))
    words = _SPACE_BEFORE_MARK.sub("", words).strip()
    return f"{words}." if is_item and words and not _ENDS_SENTENCE.search(words) else words


def _said(character: str) -> str:
    """The character when it is a letter, digit, mark or known symbol; emoji and controls vanish."""
    kind = unicodedata.category(character)
    if kind[0] in "LNPZ" or character in _SYMBOLS_SAID:
        return character
    return "" if kind in {"Mn", "Cf"} else " "


def _address_aloud(address: str) -> str:
    return address.replace("@", " at ").replace(".", " dot ").replace("_", " underscore ")


def _url_aloud(url: str) -> str:
    address = url.rstrip(".,;:!?")
    ending = url[len(address) :]
    address = re.sub(r"^(?:https?://)?(?:www\.)?", "", address, flags=re.IGNORECASE)
    address = re.split(r"[?#]", address)[0].rstrip("/")
    spoken = address.replace(".", " dot ").replace("/", " slash ").replace("-", " dash ")
    return spoken + ending


def _digits_aloud(number: str) -> str:
    whole = _SPELLED.sub("", number)
    return ", ".join(" ".join(group) for group in re.findall(r"\d+", whole))
