"""Words of a conversation: turns, a language model's prompt, and cutting replies into sentences.

Shared by voice, text and e-mail, so it knows nothing of sound, calls or clocks.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Literal

import msgspec
import sentencex

from media.languages.language import WORDS, Talk
from media.languages.plain import unaccented
from media.tools import Tool, ToolUse

Speaker = Literal["agent", "caller", "operator"]
Hint = Literal["none", "wrap_up", "urgent"]
Form = Literal["speech", "text", "letter", "summary"]

# A sentence may end at . ! ? or … (with closing quotes or brackets) before white space.
_STOP = re.compile(r"(?P<mark>[.!?…]+)[\"'”’)\]*_]*\s+|(?P<mark_alone>[。！？]+)\s*")
_LIST_MARK = r"[*_]*(?:\d{1,2}[.)]|[-*+•])[*_]*"
_NEW_LINE = re.compile(rf"\n\s*(?:\n|(?={_LIST_MARK}\s|\#+\s))|\n\s*(?=\Z)")
_IS_LIST_MARK = re.compile(rf"\s*{_LIST_MARK}\s*")
_FIRST_OF_LIST = re.compile(r":\s+(?=[*_]*1[.)])")
_SHORT_BEFORE_FIGURES = "art|cap|fig|ft|mar|may|mi|min|oz|sec"  # words of their own elsewhere
# What the segmenter does not know; none of these ends a sentence before a small letter or a digit.
_SHORTENED = re.compile(
    r"\b(?:approx|appt|apt|avg|ch|cont|eq|est|ext|hrs?|incl|lbs?|max|mins?|misc|min|mos?|pkg|qty|rm|ste|secs?"
    r"|tbsp|tel|temp"
    r"|tsp|vol|wks?|yrs?|mon|tues?|wed|thu|thurs?|fri|sat|sun|jan|feb|mar|apr|jun|jul|aug|sept?|oct"
    r"|nov|dec)\.\s+(?-i:[a-z0-9])\w*$"
    r"|\b[ap]\.m\.\s+(?-i:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[ECMP][SD]?T|GMT|UTC"
    r"|Eastern|Central|Mountain|Pacific)$",
    re.IGNORECASE,
)
_NEXT_WORD = re.compile(r"[\"'“‘(\[*_]*(\w+)(?=\W)")
_ANY_WORD = ("Xx", "x", "5")  # while the next one is not known: a stop before each of these is one
_WINDOW_CHARACTERS = 60  # of what stands before a stop: enough to tell what it belongs to
_QUOTES = re.compile(r"[\"'“”‘’()\[\]*_]")
_LONG_SENTENCE = 240  # nothing is heard before it ends
_SHORT_CLAUSE = 40
_CLAUSE_END = re.compile(r"[,;:—–]\s+|\s+(?=(?:and|but|or|so|because|which|while|then)\s)")
_PART_OF_WORD = re.compile(r"\S+\Z")
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _any(pattern: Callable[[Talk], str]) -> re.Pattern[str]:
    """This of every language: who is called speaks whichever they like."""
    found = (f"(?:{pattern(one.talk)})" for one in WORDS.values())
    return re.compile("|".join(found), re.IGNORECASE)


def storable(text: str) -> str:
    """The text without what a database, a journal or XML cannot carry: control characters (white
    space but for line ends and tabs included), halves of pairs and what is no character."""
    return _UNSTORABLE.sub("", text)


class Turn(msgspec.Struct, frozen=True):
    """What one side said until `at` (epoch seconds): what was meant, and what was really heard."""

    speaker: Speaker
    text: str
    heard: str
    at: float = 0.0


class Prompt(msgspec.Struct, frozen=True):
    """All a language model is told. `turns` hold heard text only, oldest first.

    `hint` is about time left. `form` is what its words become: speech or a text message in a talk,
    an e-mail on the topic, or a summary of `turns`. `earlier` is what was said, texted or mailed on
    this topic before. `instructions` are the agent's own, by whoever runs the installation.
    `language` is what it speaks. `tools` may be called; those in `used_before` were, earlier in the
    talk, and those in `used` in this very answer, of which `said` is what was said so far.
    """

    topic: str
    turns: tuple[Turn, ...]
    hint: Hint = "none"
    form: Form = "speech"
    earlier: tuple[Turn, ...] = ()
    instructions: str = ""
    tools: tuple[Tool, ...] = ()
    used_before: tuple[ToolUse, ...] = ()
    used: tuple[ToolUse, ...] = ()
    said: str = ""
    language: str = "en"


def within(topic: str) -> str:
    """A topic as it stands inside a sentence of ours: without marks that end one of its own."""
    return topic.rstrip(" .?!…") or topic


def split_sentences(buffer: str, language: str = "en") -> tuple[list[str], str]:
    """Cut finished sentences off the front of `buffer`; returns them and what is left over.

    A stop that may belong to an abbreviation is left until the next word tells. Items of a list are
    sentences of their own, and one that goes on for ever is cut after a clause.
    """
    sentences: list[str] = []
    start = 0
    for end in _ends(buffer, language):
        if not _IS_LIST_MARK.fullmatch(buffer, start, end) and buffer[start:end].strip():
            sentences.append(buffer[start:end].strip())
            start = end
    while cut := _clause_end(buffer[start:]):
        sentences.append(buffer[start : start + cut].strip())
        start += cut
    return sentences, buffer[start:]


def _ends(buffer: str, language: str) -> list[int]:
    """Where sentences may end, in order."""
    ends = {stop.end() for stop in _STOP.finditer(buffer) if _ends_sentence(buffer, stop, language)}
    ends |= {line.end() for line in _NEW_LINE.finditer(buffer) if line.end() < len(buffer)}
    return sorted(ends | {first.end() for first in _FIRST_OF_LIST.finditer(buffer)})


def _ends_sentence(buffer: str, stop: re.Match[str], language: str) -> bool:
    if stop["mark"] != ".":
        return True
    line = buffer.rfind("\n", 0, stop.start()) + 1
    before = _QUOTES.sub("", buffer[max(line, stop.start() - _WINDOW_CHARACTERS) : stop.end()])
    following = _NEXT_WORD.match(buffer, stop.end())
    return all(
        _is_boundary(before, word, language)
        for word in ([following[1]] if following else _ANY_WORD)
    )


@cache
def _shortened(language: str) -> re.Pattern[str]:
    """What ends no sentence before this word, as the segmenter does not know."""
    if (words := WORDS[language].aloud) is None:
        return _SHORTENED
    short = "|".join(re.escape(one) for one in words.short if one.endswith("."))
    return re.compile(
        rf"(?<!\w)(?i:{short})\s+[a-zà-ÿ\d]\w*$|\b(?:{words.unfinished})\s+[A-ZÀ-Ý]\w*$"
    )


@cache
def _answers(language: str) -> re.Pattern[str]:
    """A last word that the segmenter may take for a short form: what one says to an answer, as
    "no", which a numeral may follow, and words that are short for another before a figure only."""
    words = WORDS[language]
    answers = f"{words.agreement.no}|{words.talk.backchannel}"
    return re.compile(
        rf"(?i:\b(?:{answers}))\. (?![IVX]{{2,}}$|[VX]$)\w+$"
        rf"|(?i:\b(?:{_SHORT_BEFORE_FIGURES}))\. [^\W\d]\w+$"
    )


def _is_boundary(before: str, following: str, language: str) -> bool:
    words = f"{before.rstrip()} {following}"
    if following[:1].isupper() and _answers(language).search(words):
        return True
    if _shortened(language).search(words):
        return False
    segments: list[str] = sentencex.segment(language, words)
    return segments[-1].strip() == following


def _clause_end(text: str) -> int:
    """Where to cut a sentence that is too long to wait for, 0 when it is not."""
    if len(text) <= _LONG_SENTENCE:
        return 0
    clauses = [end.end() for end in _CLAUSE_END.finditer(text, _SHORT_CLAUSE, _LONG_SENTENCE)]
    return clauses[-1] if clauses else text.rfind(" ", _SHORT_CLAUSE, _LONG_SENTENCE) + 1


# A whole clause that is a goodbye; in "say goodbye to dry bread" the word means something else.
_FAREWELL = _any(lambda talk: talk.goodbye)
_CLAUSES = re.compile(r"\s*[.,;:!?…—–]+\s*|\s+(?:and|so|but)\s+(?=good|bye|talk)", re.IGNORECASE)
_SAID_OF_IT = re.compile(r"\b(?:say|says|said|saying|word|hello|hi|called)\W*\Z", re.IGNORECASE)
_COURTESY = _any(lambda talk: rf"(?:{talk.courtesy})\W*")
_ASKED_WORDS = 3  # a longer question is no goodbye


def says_goodbye(text: str) -> bool:
    """Whether these words end a conversation, from either side: their last sentence decides.

    A courtesy after a goodbye takes nothing back; a word inside a sentence ends nothing.
    """
    sentences, rest = split_sentences(unaccented(text).strip())
    for sentence in reversed([*sentences, rest]):
        if any(map(str.isalnum, sentence)):
            if _is_farewell(sentence):
                return True
            if not _COURTESY.fullmatch(sentence.strip()):
                return False
    return False


def _is_farewell(sentence: str) -> bool:
    if sentence.rstrip().endswith("?") and len(sentence.split()) > _ASKED_WORDS:
        return False
    before = ""
    for clause in _CLAUSES.split(sentence):
        if _FAREWELL.fullmatch(clause.strip("\"'“”‘’()*_ ")) and not _SAID_OF_IT.search(before):
            return True
        before = clause or before
    return False


def unheard(spoken: str, heard: str) -> str:
    """What of `spoken` is left to say after `heard`, which is a prefix cut at a word."""
    return spoken[len(heard) :].strip()


def cut_at_word(text: str, fraction: float) -> str:
    """The first `fraction` (0 to 1) of `text`, cut back to the last whole word."""
    if fraction >= 1:
        return text
    end = int(len(text) * max(fraction, 0.0))
    head = text[:end]
    if not text[end : end + 1].isspace():
        head = _PART_OF_WORD.sub("", head)
    return head.rstrip()


CHARACTERS_PER_SECOND = 14.5  # about what a voice speaks


_SUMMARY = _any(lambda talk: talk.summary)
_BY_MAIL = _any(lambda talk: talk.by_mail)


def asks_for_summary(text: str) -> Literal["text", "email"] | None:
    """Whether these words ask for a summary afterwards, and by what; by text if nothing is said."""
    plain = unaccented(text)
    if not _SUMMARY.search(plain):
        return None
    return "email" if _BY_MAIL.search(plain) else "text"


_BACKCHANNEL = re.compile(
    rf"(?:(?:{_any(lambda talk: talk.backchannel).pattern})[,.!? ]*){{1,3}}", re.IGNORECASE
)


def is_backchannel(text: str) -> bool:
    """Whether these words only say "go on": no reason to stop an agent that was speaking."""
    return bool(_BACKCHANNEL.fullmatch(unaccented(text).strip()))
