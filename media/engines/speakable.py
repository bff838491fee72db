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
from media.engines.normalization.addresses import (
    ADDRESS,
    INTERNATIONAL,
    address_aloud,
    by_digits,
)
from media.engines.normalization.formulas import plain_formulas
from media.engines.normalization.numbers import read_numbers

_UNSEEN = re.compile(
    r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)"
    r"|^[ \t]*\[[^\]\n]+\]:[ \t]*\S+[^\n]*$",  # where a link's name leads to
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_LINE_MARK = re.compile(
    r"\s*(?:#{1,6}\s+(?:\d{1,2}[.)]\s+(?=\D))?|>\s?(?!\s?\d)|[-*+•◦▪–]\s(?:\[[ xX]\]\s)?"
    r"|\d{1,2}[.)]\s+(?=\D)"
    r"|[a-h](?:\.\s+(?=[A-Z])|\)\s+))\s*"
)
_BOLD_MARK = re.compile(r"\s*[*_]{1,2}(\d{1,2}[.)])[*_]{1,2}(?=\s)")
_INLINE_MARK = re.compile(r"(?P<before>[,;:]|(?<=\w))\s+\d{1,2}\)\s+(?=[A-Za-z*])")
_LINK = re.compile(
    r"!?\[([^\[\]]*)\](?:\([^)\s]{0,1000}(?:\s[^)]{0,200})?\)|(?<=[^\W\d]\])\[[^\]]*\])"
)
_EMOJI = re.compile(r"(?<!\S):[a-z][a-z_]{2,30}:(?!\S)")
_AUTOLINK = re.compile(r"<(?:mailto:)?(https?://[^\s<>]+|[\w.+-]+@[\w.-]+)>")
_SMILEY = re.compile(r"(?<!\S)(?:[:;=][-']?[)(DPp|]|(?<!\d )<3)(?=[\s.,!?]|$)")
# What is done, not said, in any language: "*lacht* Na gut." Emphasis stands within a sentence.
_ACTED = re.compile(
    r"(?:^|(?<=[.!?…] ))(?:\*{1,2}(?=[^\W\dA-Z])[^*\n.!?:]{2,40}\*{1,2}"
    r"|[(\[](?=[^\W\dA-Z])[^()\[\]\n.!?:]{2,40}[)\]])(?=\s*$|\s+[A-ZÀ-Ý¿¡\"„«])",
    re.MULTILINE,
)
_CITATION = re.compile(
    r"\s?(?:【[^】\n]*】|\[\^\w{1,20}\]:?)"
    r"|(?<=[A-Za-z.,!?])(?:\[\d{1,2}(?:[,–-] ?\d{1,2})*\])+(?!\()"
)
_EMPHASIS = re.compile(r"(\*{1,3}|\b_{1,3}|~~|`{1,3})(?=\S)(.+?)(?<=\S)\1")
_RULE = re.compile(r"^[ \t]*(?:(?:[-_*] ?){3,}|={3,})$", re.MULTILINE)
_BLOCK = re.compile(
    r"</?(?:(?P<item>li)|(?P<head>h[1-6])|p|div|[uo]l|br|tr)\b[^<>]*>", re.IGNORECASE
)
_BULLET = re.compile(r"(?<=\w)[ \t]+(?:[•▪]|·(?!\s\d))[ \t]+(?=\w)")
_PRODUCT = re.compile(r"(?<=\d) ?[*·] ?(?=\d)")
_TAG = re.compile(r"</?[A-Za-z][\w-]*(?:\s+[\w-]+\s*=[^<>]*)?\s*/?>")
_TELEPHONE = re.compile(
    rf"(?<![\w.,$€£])(?:{INTERNATIONAL}|\d{{7,}}"
    r"|(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4})(?!\w|[.,]\d)"
)
_VANITY = re.compile(r"(?<![\w-])(?:1-)?8\d\d-(?=(?:\d{3}-)?[A-Z]{2,}\b)")
_SPELLED = re.compile(r"(?<=\b\d) (?=\d\b)")  # of a group that was read by its digits before
_UNSAID = re.compile(r"[*{}\\\[\]_]|#(?!\d)")
_BRACKETS = re.compile(r"[{}\\\[\]]|~(?!\s?\d)|#(?=[^\W\d])")
_LATIN = re.compile(r"[\dA-Za-zÀ-ɏḀ-ỿ½¼¾⅓⅔]")  # what an English voice can say
_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r"(?<!\s)\s+(?=[,.;:!?])")
_ENDS_SENTENCE = re.compile(r"[.!?…:;,][\"')]*$")
_SYMBOLS_SAID = frozenset("+=$€£¥₹₩¢°")
_WRITTEN_SIGNS = frozenset("%&@_/-<>×÷±≤≥→≈≠√∞~^")
_SIGNS = {
    "@": "at", ".": "dot", "_": "underscore", "/": "slash", "-": "dash", "+": "plus", ":": "colon",
}  # fmt: skip
_ROW = re.compile(r"\s*\|(?P<cells>.+)\|\s*")


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
    return _in_one_line(_ACTED.sub(" ", text), _written)


def _in_one_line(text: str, read: Callable[[str], str]) -> str:
    text = _SMILEY.sub("", _EMOJI.sub("", _AUTOLINK.sub(r"\1", _CITATION.sub("", text))))
    text = _UNSEEN.sub(" ", unicodedata.normalize("NFC", html.unescape(text)))
    text = _BLOCK.sub(_block, _RULE.sub("", _BULLET.sub(", ", plain_formulas(text))))
    lines = without_stage_directions(text).splitlines()
    line = _SPACES.sub(" ", " ".join(read(_row(line)) for line in lines if line.strip())).strip()
    return line if _LATIN.search(line) else ""


def _block(found: re.Match[str]) -> str:
    """An element of HTML that stands alone, as the line it is."""
    if found[0][1] == "/" or not (found["item"] or found["head"]):
        return "\n"
    return "\n- " if found["item"] else "\n# "


def _row(line: str) -> str:
    """A row of a table as a sentence, and nothing of the line under its head."""
    if not (row := _ROW.fullmatch(line)):
        return line
    cells = [cell.strip() for cell in row["cells"].split("|")]
    said = ", ".join(cell for cell in cells if cell.strip(":- "))
    return f"{said}." if said else ""


def _written(line: str) -> str:
    words = _LINE_MARK.sub("", line, count=1) if _LINE_MARK.match(line) else line
    is_item = words is not line
    words = _PRODUCT.sub(" × ", _LINK.sub(r"\1", _TAG.sub(" ", words)))
    words = _BRACKETS.sub("", _EMPHASIS.sub(r"\2", words))
    words = "".join(one if one in _WRITTEN_SIGNS else _said(one) for one in words).strip()
    return f"{words}." if is_item and words and not _ENDS_SENTENCE.search(words) else words


def _line(line: str) -> str:
    line = _BOLD_MARK.sub(r"\1", line, count=1) if _BOLD_MARK.match(line) else line
    words = _LINE_MARK.sub("", line, count=1) if _LINE_MARK.match(line) else line
    is_item = words is not line
    words = _PRODUCT.sub(" * ", _LINK.sub(r"\1", _TAG.sub(" ", words)))
    words = ADDRESS.sub(lambda found: address_aloud(found[0], _SIGNS), words)
    words = _INLINE_MARK.sub(
        lambda found: f"{found['before'] or ','} ", _EMPHASIS.sub(r"\2", words)
    )
    words = read_numbers(in_full(words))
    words = _VANITY.sub(lambda found: f"{by_digits(found[0])}, ", words)
    words = _TELEPHONE.sub(lambda found: by_digits(_SPELLED.sub("", found[0])), words)
    words = _UNSAID.sub(" ", "".join(map(_said, words)))
    words = _SPACE_BEFORE_MARK.sub("", words).strip()
    return f"{words}." if is_item and words and not _ENDS_SENTENCE.search(words) else words


def _said(character: str) -> str:
    """The character when it is a letter, digit, mark or known symbol; emoji and controls vanish."""
    kind = unicodedata.category(character)
    if kind[0] in "LNPZ" or character in _SYMBOLS_SAID:
        return character
    return "" if kind in {"Mn", "Cf"} else " "
