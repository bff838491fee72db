"""What the carrier needs of a telephone used by a real person.

A person with such a phone is called like any other, but rings until they decide and then speaks
for themselves instead of acting out a script. Knows no sockets and no pages: whoever has phones
puts them into the carrier's `phones`, next to their owner in `people`.
"""

from typing import Any, Protocol

from sandbox.core.line import Line
from sandbox.people.script_runner import Handset


class Phone(Protocol):
    """One telephone; in one call at a time."""

    @property
    def busy(self) -> bool:
        """Whether it is ringing or in a call."""

    async def ring(self, sid: str, caller: str) -> bool:
        """Ring until somebody decides: whether they answered. Cancelled, the call is missed."""

    async def talk(self, line: Line, handset: Handset) -> None:
        """Be the person's end of the line of the call just answered, until cancelled."""

    def over(self, sid: str) -> None:
        """The call that it made has ended, answered or not."""

    def show_text(self, text: dict[str, Any]) -> None:
        """A text to or from this number, as the phone shows it."""
