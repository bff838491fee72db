"""How long silence must last until a caller's words are a turn: by how the words end.

From the recognised text so far, what the agent asked, the caller's pauses and (where there is a
model for it) how finished it sounded. English is read by rules here, other languages by their lists
(`listed`). Pure: it knows no calls, clocks or sound.
"""

import re
from typing import Literal

from media.settings import SpeechSettings
from media.turn_taking import dictation, listed
from media.turn_taking.ending import Ending
from media.turn_taking.pauses import Pauses
from media.turn_taking.words import (
    AFFIRM,
    AUXILIARIES,
    CLOSE_WITH_SO,
    CONJUNCTIONS,
    DETERMINERS,
    FILLERS,
    HESITATIONS,
    INTRODUCE,
    LABELS,
    OBJECTS,
    OPENERS,
    PARTICLES,
    PREPOSITIONS,
    PRONOUNS,
    QUESTION_WORDS,
    RELATIVES,
    SUBORDINATES,
    WANTING,
    last_sentence,
    word_set,
    words,
)

_BRAKE_PROBABILITY = 0.1  # sounds so unfinished that the words do not count
_BRAKED = {"dangling", "unfinished", "announced", "finished", "question"}
_SHORT_ANSWER_WORDS = 3
_LONG_WORDS = 20  # of somebody who tells or reads out a long thing, and breathes between sentences
_FEWEST_DIGITS = 2  # of a number, or "one" is only a word
_ASKS_TO_TELL = re.compile(
    r"\bread (?:it|that|this|the|out|me)\b|\blike to tell\b|\bwhat does it say\b|\bdescribe\b"
    r"|\btell (?:me|us) (?:all|more|everything|the (?:whole )?story)\b",
    re.IGNORECASE,
)
_REFUSES = word_set("no don't not why sorry wait hold moment can't what cannot never")
_FILLING = re.compile(
    r"\b(?:you know|i mean|let me (?:see|think|check|look)|let's see|the (?:thing|point|problem) is"
    r"|hold on|just a (?:second|moment|minute)|one (?:second|moment))\W*$",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"\b(?:two|three|four|some|several|a few|a couple of|one|a|an|another|my) "
    r"(?:\w+ )?(?:questions?|things?|problems?|points?|reasons?|ideas?|requests?|issues?"
    r"|stor(?:y|ies)|favou?rs?|suggestions?|complaints?|advice|help|news)\W*$"
    r"|\blet me (?:explain|tell|start|begin)\b|\bhere (?:is|are)\b"
    r"|\b(?:it is|it's|this is) about\b"
    r"|\bnot sure\W*$|\bfirst(?: of all)?\W*$",
    re.IGNORECASE,
)


def silence_ms(
    text: str,
    asked: str,
    pauses: Pauses,
    sounds_complete: float | None,
    settings: SpeechSettings,
    language: str = "en",
) -> int:
    """The silence that makes `text` a turn after the agent said `asked`."""
    end = ending(text, asked) if language == "en" else listed.ending(text, asked, language)
    if end == "finished" and (len(text.split()) >= _LONG_WORDS or _asks_to_tell(asked, language)):
        end = "unfinished"
    brakes = sounds_complete is not None and sounds_complete < _BRAKE_PROBABILITY
    return (
        settings.longest_silence_ms
        if brakes and end in _BRAKED
        else _silence(end, pauses, settings)
    )


def _asks_to_tell(asked: str, language: str) -> bool:
    if language == "en":
        return bool(_ASKS_TO_TELL.search(asked))
    return listed.asks_to_tell(asked, language)


def _silence(end: Ending, pauses: Pauses, settings: SpeechSettings) -> int:
    short, finished = settings.short_silence_ms, settings.finished_silence_ms
    unfinished, longest = settings.unfinished_silence_ms, settings.longest_silence_ms
    match end:
        case "short":
            return short
        case "question" | "dictated":
            return (short + finished) // 2
        case "finished":
            return pauses.stretched(finished, unfinished)
        case "unfinished":
            return pauses.stretched((finished + unfinished) // 2, unfinished)
        case "announced":
            return unfinished
        case "dangling":
            return (unfinished + longest) // 2
        case "dictation":
            return pauses.between_groups(unfinished, longest)


def ending(text: str, asked: str) -> Ending:
    """How the words end, given what they answer."""
    want = dictation.wanted(asked)
    if want is not None and not _refuses(text, want):
        return "dictated" if dictation.is_complete(text, want) else "dictation"
    if dictation.run(text) > _FEWEST_DIGITS:
        want = dictation.wanted(text) or dictation.Wanted("digits")
        return "dictated" if dictation.is_complete(text, want) else "dictation"
    sentence = last_sentence(text)
    said = words(sentence)
    if not said:
        return "unfinished"
    loose = _loose_end(sentence, said, asked)
    if loose is not None:
        return loose
    return _closed(text, sentence, said, asked)


def _refuses(text: str, want: dictation.Wanted) -> bool:
    """Whether what was asked for is not what is said."""
    said = words(text)
    plain = [w for w in said if len(w) > 1 and not w.isdigit() and w not in dictation.DIGITS]
    if any(word in _REFUSES for word in plain):
        return len(dictation.digits(text)) < _FEWEST_DIGITS
    spoken = dictation.digits(text, asked=want.kind == "digits")
    return want.kind == "digits" and not spoken and len(plain) > _SHORT_ANSWER_WORDS + 1


def _loose_end(
    sentence: str, said: list[str], asked: str
) -> Literal["dangling", "unfinished"] | None:
    """Whether the sentence needs more words, or may well have them."""
    mark = sentence.rstrip(" ,")[-1:]
    last, before = said[-1], said[-2] if len(said) > 1 else ""
    if AFFIRM.issuperset(said):
        return None
    if _FILLING.search(sentence) or all(word in FILLERS for word in said):
        return "dangling"
    if mark == "?":
        asks = said[0] in QUESTION_WORDS and last in PREPOSITIONS | CONJUNCTIONS
        loose = DETERMINERS | PREPOSITIONS | CONJUNCTIONS
        return "dangling" if last in loose and not asks and len(said) > 2 else None
    if last in PREPOSITIONS and _is_relative(said):
        return "unfinished"
    if last in DETERMINERS | PREPOSITIONS | HESITATIONS:
        return "dangling"
    if last in CONJUNCTIONS and not (last in QUESTION_WORDS and before in INTRODUCE):
        return "dangling"
    is_short_form = "'" in last and not last.endswith("n't")  # nobody ends with "Yes, it's"
    if last in AUXILIARIES | WANTING and (is_short_form or not _is_elliptical(said, asked)):
        return "dangling"
    if last.endswith("ly") and before in AUXILIARIES:
        return "dangling"
    if last == "so" and before not in CLOSE_WITH_SO | OBJECTS:
        return "dangling"
    if last == "that" and (before in INTRODUCE or (before in OBJECTS and "told" in said[-3:])):
        return "dangling"
    if last in PARTICLES or (last in LABELS and len(said) > 2):
        return "unfinished"
    if _lacks_main_clause(sentence, said):
        return "unfinished"
    return None if mark in {".", "!"} else "unfinished"


def _is_elliptical(said: list[str], asked: str) -> bool:
    """Whether it is one such as "Yes, I do", "I think I should" or "That is how it was"."""
    if said[0] in AFFIRM:
        return True
    answers = len(said) <= _SHORT_ANSWER_WORDS + 1 and dictation.is_yes_no(asked)
    return (answers or _is_relative(said)) and not PRONOUNS.isdisjoint(said[-2:-1])


def _is_relative(said: list[str]) -> bool:
    return not RELATIVES.isdisjoint(said[:-1])


def _lacks_main_clause(sentence: str, said: list[str]) -> bool:
    """Whether it is only "If ..." or "To ..." so far."""
    if len(said) <= _SHORT_ANSWER_WORDS or (said[0] not in SUBORDINATES and said[0] != "to"):
        return False
    return len(words(sentence.partition(",")[2])) < 2


def _closed(text: str, sentence: str, said: list[str], asked: str) -> Ending:
    """Of a sentence that is whole: how likely another one follows."""
    if said[0] in OPENERS or said[-1] in OPENERS:
        return "finished"
    count = len(words(text))
    is_answer = dictation.is_yes_no(asked) or said[0] in AFFIRM
    if count <= (_SHORT_ANSWER_WORDS if is_answer else _SHORT_ANSWER_WORDS - 1):
        return "short"
    if sentence.rstrip().endswith("?"):
        return "question"
    return "announced" if _ANNOUNCES.search(sentence) else "finished"
