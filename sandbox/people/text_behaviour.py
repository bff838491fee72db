"""How a person texts: what becomes of a message to them, and what they text back.

Values only, as written in a person's TOML or sent to POST /people under `texts`.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

_Milliseconds = Annotated[int, Meta(ge=0, le=600_000)]


class TextReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person texts back to one message, `after_ms` after they got it.

    A list to `say` is a burst, each text `apart_ms` after the one before; an empty one is silence.
    The URLs in `media` come with the first text, which then may be "".
    """

    say: str | list[str]
    after_ms: _Milliseconds = 400
    apart_ms: _Milliseconds = 200
    media: list[str] = []

    @property
    def texts(self) -> list[str]:
        """The burst."""
        return [self.say] if isinstance(self.say, str) else self.say

    def __post_init__(self) -> None:
        if "" in self.texts[0 if not self.media else 1 :]:
            raise ValueError("a text without media must say something")
        if self.media and not self.texts:
            raise ValueError('media needs a text to come with, if only ""')


class TextBehaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message to this person ends as `delivery` says, `delay_ms` after it was sent: "sent" is a
    network that never reports, "failed" was not even sent, and `error_code` says why it or
    "undelivered" was. `replies` are used in order, one for each message they really get."""

    delivery: Literal["delivered", "undelivered", "failed", "sent"] = "delivered"
    error_code: Annotated[int, Meta(ge=30_000, le=39_999)] = 30_003
    delay_ms: _Milliseconds = 200
    replies: list[TextReply] = []

    @property
    def arrives(self) -> bool:
        """Whether the person gets to read it."""
        return self.delivery in ("delivered", "sent")


UNASSIGNED = TextBehaviour(delivery="failed", error_code=30_005)
