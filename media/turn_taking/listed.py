"""How a turn ends in a language that is known by lists: which words ask for more, what is dictated.

English has rules of its own (`silence`, `dictation`); of others a language's `words.toml` says all
there is. Pure; it knows no silences.
"""

import re
from functools import cache

import msgspec

from media.languages.language import WORDS, Turns
from media.languages.plain import unaccented
from media.turn_taking.ending import Ending

_WORD = re.compile(r"[a-z]+|\d+")
_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_SHORT_WORDS = 3
_FEWEST_DIGITS = 2  # of a number, or "one" is only a word
_LONGEST_AMOUNT = 4  # a longer numeral is no year and no price


class _Known(msgspec.Struct, frozen=True):
    turns: Turns
    sets: dict[str, frozenset[str]]
    patterns: dict[str, re.Pattern[str]]
    numbers: dict[tuple[str, ...], str]
    dictations: tuple[tuple[re.Pattern[str], tuple[int, ...]], ...]


_SETS = ("loose", "fillers", "affirm", "refuses", "openers", "question_words", "connectors")
_PATTERNS = ("filling", "announces", "asks_to_tell", "asks_how_many", "gives", "spells", "whole")


@cache
def _known(language: str) -> _Known:
    turns = WORDS[language].turns
    assert turns is not None, "English has rules of its own"  # noqa: S101
    names = [one.strip().split("|") for one in turns.numbers.split(",")]
    return _Known(
        turns,
        {name: frozenset(getattr(turns, name).split()) for name in _SETS},
        {name: re.compile(getattr(turns, name)) for name in _PATTERNS},
        {tuple(name.split()): str(n) for n, all_of_it in enumerate(names) for name in all_of_it},
        tuple((re.compile(one.asks), one.lengths) for one in turns.dictations),
    )


def ending(text: str, asked: str, language: str) -> Ending:
    """How the words end, given what they answer."""
    known, plain, question = _known(language), unaccented(text.lower()), _question(asked)
    said = _WORD.findall(_SENTENCES.split(plain.strip())[-1])
    lengths = None if known.sets["refuses"] & set(said) else _wanted(question, known)
    if lengths is not None and (_digits(plain, known) or len(said) <= _SHORT_WORDS):
        return "dictated" if _is_complete(plain, lengths, known) else "dictation"
    if _run(plain, known) > _FEWEST_DIGITS:
        return "dictated" if known.patterns["whole"].search(plain) else "dictation"
    return _of_sentence(plain, said, question, known)


def _of_sentence(plain: str, said: list[str], question: str, known: _Known) -> Ending:
    if not said:
        return "unfinished"
    if known.sets["affirm"].issuperset(said):
        return "short"
    sets, mark = known.sets, plain.rstrip(" ,")[-1:]
    filling = known.patterns["filling"].search(plain) or sets["fillers"].issuperset(said)
    if filling or (said[-1] in sets["loose"] | sets["fillers"] and mark != "?"):
        return "dangling"
    if mark not in {".", "!", "?"}:
        return "unfinished"
    if said[0] in sets["openers"]:
        return "finished"
    is_answer = said[0] in sets["affirm"] or _is_yes_no(question, known)
    if len(_WORD.findall(plain)) <= (_SHORT_WORDS if is_answer else _SHORT_WORDS - 1):
        return "short"
    if mark == "?":
        return "question"
    return "announced" if known.patterns["announces"].search(plain.rstrip(" .!")) else "finished"


def asks_to_tell(asked: str, language: str) -> bool:
    """Whether a long answer was asked for."""
    return bool(_known(language).patterns["asks_to_tell"].search(unaccented(asked.lower())))


def joined(text: str, asked: str, language: str) -> str:
    """A number dictated in groups as one: the digits, where the text holds nothing else."""
    known, plain = _known(language), unaccented(text.lower())
    found, left = _parts(plain, known)
    number, left = "".join(found), [one for one in left if one not in known.sets["fillers"]]
    is_one = len(found) > 1 or _wanted(_question(asked), known) is not None
    return number if len(number) > _FEWEST_DIGITS and not left and is_one else text


def _question(asked: str) -> str:
    """The last question in what the agent said, or its last sentence."""
    sentences = _SENTENCES.split(unaccented(asked.lower()).strip())
    return next((one for one in reversed(sentences) if one.endswith("?")), sentences[-1])


def _asks_openly(question: str, known: _Known) -> bool:
    return not known.sets["question_words"].isdisjoint(_WORD.findall(question))


def _is_yes_no(question: str, known: _Known) -> bool:
    return question.endswith("?") and not _asks_openly(question, known)


def _wanted(question: str, known: _Known) -> tuple[int, ...] | None:
    """How many digits are asked for, none where nobody can tell; None where nothing is dictated."""
    patterns = known.patterns
    is_asked = _asks_openly(question, known) or patterns["gives"].search(question)
    if not is_asked or patterns["asks_how_many"].search(question):
        return None
    if patterns["spells"].search(question):
        return ()
    return next((lengths for asks, lengths in known.dictations if asks.search(question)), None)


def _is_complete(plain: str, lengths: tuple[int, ...], known: _Known) -> bool:
    if known.patterns["whole"].search(plain):
        return True
    return bool(lengths) and len(_digits(plain, known)) >= min(lengths)


def _digits(plain: str, known: _Known) -> str:
    return "".join(_parts(plain, known)[0])


def _parts(plain: str, known: _Known) -> tuple[list[str], list[str]]:
    """The numbers said, and the other words. "Vingt deux" is one number, "deux vingt" two."""
    said, found, left, times = _WORD.findall(plain), [], [], 1
    at = 0
    while at < len(said):
        word = said[at]
        if word in known.turns.repeats:
            times, at = known.turns.repeats[word], at + 1
            continue
        length = next((n for n in (4, 3, 2, 1) if tuple(said[at : at + n]) in known.numbers), 0)
        if word.isdigit() or length:
            number = word if word.isdigit() else known.numbers[tuple(said[at : at + length])]
            found += [number] * (times if len(number) == 1 else 1)
        else:
            left.append(word)
        times, at = 1, at + max(length, 1)
    return found, left


def _run(plain: str, known: _Known) -> int:
    """How many digits, letters and words such as "dot" stand at the end of the text; a numeral that
    may be a year or a price counts as one."""
    length = 0
    for word in reversed(_WORD.findall(plain)):
        if word.isdigit():
            length += len(word) if len(word) > _LONGEST_AMOUNT else 1
        elif (word,) in known.numbers or word in known.sets["connectors"] or len(word) == 1:
            length += 1
        else:
            break
    return length
