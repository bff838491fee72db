"""What the carrier keeps of anything it was asked to carry, be it a call or a message.

A sid, the far number, what happened in order, alerts, and the random numbers of its faults. Knows
neither how calls go nor how messages do.
"""

import random
from abc import ABC, abstractmethod
from typing import Any

from sandbox.core.clock import utc_now
from sandbox.core.timeline import Timeline

API_VERSION = "2010-04-01"


class Record(ABC):
    """A call or a message; `party` is the number at the far end, whose faults apply to it."""

    def __init__(self, sid: str, account_sid: str, party: str) -> None:
        self.sid, self.account_sid, self.party = sid, account_sid, party
        self.created_at = self.updated_at = utc_now()
        self.timeline = Timeline(self.created_at)
        self.rng = random.Random(0)  # noqa: S311 # replaced by the carrier's
        self._alerted: set[str] = set()

    @property
    @abstractmethod
    def ended(self) -> bool:
        """Whether its status is final."""

    @abstractmethod
    def finish(self, status: str) -> None:
        """The end."""

    @abstractmethod
    def resource(self) -> dict[str, Any]:
        """Its REST representation."""

    def alert(self, code: int, message: str, once: str = "") -> None:
        """An entry for the account's error log; one with `once` is made once per such key."""
        if once and once in self._alerted:
            return
        self._alerted.add(once)
        self.timeline.add("alert", code=code, message=message)
