"""Numbers and spelled words as they are dictated: what was asked for, how much of it is said.

Works on recognised English text, numerals and number words alike. Pure; knows no silences.
"""

import re
from typing import Literal

import msgspec

from media.turn_taking import listed
from media.turn_taking.words import HESITATIONS, word_set, words

DIGITS = {
    word: str(digit)
    for digit, names in enumerate(
        ("zero oh o nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
    for word in names.split()
}
# How digits are misheard, believed only where digits were asked for.
_SOUNDS_LIKE = {"for": "4", "to": "2", "too": "2", "won": "1", "ate": "8", "line": "9"}
_REPEATS = {"double": 2, "triple": 3}
_TEENS = {
    word: str(number)
    for number, word in enumerate(
        ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
         "eighteen", "nineteen"), 10
    )
}  # fmt: skip
_TENS = {
    word: str(number)
    for number, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2
    )
}
_GROUPS = re.compile(r"[,.;]+\s*")
_CONNECTORS = word_set("at dot point dash hyphen underscore slash plus double triple")
_LONGEST_AMOUNT = 4
_SAYS_WHOLE = re.compile(r"\bthat(?:'s| is) (?:it|all)\W*$")
_NUMBER_WORDS = {**{word: int(digit) for word, digit in DIGITS.items()}, "ten": 10}

_ASKS_FOR = re.compile(
    r"\b(?:can|could|would|will|may) (?:you|i|we) (?:please )?"
    r"(?:read|give|tell|say|spell|repeat|have|get|enter|share)\b"
)
_COUNT = re.compile(r"\blast (\w+) (?:digits|numbers|letters)\b|\b(\w+)[- ]digits?\b")
_ASKED: tuple[tuple[re.Pattern[str], tuple[int, ...]], ...] = (
    (
        re.compile(r"\b(?:phone|mobile|cell|telephone|call(?:ing)? you|reach(?:ing)? you)\b"),
        (10, 11),
    ),
    (re.compile(r"\b(?:zip|postal) ?code\b"), (5, 9)),
    (re.compile(r"\bpin\b"), (4,)),
    (re.compile(r"\bcard\b.*\bnumber\b|\bnumber\b.*\bcard\b"), (16, 15)),
    (re.compile(r"\bsocial security\b"), (9,)),
    (re.compile(r"\b(?:number|code|reference|digits|id)\b"), ()),
)
_SPELL = re.compile(r"\b(?:spell\w*|e-?mail|licen[cs]e plate|letter by letter)\b")
_ADDRESS_ENDS = re.compile(r"(?:\bdot|\.)\s?(?:com|org|net|edu|gov|info|io|us|co|uk|de|ca)[.!?]*$")
_YES_NO = re.compile(
    r"(?:is|are|was|were|do|does|did|can|could|would|will|shall|should|have|has|had|may|right|okay"
    r"|correct)\b"
)
_ASKS_HOW_MANY = re.compile(r"\bhow (?:many|much|old|long|often|far)\b|\bnumber of\b")


class Wanted(msgspec.Struct, frozen=True):
    """What the agent asked to be dictated, and how many digits that has, if it is known."""

    kind: Literal["digits", "spelling"]
    lengths: tuple[int, ...] = ()


def wanted(asked: str) -> Wanted | None:
    """What a question asks to be dictated; None for any other question."""
    question = _question(asked)
    if _ASKS_HOW_MANY.search(question) or is_yes_no(asked):
        return None
    if _SPELL.search(question):
        return Wanted("spelling")
    counted = _COUNT.search(asked.lower())
    if counted is not None:
        name = counted[1] or counted[2]
        count = int(name) if name.isdigit() else _NUMBER_WORDS.get(name, 0)
        return Wanted("digits", (count,) if count else ())
    return next((Wanted("digits", n) for pattern, n in _ASKED if pattern.search(question)), None)


def is_yes_no(asked: str) -> bool:
    """Whether a question is answered by yes or no."""
    question = _question(asked)
    if not question.endswith("?") or _ASKS_FOR.search(question):
        return False
    return bool(_YES_NO.match(question.rpartition(",")[2].strip())) or bool(_YES_NO.match(question))


def _question(asked: str) -> str:
    """The last question in what the agent said, or its last sentence."""
    sentences = re.split(r"(?<=[.!?])\s+", asked.strip().lower())
    return next((one for one in reversed(sentences) if one.endswith("?")), sentences[-1])


def digits(text: str, *, asked: bool = False) -> str:
    """All digits said; `asked` for lets misheard ones count, too."""
    said, times = "", 1
    for word in words(text):
        if word in _REPEATS:
            times = _REPEATS[word]
            continue
        digit = word if word.isdigit() else DIGITS.get(word, "")
        if not digit and asked:
            digit = _SOUNDS_LIKE.get(word, "")
        said += digit * (times if len(digit) == 1 else 1)
        times = 1
    return said


def _in_digits(text: str) -> str:
    """The text with "twenty two", "fifteen" and "eight hundred" as their digits, group by group."""
    return ", ".join(" ".join(_figures(words(group))) for group in _GROUPS.split(text))


def _figures(said: list[str]) -> list[str]:
    """Words of a group: a unit belongs to the tens, or to the hundred, before it if it is alone."""
    found: list[str] = []
    said = [
        word for at, word in enumerate(said) if word != "and" or said[at - 1 : at] != ["hundred"]
    ]
    for at, word in enumerate(said):
        unit = DIGITS.get(word, "0")
        before = said[at - 1] if at else ""
        if word in _TEENS:
            found.append(_TEENS[word])
        elif word in _TENS:
            found.append(f"{_TENS[word]}0")
        elif unit != "0" and before in _TENS:
            found[-1] = found[-1][:-1] + unit
        elif word == "hundred" and before in DIGITS:
            found[-1] = f"{DIGITS[before]}00"
        elif word == "thousand" and before in DIGITS and at == len(said) - 1:
            found[-1] = f"{DIGITS[before]}000"
        elif unit != "0" and before == "hundred" and at == len(said) - 1:
            found[-1] = found[-1][:-1] + unit
        else:
            found.append(word)
    return found


def run(text: str) -> int:
    """How many digits, single letters and words such as "dot" stand at the end of the text; a
    numeral that may be a year or a price counts as one."""
    length = 0
    for word in reversed(words(text)):
        if word.isdigit():
            length += len(word) if len(word) > _LONGEST_AMOUNT else 1
        elif word in DIGITS or word in _CONNECTORS or len(word) == 1:
            length += 1
        else:
            break
    return length


def is_complete(text: str, want: Wanted) -> bool:
    """Whether all that was asked for has been said; False where nobody can tell."""
    if _SAYS_WHOLE.search(text.lower()):
        return True
    if want.kind == "spelling":
        return bool(_ADDRESS_ENDS.search(text.lower().strip()))
    said = digits(_in_digits(text), asked=True)
    if want.lengths == (10, 11):  # a country code makes it one more
        return len(said) >= (11 if said.startswith("1") else 10)
    return bool(want.lengths) and len(said) >= min(want.lengths)


def joined(text: str, asked: str, language: str = "en") -> str:
    """A number dictated in groups as one: the digits, where the text holds nothing else."""
    if language != "en":
        return listed.joined(text, asked, language)
    want = wanted(asked)
    known = {**DIGITS, **_REPEATS}
    said = text
    if want is not None and want.kind == "digits":
        said = _in_digits(text)
        if len(digits(said)) > 1:
            known |= _SOUNDS_LIKE
    number = digits(said, asked="for" in known)
    heard = set(words(said)) - HESITATIONS
    if len(number) > 2 and all(word.isdigit() or word in known for word in heard):
        return number
    return text
