"""Words of a conversation: turns, a language model's prompt, and cutting replies into sentences.

Shared by voice, text and e-mail, so it knows nothing of sound, calls or clocks.
"""

import re
from typing import Literal

import msgspec

Speaker = Literal["agent", "caller", "operator"]
Hint = Literal["none", "wrap_up", "urgent"]
Form = Literal["speech", "text", "letter", "summary"]

# A sentence ends at . ! ? or … (with closing quotes or brackets) before white space.
_SENTENCE_END = re.compile(r"[.!?…]+[\"')\]]*\s+")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|etc|e\.g|i\.e|[A-Z])\.[\"')\]]*\s+$")
_PART_OF_WORD = re.compile(r"\S+\Z")


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
    this topic before.
    """

    topic: str
    turns: tuple[Turn, ...]
    hint: Hint = "none"
    form: Form = "speech"
    earlier: tuple[Turn, ...] = ()


def split_sentences(buffer: str) -> tuple[list[str], str]:
    """Cut finished sentences off the front of `buffer`; returns them and what is left over."""
    sentences: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(buffer):
        candidate = buffer[start : end.end()]
        if _ABBREVIATION.search(candidate):
            continue
        sentences.append(candidate.strip())
        start = end.end()
    return sentences, buffer[start:]


_GOODBYE = re.compile(
    r"\b(?:good[\s-]?bye|good-?by|bye(?:[ -]bye)?|talk to you later|hang up now)\b", re.IGNORECASE
)


def says_goodbye(text: str) -> bool:
    """Whether these words end a conversation, from either side."""
    return bool(_GOODBYE.search(text))


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


_SUMMARY = re.compile(
    r"\b(?:send|text|mail|e-?mail|message|write|forward|get|have)\b[^.!?]{0,40}"
    r"\b(?:summar(?:y|ise|ize)|recap|notes|minutes|overview|what we (?:said|discussed|talked)\w*)\b"
    r"|\b(?:summary|recap|notes)\b[^.!?]{0,30}\b(?:by|as an?|in an?|via) "
    r"(?:text|e-?mail|mail|message|sms)\b",
    re.IGNORECASE,
)
_BY_MAIL = re.compile(r"\be-?mail\b|\bmail\b", re.IGNORECASE)


def asks_for_summary(text: str) -> Literal["text", "email"] | None:
    """Whether these words ask for a summary afterwards, and by what; by text if nothing is said."""
    if not _SUMMARY.search(text):
        return None
    return "email" if _BY_MAIL.search(text) else "text"


_BACKCHANNEL = re.compile(
    r"(?:(?:m+[ -]?h*m+|u+h[ -]?hu+h|mhm|mama|aha|yeah|yep|yes|okay|ok|right|sure|i see|ah|oh|hm+)"
    r"[,.!? ]*){1,3}",  # recognisers write "Mama." for a hum
    re.IGNORECASE,
)


def is_backchannel(text: str) -> bool:
    """Whether these words only say "go on": no reason to stop an agent that was speaking."""
    return bool(_BACKCHANNEL.fullmatch(text.strip()))
