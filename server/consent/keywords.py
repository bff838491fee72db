"""The carrier's own keywords for refusing or allowing texts (Twilio, "Opt-out keywords"): the whole
message is one of them, in any case; the carrier acts on them itself and answers. What people mean
beyond is `media.wishes`."""

from typing import Literal, TypeAlias

Keyword: TypeAlias = Literal["stop", "start", "help"]

_KEYWORDS: dict[str, Keyword] = {
    **dict.fromkeys(
        ("stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"), "stop"
    ),
    **dict.fromkeys(("start", "yes", "unstop"), "start"),
    **dict.fromkeys(("help", "info"), "help"),
}  # fmt: skip


def keyword(text: str) -> Keyword | None:
    """What the carrier takes this text for: exactly one of its keywords, or nothing."""
    return _KEYWORDS.get(text.strip().lower())
