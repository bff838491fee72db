"""What a second look may hear: a few phrases, or digits in a row, as a graph of tokens.

A recogniser that must choose among what people really answer hears "yes" where it would invent
"Yeast". Pure; it knows a token table and nothing of sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from string import ascii_uppercase
from typing import Protocol

import msgspec

_SPACE = "▁"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "oh")
ANSWERS = (
    "yes", "no", "yeah", "nope", "yep", "okay", "sure", "maybe", "never", "always", "right",
    "wrong", "stop", "wait", "help", "please", "thanks", "hello", "goodbye", "hi", "bye", "fine",
    "great", "good", "nothing", "today", "tomorrow", "yesterday", "morning", "afternoon",
    "evening", "tonight", "noon", "now", "later", "monday", "tuesday", "wednesday", "thursday",
    "friday", "saturday", "sunday", "january", "february", "march", "april", "june", "july",
    "august", "september", "october", "november", "december", "zero", "one", "two", "three",
    "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty",
    "forty", "fifty",
)  # fmt: skip
BACKCHANNELS = ("mm-hmm", "uh-huh", "mhm", "hmm", "um")
_NUMBER_LIKE = re.compile(
    r"\d+|zero|one|two|three|four|five|six|seven|eight|nine|oh|o|to|too|for|ate|won|and"
    r"|(?:thir|four|fif|six|seven|eigh|nine)th?s?|thirds|sixth|second|ten",
    re.IGNORECASE,
)
_REAL_DIGIT = re.compile(r"\d|zero|one|two|three|four|five|six|seven|eight|nine", re.IGNORECASE)
_FEWEST_DIGITS, _FEWEST_LETTERS = 4, 3
_DIGIT_SHARE = 0.7


class Node(msgspec.Struct, eq=False):
    """Which tokens may follow; `ends` when it may be over here."""

    following: dict[int, Node]
    ends: bool = False
    weight: float = 0.0


class Graph(Protocol):
    """What a `Node` is, or what is worked out as one gets there: which tokens may follow, whether
    it may be over here, and what that adds to a score."""

    @property
    def following(self) -> Mapping[int, Graph]: ...
    @property
    def ends(self) -> bool: ...
    @property
    def weight(self) -> float: ...


class Vocabulary:
    """Tokens by their text, and texts as tokens."""

    def __init__(self, tokens: Iterable[bytes]) -> None:
        self._ids: dict[str, int] = {}
        for number, token in enumerate(tokens):
            self._ids.setdefault(token.decode(errors="replace"), number)

    def encode(self, text: str) -> list[int]:
        """The tokens the model was trained with for this text: pairs are merged, lowest first."""
        pieces = list(_SPACE + text.replace(" ", _SPACE))
        while True:
            merged = [
                (self._ids[one + other], at)
                for at, (one, other) in enumerate(pairwise(pieces))
                if one + other in self._ids
            ]
            if not merged:
                return [self._ids[piece] for piece in pieces]
            _, at = min(merged)
            pieces[at : at + 2] = ["".join(pieces[at : at + 2])]

    def mark(self, mark: str) -> int:
        """The token of a punctuation mark behind a word; in front of it there is no space."""
        return self._ids[mark]


def phrases(vocabulary: Vocabulary, texts: Iterable[str]) -> Node:
    """One of these texts, with or without a stop."""
    root, over = Node({}), Node({}, ends=True)
    for text in texts:
        last = _add(root, vocabulary.encode(text))
        last.ends = True
        for mark in ".?!":
            last.following[vocabulary.mark(mark)] = over
    return root


def digits(vocabulary: Vocabulary) -> Node:
    """Digits in words, with commas between them or not, to the end of the sound."""
    first, further = Node({}), Node({}, ends=True)
    for root, words in ((first, [word.capitalize() for word in DIGITS]), (further, DIGITS)):
        for word in words:
            last = _add(root, vocabulary.encode(word))
            last.ends = True
            last.following[vocabulary.mark(",")] = further
            last.following[vocabulary.mark(".")] = Node({}, ends=True)
    for root in (first, further):
        for last in _ends(root, further):
            last.following.update(further.following)
    return first


def letters(vocabulary: Vocabulary) -> Node:
    """Letters in a row, in the ways in which they are written: "M. I.", "m-i", "m, i" or "m i"."""
    first, spaced, tight = Node({}), Node({}), Node({})
    after, dotted = Node({}, ends=True), Node({}, ends=True)
    for letter in ascii_uppercase:
        first.following[vocabulary.encode(letter)[0]] = after
        for either in (letter, letter.lower()):
            spaced.following[vocabulary.encode(either)[0]] = after
            tight.following[vocabulary.mark(either)] = after
    dotted.following.update(spaced.following)
    after.following.update(spaced.following)
    marks = {".": dotted, ",": spaced, "-": tight}
    after.following.update((vocabulary.mark(mark), node) for mark, node in marks.items())
    return first


def sounds_like_letters(text: str) -> bool:
    """Whether this is a word spelled, as far as it was understood: half of it are letters alone."""
    words = [word for word in re.findall(r"[a-z]+|\d", text.lower()) if word != "double"]
    alone = [word for word in words if len(word) == 1 and word.isalpha()]
    is_much = 2 * len(alone) >= sum(map(len, words))
    return (
        is_much and len(alone) >= _FEWEST_LETTERS and len([x for x in alone if x not in "ai"]) > 1
    )


def sounds_like_digits(text: str) -> bool:
    """Whether most of these words are digits or what a recogniser takes them for."""
    words = re.findall(r"[a-z]+|\d", text.lower())
    like = sum(bool(_NUMBER_LIKE.fullmatch(word)) for word in words)
    real = sum(bool(_REAL_DIGIT.fullmatch(word)) for word in words)
    return real >= _FEWEST_DIGITS and like >= _DIGIT_SHARE * len(words)


def _add(root: Node, tokens: Iterable[int]) -> Node:
    for token in tokens:
        root = root.following.setdefault(token, Node({}))
    return root


def _ends(node: Node, stop: Node) -> list[Node]:
    """Nodes after which a word is whole, without going round."""
    found = [node] if node.ends and node is not stop and len(node.following) > 1 else []
    for child in node.following.values():
        if child is not stop and not (node.ends and node is not stop):
            found += _ends(child, stop)
    return found
