"""The languages there are: a folder each, read once, in which nothing may be missing.

`sentences.toml` is what we say by ourselves, `words.toml` how short answers and the ends of turns
are heard and how figures are said, `answering.toml` by what people and machines are known that pick
up (`media.answering.phrases`), `wishes.py` how somebody wants to hear no more. Knows no calls.
"""

import importlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec.structs import replace

from media.languages.plain import unaccented
from media.languages.wish_patterns import WishPatterns

NAMES = {"de": "German", "en": "English", "es": "Spanish", "fr": "French"}
LANGUAGES = tuple(NAMES)
Sentences: TypeAlias = Mapping[str, Mapping[str, str | tuple[str, ...]]]
S = TypeVar("S", bound=msgspec.Struct)


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table in which nothing is missing and nothing is more."""


class Agreement(Strict, frozen=True):
    """Answers to a question by yes or no. Patterns are searched in words without accents: `no` but
    for what is `granted`; `unsure` and `asks` are no answer, `unknown` is "I don't know"."""

    yes: str
    no: str
    granted: str
    unsure: str
    unknown: str
    asks: str
    stops_recording: str
    no_stop: str
    confirms: str  # the answer to "Do you want us to stop?", a word
    goes_on: str


class Talk(Strict, frozen=True):
    """Patterns without accents. `backchannel`: words that say no more than "go on"; `goodbye`: a
    whole clause that is one, `courtesy`: a whole sentence that may follow one; `summary`: asks for
    one afterwards, and `by_mail` that it be an e-mail."""

    backchannel: str
    goodbye: str
    courtesy: str
    summary: str
    by_mail: str


class Menu(Strict, frozen=True):
    """A spoken menu, without accents: names of the keys by key, what presses one (`{key}` is its
    name), what joins two choices, describes one, greets and waits; to whom keys lead, the surest
    first, and what leads to nobody."""

    keys: dict[str, str]
    presses: str
    joins: str
    describes: str
    greets: str
    stays: str
    people: tuple[str, str, str, str]
    nobody: str


class Dictation(Strict, frozen=True):
    """What a question asks to be dictated, and how many digits that has, if it is known."""

    asks: str
    lengths: tuple[int, ...] = ()


class Turns(Strict, frozen=True):
    """By what the end of a turn is known, without accents: words after which more must come
    (`loose`), that fill time, answer, refuse or greet, that ask; what fills time or announces more
    at the end of a sentence; what is dictated, how, the verbs of asking for
    it (`gives`), and the names of numbers from 0 to 99, `|` between two of one."""

    loose: str
    fillers: str
    affirm: str
    refuses: str
    openers: str
    question_words: str
    filling: str
    announces: str
    asks_to_tell: str
    asks_how_many: str
    gives: str
    spells: str
    whole: str
    connectors: str
    repeats: dict[str, int]
    dictations: tuple[Dictation, ...]
    numbers: str


class Aloud(Strict, frozen=True):
    """How figures and signs are put for a voice: names of months and of the first of one, a date
    (`{day}`, `{month}`, `{year}`), a time (`{hour}`, `{minutes}`) and what may follow it, whole
    hours, money (`{whole}`, `{cents}`; `cent` where it is all there is), names of signs by sign,
    shortened words in full (`-` where a word ends so), and what codes follow, which are read digit
    by digit. Then what is said between two ends of a range (`to`), between the sides of
    a `ratio` and before a period (`per`), a date without a year, what ends no sentence before a
    capital letter, days and what stands before a short one, fractions (alone, and
    after `|` behind a whole), words short before a number, and units. Where one differs from
    several, `|` is between the two."""

    months: str
    first: str
    date: str
    time: str
    hour: str
    clock: str
    money: str
    currencies: dict[str, str]
    signs: dict[str, str]
    short: dict[str, str]
    codes: str
    cent: str
    to: str
    ratio: str
    per: str
    day_month: str
    unfinished: str
    days: dict[str, str]
    before_day: str
    fractions: dict[str, str]
    numbered: dict[str, str]
    units: dict[str, str]


class Words(Strict, frozen=True):
    """How a language is heard, and figures are said in it; English turns and figures have rules of
    their own (`media.turn_taking`, `media.engines.normalization`)."""

    agreement: Agreement
    talk: Talk
    menu: Menu
    turns: Turns | None = None
    aloud: Aloud | None = None


def primary(tag: str) -> str:
    """The language of a tag (BCP 47), in small letters: "es" of "es-419"."""
    return tag.partition("-")[0].lower()


def read_toml(language: str, name: str) -> dict[str, Any]:
    """A file of this language's."""
    return tomllib.loads((Path(__file__).parent / language / f"{name}.toml").read_text("utf-8"))


def _plain(patterns: Any) -> Any:
    """The same without accents, of whatever shape."""
    match patterns:
        case str():
            return unaccented(patterns)
        case list():
            return [_plain(one) for one in patterns]
        case dict():
            return {_plain(name): _plain(one) for name, one in patterns.items()}
        case _:
            return patterns


def _words(language: str) -> Words:
    raw = read_toml(language, "words")
    heard = {name: part if name == "aloud" else _plain(part) for name, part in raw.items()}
    return msgspec.convert(heard, Words)


SENTENCES: Mapping[str, Sentences] = {
    one: msgspec.convert(read_toml(one, "sentences"), dict[str, dict[str, str | tuple[str, ...]]])
    for one in LANGUAGES
}
WORDS: Mapping[str, Words] = {one: _words(one) for one in LANGUAGES}
WISHES: Mapping[str, WishPatterns] = {
    one: importlib.import_module(f"media.languages.{one}.wishes").WISHES for one in LANGUAGES
}


def sentence(language: str, section: str, name: str) -> str:
    """One of our sentences."""
    found = SENTENCES[language][section][name]
    assert isinstance(found, str), "only fillers are several"  # noqa: S101
    return found


def sentences(language: str, section: str, name: str) -> tuple[str, ...]:
    """Several of them, to choose from."""
    found = SENTENCES[language][section][name]
    return (found,) if isinstance(found, str) else found


def worded(values: S, section: str, language: str, *, also_own: bool = False) -> S:
    """A section of the configuration with its sentences in this language: those left as they come,
    and with `also_own` those that somebody wrote in another language as well. What is to be left
    unsaid stays so."""
    english, others = SENTENCES["en"][section], SENTENCES[language][section]
    given = {name: getattr(values, name) for name in others}
    changed = {
        name: others[name]
        for name, now in given.items()
        if now and (also_own or now == english[name])
    }
    return replace(values, **changed)
