"""The words in which people agree to be contacted: each has an id, a version and a language.

A consent keeps the words and which they were. Words are never edited: others are a new version, and
what was agreed to in older ones stays known. Whoever asks in words of their own is believed, and
the record says that they were. Pure.
"""

from collections.abc import Collection
from typing import Literal, TypeAlias

import msgspec

Channel: TypeAlias = Literal["texts", "calls"]


class Wording(msgspec.Struct, frozen=True):
    """One version of one text in one language; "" and 0: not one of ours."""

    id: str
    version: int
    language: str
    channel: Channel
    text: str


WORDINGS = (
    Wording("calls", 1, "en", "calls",
            "I agree to be called at this number by Talking App, an automated assistant with an"
            " artificial voice. I can withdraw this at any time by saying so in a call or by"
            " texting STOP."),
    Wording("calls", 1, "de", "calls",
            "Ich bin einverstanden, unter dieser Nummer von Talking App angerufen zu werden, einem"
            " automatischen Assistenten mit künstlicher Stimme. Ich kann das jederzeit widerrufen,"
            " im Gespräch oder mit einer Textnachricht STOP."),
    Wording("texts", 1, "en", "texts",
            "I agree to get texts at this number from Talking App, an automated assistant. Message"
            " and data rates may apply. I can withdraw this at any time by texting STOP."),
    Wording("texts", 1, "de", "texts",
            "Ich bin einverstanden, an diese Nummer Textnachrichten von Talking App zu bekommen,"
            " einem automatischen Assistenten. Es können Kosten anfallen. Ich kann das jederzeit"
            " mit einer Textnachricht STOP widerrufen."),
    Wording("own-call", 1, "en", "calls", "asked to be called at their own verified number"),
    Wording("own-text", 1, "en", "texts",
            "asked for a text conversation with their own verified number"),
    Wording("vouched", 1, "en", "calls",
            "asked for by a user of a server that answers for everybody's consent to calls"),
    Wording("recording", 1, "en", "calls",
            "May I record this call, so that it can be listened to again? Please say yes or no."),
    Wording("recording", 1, "de", "calls",
            "Darf ich dieses Gespräch aufnehmen, damit es später angehört werden kann? Bitte sagen"
            " Sie Ja oder Nein."),
)  # fmt: skip
OWN: dict[Channel, Wording] = {
    one.channel: one for one in WORDINGS if one.id in {"own-call", "own-text"}
}
"""What somebody agrees to who asks for it at a number they proved to be theirs."""
VOUCHED = next(one for one in WORDINGS if one.id == "vouched")
"""What a call is placed on where the configuration says that anybody may be called."""


_SHOWN = frozenset({"calls", "texts"})  # to people who are asked


def shown(language: str | None = None) -> list[Wording]:
    """The newest version of what people can be shown, in one language or all."""
    newest: dict[tuple[str, str], Wording] = {}
    for one in WORDINGS:
        if one.id in _SHOWN and language in {None, one.language}:
            known = newest.get((one.id, one.language))
            if known is None or known.version < one.version:
                newest[one.id, one.language] = one
    return list(newest.values())


def wording_of(words: str, channel: Channel) -> Wording:
    """Which of ours these words are, for this channel; or that they are somebody's own."""
    return _among(_SHOWN, words, channel)


def recording_wording(question: str) -> Wording:
    """In which of our words somebody was asked, in a call, whether it may be recorded; or that they
    are the configuration's own."""
    return _among({"recording"}, question, "calls")


def _among(ids: Collection[str], words: str, channel: Channel) -> Wording:
    for one in WORDINGS:
        if one.id in ids and one.channel == channel and one.text == words:
            return one
    return Wording("", 0, "", channel, words)
