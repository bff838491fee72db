"""Whether an answer to "May I record this call?" is a yes, and whether somebody wants it stopped.

A yes needs a word for it and nothing against it: who hesitates, jokes or talks of something else
has not agreed. In whatever language; knows nothing of who asks.
"""

import re
from collections.abc import Callable

from media.languages.language import WORDS, Agreement
from media.languages.plain import unaccented
from media.languages.wish_patterns import any_of, words
from media.wishes.wish import Wish

_ALL = tuple(one.agreement for one in WORDS.values())


def _any(pattern: Callable[[Agreement], str]) -> re.Pattern[str]:
    return any_of(pattern(one) for one in _ALL)


_YES = frozenset[str]().union(*(words(one.yes) for one in _ALL))
_FIRST_WORDS = 4  # among which a yes is one to the question
_NO = _any(lambda one: rf"\b{one.no}\b")
_GRANTED = _any(lambda one: one.granted)  # a "no" or "not" that is none
_UNSURE = _any(lambda one: one.unsure)  # on a condition, not yet, to somebody else
_ADVERB_LETTERS = 6  # "absolutely not", "natürlich nicht"


def _refused(one: Agreement) -> str:
    """A word for a yes that is none, as in "don't agree" and "certainement pas"."""
    agreed = one.yes.replace(" ", "|")
    adverbs = "|".join(word for word in one.yes.split() if len(word) >= _ADVERB_LETTERS)
    return rf"\b{one.no}(?: \w+){{0,2}}[ '](?:{agreed})\b|\b(?:{adverbs}) {one.no}\b"


_REFUSED = _any(lambda one: unaccented(_refused(one)))
_UNKNOWN = _any(lambda one: one.unknown)
_ASKS = _any(lambda one: rf"{one.asks}|\?")  # an answer that begins so is none
_FIRST_SENTENCE = re.compile(r"\W*[^.!?]*\??")
_STOPS = tuple((re.compile(one.stops_recording), re.compile(one.no_stop)) for one in _ALL)


def agreement(answer: str) -> Wish:
    """What an answer to the question means: yes, no, or unsure, which is no yes."""
    said = _plain(answer)
    if wants_no_recording(answer):
        return "no"
    if is_unknown(answer):
        return "unsure"
    granted = _GRANTED.search(said)
    left = _GRANTED.sub(" ", said)
    if _NO.search(left):
        left = _REFUSED.sub(" ", left)
        return "unsure" if granted or _is_yes(left) else "no"
    if _UNSURE.search(left) or (not granted and _asks(answer)):
        return "unsure"
    return "yes" if granted or _is_yes(left) else "unsure"


def wants_no_recording(said: str) -> bool:
    """Whether somebody asks, at whatever time, that the call is not recorded."""
    plain = _plain(said)
    return any(stops.search(plain) and not is_none.search(plain) for stops, is_none in _STOPS)


def is_unknown(answer: str) -> bool:
    """Whether somebody says that they do not know: neither a yes nor a no, though it has a "no"."""
    return bool(_UNKNOWN.search(_plain(answer)))


def _asks(answer: str) -> bool:
    first = _FIRST_SENTENCE.match(answer)
    return first is not None and bool(_ASKS.search(unaccented(first[0].lower())))


def _is_yes(said: str) -> bool:
    return any(word in _YES for word in said.split()[:_FIRST_WORDS])


def _plain(said: str) -> str:
    """In lower case, without accents and marks."""
    return " ".join(re.sub(r"[^\w'\- ]+", " ", unaccented(said.lower())).split())
