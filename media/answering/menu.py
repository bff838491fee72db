"""A menu of keys as it is spoken: which key leads to a person, and whether waiting does.

Reads words as they were recognised, in one language. Pure; what is pressed when is decided
elsewhere.
"""

import re
from functools import cache

import msgspec

from media.languages.language import WORDS
from media.languages.plain import unaccented

_SURE = 2  # of the kinds of people: waiting leads to one as surely as a key for "anything else"


class Choice(msgspec.Struct, frozen=True):
    """The key to press, "" to wait on the line instead; `is_sure` if no better one can follow."""

    key: str
    is_sure: bool = False


class _Patterns(msgspec.Struct, frozen=True):
    keys: dict[str, str]
    presses: re.Pattern[str]
    key_first: re.Pattern[str]  # of choices that leave the verb to the first: ", 2 for support"
    key_last: re.Pattern[str]  # ", for support 2"
    clauses: re.Pattern[str]
    describes: re.Pattern[str]
    greets: re.Pattern[str]
    stays: re.Pattern[str]
    people: tuple[re.Pattern[str], ...]  # to whom a key leads, the surest first
    nobody: re.Pattern[str]


@cache
def _patterns(language: str) -> _Patterns:
    menu = WORDS[language].menu
    keys = {name: key for key, names in menu.keys.items() for name in names.split()}
    named = "|".join(sorted(keys, key=len, reverse=True))

    sure = "|".join(name for name in keys if not re.fullmatch(menu.describes, name))

    def any_case(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern, re.IGNORECASE)

    return _Patterns(
        keys,
        any_case(menu.presses.replace("{key}", named)),
        any_case(
            rf"[,;]\s+(?:\w{{1,4}} ){{0,2}}(?P<key>[0-9*#]|{sure})(?=\s+(?:{menu.describes}))"
        ),
        any_case(
            rf"(?P<what>(?:{menu.describes})[^.,;]{{2,40}}?),?\s+(?:\w{{2,3}} )?"
            rf"(?P<key>[0-9*#]|{sure})(?=\s*(?:[.,;!]|\Z))"
        ),
        any_case(rf"[.;:!?]\s+|,? {menu.joins}"),
        any_case(menu.describes),
        any_case(menu.greets),
        any_case(menu.stays),
        tuple(map(any_case, menu.people)),
        any_case(menu.nobody),
    )


def choose(text: str, language: str = "en") -> Choice | None:
    """What leads to a person in these words; None if nothing does."""
    text, known = unaccented(text), _patterns(language)
    best: tuple[int, str] | None = None
    for described, key in options(text, language):
        rank = _rank(described, known)
        if rank is not None and (best is None or rank < best[0]):
            best = (rank, key)
    if known.stays.search(text) and (best is None or best[0] >= _SURE):
        return Choice("")
    return None if best is None else Choice(best[1], best[0] < _SURE)


def options(text: str, language: str = "en") -> list[tuple[str, str]]:
    """What each key is for, as said before it ("for sales, press one") or after ("press one for
    sales")."""
    known = _patterns(language)
    text = _with_verbs(text, known)
    found = list(known.presses.finditer(text))
    if not found:
        return []
    before = "".join(_clauses(text[: found[0].start()], known)[-1:])
    is_before = bool(known.describes.search(before)) and not known.greets.search(before)
    is_before |= not any(text[one.end() :].lstrip()[:1].isalnum() for one in found)
    result = []
    for number, match in enumerate(found):
        start = found[number - 1].end() if number else 0
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        said_before = _clauses(text[start : match.start()], known)[-1:] if is_before else []
        spoken = match["key"].lower()
        result += [
            (described, known.keys.get(spoken, spoken))
            for described in said_before or _clauses(text[match.end() : end], known)[:1]
        ]
    return result


def _with_verbs(text: str, known: _Patterns) -> str:
    """The menu with the verb in each choice, where it was said in the first only."""
    first = known.presses.search(text)
    if first is None:
        return text
    verb = text[first.start() : first.start("key")]
    rest = known.key_first.sub(lambda found: f". {verb}{found['key']}", text[first.end() :])

    def completed(found: re.Match[str]) -> str:
        has_verb = known.presses.search(found[0])
        return found[0] if has_verb else f"{found['what']}, {verb}{found['key']}"

    return text[: first.end()] + known.key_last.sub(completed, rest)


def _clauses(text: str, known: _Patterns) -> list[str]:
    clauses = (one.strip(" ,.") for one in known.clauses.split(text))
    return [one for one in clauses if len(one) > len("and")]


def _rank(described: str, known: _Patterns) -> int | None:
    """How surely this leads to a person, 0 the surest; None when it does not."""
    if known.nobody.search(described):
        return None
    return next((rank for rank, one in enumerate(known.people) if one.search(described)), None)
