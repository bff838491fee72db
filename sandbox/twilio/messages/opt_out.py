"""Who no longer wants texts from which number, and the carrier's own words about it.

By Twilio's default handling of STOP, START and HELP: only a message that is nothing but the
keyword counts. Knows neither webhooks nor people.
"""

from typing import Literal

Keyword = Literal["stop", "start", "help", ""]

_WORDS: dict[Keyword, frozenset[str]] = {
    "stop": frozenset(
        {"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"}
    ),
    "start": frozenset({"START", "YES", "UNSTOP"}),
    "help": frozenset({"HELP", "INFO"}),
}
_STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages from this "
    "number. Reply START to resubscribe."
)
_STARTED = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
_HELP = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


def keyword(body: str) -> Keyword:
    """What a whole message means to the carrier; "" is nothing."""
    word = body.strip().upper()
    return next((meaning for meaning, words in _WORDS.items() if word in words), "")


class OptOuts:
    """The pairs (sender's number, person's number) that are blocked."""

    def __init__(self) -> None:
        self._blocked: set[tuple[str, str]] = set()

    def blocks(self, sender: str, person: str) -> bool:
        """Whether the person has opted out of the sender's texts."""
        return (sender, person) in self._blocked

    def apply(self, sender: str, person: str, body: str) -> str:
        """Act on a person's text; what the carrier answers, "" when it says nothing.

        Only a change is confirmed: a "yes" in the middle of a conversation is no business of ours.
        """
        pair, was_blocked = (sender, person), self.blocks(sender, person)
        match keyword(body):
            case "stop" if not was_blocked:
                self._blocked.add(pair)
                return _STOPPED
            case "start" if was_blocked:
                self._blocked.remove(pair)
                return _STARTED
            case "help":
                return _HELP
            case _:
                return ""
