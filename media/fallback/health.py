"""Which of several engines to ask first: the first in the configured order that is not in disgrace.

One that fails, or is too slow, is asked last for a while, twice as long each time, and then given
one more chance. Pure: whoever asks brings the time.
"""

from collections.abc import Sequence

import msgspec

FIRST_SECONDS = 5.0
LONGEST_SECONDS = 60.0


class _Record(msgspec.Struct):
    failures: int = 0
    until: float = 0.0


class Health:
    """Of the engines of one kind on this node."""

    def __init__(self, names: Sequence[str]) -> None:
        self._records = {name: _Record() for name in names}

    def order(self, now: float) -> list[str]:
        """Names, the one to ask first in front; those in disgrace last, soonest back first."""
        fit = self.fit(now)
        unfit = [name for name in self._records if name not in fit]
        return fit + sorted(unfit, key=lambda name: self._records[name].until)

    def fit(self, now: float) -> list[str]:
        """The names of those in no disgrace, in their order."""
        return [name for name, record in self._records.items() if record.until <= now]

    def failed(self, name: str, now: float) -> None:
        """It raised, or another was faster by far. What fails at once in many calls counts once."""
        record = self._records[name]
        if record.until <= now:
            away = min(LONGEST_SECONDS, FIRST_SECONDS * 2**record.failures)
            record.failures, record.until = record.failures + 1, now + away

    def worked(self, name: str) -> None:
        """It did what it was asked."""
        self._records[name] = _Record()
