"""Phrases by which people and machines are told apart, from `phrases.toml`, read once.

Knows words of one language at a time, and nothing of time and tones.
"""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

Class: TypeAlias = Literal["human", "machine", "screening", "ivr", "intercept", "fax", "hold"]

_PUNCTUATION = re.compile(r"[^\w\s]+")


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Patterns that point to the same, equally strongly."""

    verdict: Class
    weight: float
    any: tuple[str, ...]
    whole: bool = False
    promises_tone: bool = False
    takes_no_message: bool = False


class Match(msgspec.Struct, frozen=True):
    """Words that were found, and what they point to."""

    words: str
    verdict: Class
    weight: float
    promises_tone: bool
    takes_no_message: bool = False


_GROUPS = msgspec.convert(
    tomllib.loads(Path(__file__).with_name("phrases.toml").read_text("utf-8")),
    dict[str, list[Group]],
)
LANGUAGES = frozenset(_GROUPS)


@lru_cache(maxsize=8)
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], Group], ...]:
    return tuple(
        (re.compile(f"^(?:{one})$" if group.whole else rf"\b(?:{one})(?!\w)"), group)
        for group in _GROUPS[language]
        for one in group.any
    )


def normal(text: str) -> str:
    """Words in lower case, without apostrophes and punctuation."""
    plain = text.lower().replace("'", "").replace("’", "")
    return " ".join(_PUNCTUATION.sub(" ", plain).split())


@lru_cache(maxsize=512)  # the same words are weighed again with each thing that happens
def matches(language: str, text: str) -> tuple[Match, ...]:
    """All phrases in these words. Raises KeyError for a language that is not in the file."""
    words = normal(text)
    found = []
    for pattern, group in _patterns(language):
        match = pattern.search(words)
        if match is not None:
            found.append(
                Match(
                    match[0], group.verdict, group.weight, group.promises_tone,
                    group.takes_no_message,
                )
            )  # fmt: skip
    return tuple(found)
