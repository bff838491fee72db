"""What a language brings to the reading of wishes. Knows no language and no channel."""

import re
from collections.abc import Iterable

import msgspec


class WishPatterns(msgspec.Struct, frozen=True):
    """How a wish to stop is said. Patterns are searched in a clause in lower case, without accents.

    `keywords` are wishes where nothing else is said, `loud` ones even beside other sentences,
    `fillers` change neither. `asked` is looked for first; then what `never` finds is left out;
    `refusals` are wishes unless `limits` is found in them; `written` are wishes only where
    they are written, and `doubts` clear nowhere.
    """

    keywords: frozenset[str]
    loud: frozenset[str]
    fillers: frozenset[str]
    asked: re.Pattern[str]
    never: re.Pattern[str]
    refusals: re.Pattern[str]
    limits: re.Pattern[str]
    written: re.Pattern[str]
    doubts: re.Pattern[str]


def words(text: str) -> frozenset[str]:
    """Words, from a list with spaces between."""
    return frozenset(text.split())


def any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """Any of these, each from the beginning of a word."""
    return re.compile("|".join(rf"(?:{one})" for one in patterns))
