"""Names as they are spelled: what a second look at letters may hear, and how common each name is.

The list is made of the US census of 1990 ("Frequently Occurring Surnames" and given names, in the
public domain): names of at least one in 100,000 people, in percent, half of it for families' names.
It covers about three people in four, so whoever is not in it must still be heard. It knows a token
table and nothing of sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import log
from pathlib import Path
from string import ascii_uppercase
from typing import Literal

import msgspec
import numpy as np

from media.engines.decoding.grammar import Vocabulary

_LIST = Path(__file__).with_name("census_names.txt")
# How much less likely, as a logarithm, a name is for being rare; and how much worse than the
# letters that were read it may be, by the root of their number: so 29 of 40 spellings of names
# that are not in the list are heard as before, and with 4.0 two fewer.
_RARITY = 0.7
_MARGIN = 3.0
_AFTER_Z = chr(ord("Z") + 1)


class Names(msgspec.Struct, frozen=True, eq=False):
    """All names in capitals, in order, and the weight of each."""

    sorted: np.ndarray
    weights: np.ndarray
    written: dict[str, Written]
    marks: dict[int, Place]

    def spelled(self) -> Spelling:
        """The graph of all of them."""
        return Spelling(self, "", 0, self.sorted.size, "first")


class Written(msgspec.Struct, frozen=True):
    """A letter's tokens at the beginning, after a space, and after a dash."""

    first: tuple[int, ...]
    spaced: tuple[int, ...]
    tight: tuple[int, ...]


Place = Literal["first", "letter", "dot", "spaced", "tight"]


class Spelling(msgspec.Struct, frozen=True, eq=False):
    """Where one is in names that begin with `prefix`, which are those from `start` to `end`."""

    names: Names
    prefix: str
    start: int
    end: int
    place: Place

    @property
    def ends(self) -> bool:
        """Whether it is a name so far."""
        is_whole = self.start < self.end and self.names.sorted[self.start] == self.prefix.encode()
        return is_whole and self.place in {"letter", "dot"}

    @property
    def weight(self) -> float:
        """Of that name, by how common it is."""
        return float(self.names.weights[self.start])

    @property
    def following(self) -> Mapping[int, Spelling]:
        """The tokens of letters that go on, and of the marks between letters."""
        found: dict[int, Spelling] = {}
        if self.place == "letter":
            for mark, place in self.names.marks.items():
                found[mark] = self._at(self.prefix, self.start, self.end, place)
        wanted = [(self.prefix + letter).encode() for letter in (*ascii_uppercase, _AFTER_Z)]
        bounds = self.start + np.searchsorted(self.names.sorted[self.start : self.end], wanted)
        for letter, start, end in zip(ascii_uppercase, bounds[:-1], bounds[1:], strict=True):
            if start < end:
                written = self.names.written[letter]
                after = self._at(self.prefix + letter, int(start), int(end), "letter")
                tokens = {"first": written.first, "tight": written.tight}
                found.update(dict.fromkeys(tokens.get(self.place, written.spaced), after))
        return found

    def _at(self, prefix: str, start: int, end: int, place: Place) -> Spelling:
        return Spelling(self.names, prefix, start, end, place)


def load(vocabulary: Vocabulary) -> Names:
    """Read the list."""
    lines = (line.split() for line in _LIST.read_text().splitlines())
    return names_of(vocabulary, ((name, float(share)) for name, share in lines))


def names_of(vocabulary: Vocabulary, shares: Iterable[tuple[str, float]]) -> Names:
    """Names in capitals by how many in a hundred have them."""
    ordered = sorted(shares)
    written = {}
    for letter in ascii_uppercase:
        either = (letter, letter.lower())
        spaced = tuple(vocabulary.encode(one)[0] for one in either)
        tight = tuple(vocabulary.mark(one) for one in either)
        written[letter] = Written(spaced[:1], spaced, tight)
    marks: dict[str, Place] = {".": "dot", ",": "spaced", "-": "tight"}
    return Names(
        np.array([name.encode() for name, _ in ordered]),
        np.array([_RARITY * log(share) for _, share in ordered], np.float32),
        written,
        {vocabulary.mark(mark): place for mark, place in marks.items()},
    )


def is_name(name_score: float, letters_score: float) -> bool:
    """Whether the likeliest name is meant by letters that were read with the other score."""
    return name_score >= letters_score - _MARGIN
