"""A menu of keys as it is spoken: which key leads to a person, and whether waiting does.

Reads English words as they were recognised. Pure; what is pressed when is decided elsewhere.
"""

import re

import msgspec

_KEYS = {
    **{
        word: str(digit)
        for digit, names in enumerate(
            (
                "zero oh o", "one won", "two to too", "three", "four for", "five", "six", "seven",
                "eight ate", "nine",
            )
        )
        for word in names.split()
    },
    "star": "*", "asterisk": "*", "pound": "#", "hash": "#",
}  # fmt: skip
_PRESSES = re.compile(
    r"\b(?:press(?:ing)?|dial|push|hit|select|choose|enter|use)(?: or say| or press)?(?: the)?"
    rf"(?: number| key| digit)?,? (?P<key>[0-9*#]|{'|'.join(_KEYS)})(?: key| sign)?\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"[.;:!?]\s+|,? (?:or|and) (?=press|dial|push|to |for |if )", re.IGNORECASE)
_DESCRIBES = re.compile(r"\b(?:for|to|if|would|want|need|like|any|all)\b", re.IGNORECASE)
_GREETS = re.compile(r"\b(?:thanks?|welcome|calling|options|listen)\b", re.IGNORECASE)
_STAYS = re.compile(
    r"\b(?:stay|remain|hold) (?:on )?(?:the |your )?line\b|\bplease (?:hold|wait|stay)\b"
    r"|\bwait for (?:the next|an?|our) \w+|\bhold for\b",
    re.IGNORECASE,
)
# To whom a key leads, the surest first.
_PEOPLE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:accept|take|answer|connect)\b.*\bcall\b|\bbe (?:connected|put through)\b",
        r"\b(?:operator|representative|receptionist|reception|attendant|switchboard|front desk"
        r"|live (?:person|agent)|(?:real|human) (?:person|being)|agents?|advis[eo]rs?"
        r"|(?:speak|talk|speaking|talking) (?:to|with)"
        r" (?:some|an?y|an? |one|us|our|the|me|him|her))",
        r"\b(?:customer (?:service|care|support)|help desk|assistance|general|enquir|inquir|sales"
        r"|support|team|staff|office)",
        r"\b(?:any(?:thing|body| other)|all other|other|something else|else|english|continue)\b",
    )
)
_NOBODY = re.compile(
    r"\b(?:messages?|voice ?mail|mail ?box|hang up|repeat|again|fax|decline|reject|refuse|block"
    r"|previous|main menu|return|directory|call ?back|emergency|cancel)\b",
    re.IGNORECASE,
)
_SURE = 2  # of the kinds of people: waiting leads to one as surely as a key for "anything else"


class Choice(msgspec.Struct, frozen=True):
    """The key to press, "" to wait on the line instead; `is_sure` if no better one can follow."""

    key: str
    is_sure: bool = False


def choose(text: str) -> Choice | None:
    """What leads to a person in these words; None if nothing does."""
    best: tuple[int, str] | None = None
    for described, key in options(text):
        rank = _rank(described)
        if rank is not None and (best is None or rank < best[0]):
            best = (rank, key)
    if _STAYS.search(text) and (best is None or best[0] >= _SURE):
        return Choice("")
    return None if best is None else Choice(best[1], best[0] < _SURE)


def options(text: str) -> list[tuple[str, str]]:
    """What each key is for, as said before it ("for sales, press one") or after ("press one for
    sales")."""
    found = list(_PRESSES.finditer(text))
    if not found:
        return []
    before = "".join(_clauses(text[: found[0].start()])[-1:])
    is_before = bool(_DESCRIBES.search(before)) and not _GREETS.search(before)
    result = []
    for number, match in enumerate(found):
        start = found[number - 1].end() if number else 0
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        said_before = _clauses(text[start : match.start()])[-1:] if is_before else []
        spoken = match["key"].lower()
        result += [
            (described, _KEYS.get(spoken, spoken))
            for described in said_before or _clauses(text[match.end() : end])[:1]
        ]
    return result


def _clauses(text: str) -> list[str]:
    clauses = (one.strip(" ,.") for one in _CLAUSES.split(text))
    return [one for one in clauses if len(one) > len("and")]


def _rank(described: str) -> int | None:
    """How surely this leads to a person, 0 the surest; None when it does not."""
    if _NOBODY.search(described):
        return None
    return next((rank for rank, one in enumerate(_PEOPLE) if one.search(described)), None)
