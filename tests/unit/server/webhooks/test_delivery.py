"""What follows from an attempt: the next, later each time, until there is none."""

import pytest

from server.core.settings.building import Webhooks
from server.webhooks.delivery import after
from server.webhooks.sender import Outcome

SETTINGS = Webhooks(retry_seconds=(10.0, 100.0), jitter_percent=20)


@pytest.mark.parametrize(
    ("status", "before", "luck", "expected"),
    [
        (204, 0, 0.0, ("delivered", 0.0)),
        (500, 0, 0.0, ("waiting", 10.0)),
        (500, 0, -1.0, ("waiting", 8.0)),
        (None, 1, 1.0, ("waiting", 120.0)),
        (302, 1, 0.0, ("waiting", 100.0)),
        (500, 2, 0.0, ("failed", 0.0)),
    ],
)
def test_what_becomes_of_a_delivery(
    status: int | None, before: int, luck: float, expected: tuple[str, float]
) -> None:
    assert after(Outcome(status, None, 1), before, SETTINGS, luck) == expected


def test_a_receiver_is_given_the_time_it_asks_for() -> None:
    assert after(Outcome(429, None, 1, wait_seconds=60), 0, SETTINGS, 0.0) == ("waiting", 60.0)
    assert after(Outcome(429, None, 1, wait_seconds=5), 0, SETTINGS, 0.0) == ("waiting", 10.0)
