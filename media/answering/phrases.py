"""Phrases by which people and machines are told apart, from each language's `answering.toml`.

A group of patterns there points to somebody (human, machine, screening, ivr, intercept, fax, hold),
so strongly: `weight` is the natural logarithm of how many times likelier. Patterns are searched in
words in lower case without accents and marks, at the borders of words. Apostrophes are left out in
English and spaces elsewhere. Knows one language at a time, and nothing of time and tones.
"""

import re
from functools import lru_cache
from typing import Literal, TypeAlias

import msgspec

from media.languages.language import LANGUAGES, read_toml
from media.languages.plain import unaccented

Class: TypeAlias = Literal["human", "machine", "screening", "ivr", "intercept", "fax", "hold"]

_PUNCTUATION = re.compile(r"[^\w\s]+")


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Patterns that point to the same, equally strongly; `whole` ones match all that was said.
    `promises_tone` to speak after; `invites` to leave a message, as no network does;
    `takes_no_message`: a mailbox that is full or not set up."""

    verdict: Class
    weight: float
    any: tuple[str, ...]
    whole: bool = False
    promises_tone: bool = False
    invites: bool = False
    takes_no_message: bool = False


class Match(msgspec.Struct, frozen=True):
    """Words that were found, and what they point to."""

    words: str
    verdict: Class
    weight: float
    promises_tone: bool
    takes_no_message: bool = False
    invites: bool = False


_GROUPS = {
    one: msgspec.convert(read_toml(one, "answering")["group"], list[Group]) for one in LANGUAGES
}


@lru_cache(maxsize=8)
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], Group], ...]:
    return tuple(
        (re.compile(f"^(?:{one})$" if group.whole else rf"\b(?:{one})(?!\w)"), group)
        for group in _GROUPS[language]
        for one in map(unaccented, group.any)
    )


def normal(text: str, language: str = "en") -> str:
    """Words in lower case, without accents, apostrophes and punctuation."""
    plain = unaccented(text.lower()).replace("'", "" if language == "en" else " ")
    return " ".join(_PUNCTUATION.sub(" ", plain).split())


@lru_cache(maxsize=512)  # the same words are weighed again with each thing that happens
def matches(language: str, text: str) -> tuple[Match, ...]:
    """All phrases in these words. Raises KeyError for a language there is not."""
    words = normal(text, language)
    found = []
    for pattern, group in _patterns(language):
        match = pattern.search(words)
        if match is not None:
            found.append(
                Match(
                    match[0], group.verdict, group.weight, group.promises_tone,
                    group.takes_no_message, group.invites or group.promises_tone,
                )
            )  # fmt: skip
    return tuple(found)
