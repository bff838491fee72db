"""Words that a decoder says over and over because it has lost its place in the sound.

Pure, and it knows tokens only as numbers.
"""

from collections.abc import Sequence

_MOST_OF_ONE = 6  # the same token in a row; "no, no, no" has others between
_LONGEST_PATTERN = 8
_PATTERN_TIMES = 4


def repeats(tokens: Sequence[int]) -> bool:
    """Whether the end of this is one token, or one pattern of tokens, again and again."""
    return _pattern(tokens) > 0


def said_once(tokens: Sequence[int]) -> list[int]:
    """The tokens with what repeats at their end said once."""
    length = _pattern(tokens)
    kept = list(tokens)
    while length and kept[-length:] == kept[-2 * length : -length]:
        del kept[-length:]
    return kept


def _pattern(tokens: Sequence[int]) -> int:
    """How long the pattern is that the tokens end with again and again, 0 without one."""
    for length in range(1, _LONGEST_PATTERN + 1):
        times = _MOST_OF_ONE if length == 1 else _PATTERN_TIMES
        end = tokens[-length:]
        if len(tokens) >= length * times and all(
            tokens[-length * (n + 1) : len(tokens) - length * n] == end for n in range(times)
        ):
            return length
    return 0
