"""When a request is sent again, and after how long. Pure: time and chance are arguments.

Every write has an Idempotency-Key, so that nothing is done twice however often it is sent.
"""

import msgspec

AGAIN = frozenset({429, 503})
STILL_RUNS = "idempotency_in_progress"


class Retries(msgspec.Struct, frozen=True):
    """How often a request is sent at most, the first pause of those that double, and the longest
    that is waited for, in seconds. A server that asks for more is told to the caller at once."""

    attempts: int = 4
    first_pause: float = 0.5
    most_pause: float = 60.0

    def after_cut(self, attempt: int, chance: float) -> float | None:
        """The pause after the connection failed at this attempt (from 1); None: no more.
        `chance`: 0 to 1."""
        if attempt >= self.attempts:
            return None
        doubled: float = self.first_pause * 2.0 ** min(attempt - 1, 100)  # floats have an end
        return min(doubled, self.most_pause) * (0.5 + chance / 2)

    def after_answer(
        self, attempt: int, chance: float, *, status: int, code: str, retry_after: float | None
    ) -> float | None:
        """The pause after this refusal; None: it stands. 429 without a time to wait for stands, for
        it is about what the caller has at once."""
        if status not in AGAIN and code != STILL_RUNS:
            return None
        pause = self.after_cut(attempt, chance)
        if retry_after is None:
            return None if status == 429 else pause
        if pause is None or retry_after > self.most_pause:
            return None
        return max(retry_after, 0.0)


USUAL = Retries()


def seconds(header: str | None) -> float | None:
    """A Retry-After in seconds; None without one, or for a date."""
    try:
        return None if header is None else float(header)
    except ValueError:
        return None
