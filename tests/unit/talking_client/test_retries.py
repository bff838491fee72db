"""What is sent again, and when: by the answer alone."""

import pytest
from talking_client.retries import STILL_RUNS, Retries, seconds

USUAL = Retries(attempts=3, first_pause=1.0, most_pause=10.0)


def after(
    status: int, code: str = "", retry_after: float | None = None, attempt: int = 1
) -> object:
    return USUAL.after_answer(attempt, 1.0, status=status, code=code, retry_after=retry_after)


def test_pauses_double_up_to_a_most_and_end() -> None:
    patient = Retries(attempts=9, first_pause=1.0, most_pause=5.0)
    assert [patient.after_cut(attempt, 1.0) for attempt in (1, 2, 3, 4)] == [1.0, 2.0, 4.0, 5.0]
    assert patient.after_cut(1, 0.0) == 0.5
    assert patient.after_cut(9, 1.0) is None
    assert Retries(attempts=2**31, most_pause=5.0).after_cut(5000, 1.0) == 5.0


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422, 500, 502])
def test_a_refusal_that_will_not_change_stands(status: int) -> None:
    assert after(status, "whatever", 1.0) is None


def test_retry_after_is_waited_for_to_the_second() -> None:
    assert after(429, "rate_limited", 7.0) == 7.0
    assert after(503, "unavailable", 2.0, attempt=2) == 2.0
    assert after(409, STILL_RUNS, 1.0) == 1.0


def test_who_is_to_wait_too_long_is_told_at_once() -> None:
    assert after(429, "too_many_calls", 3600.0) is None
    assert after(503, "at_capacity", 2.0, attempt=3) is None


def test_without_a_time_only_what_is_away_is_tried_again() -> None:
    assert after(429, "too_many_at_once") is None
    assert after(503) == 1.0


@pytest.mark.parametrize(
    ("header", "read"), [(None, None), ("12", 12.0), ("Sun, 29 Nov 2026 08:30:00 GMT", None)]
)
def test_a_header_is_read_as_seconds(header: str | None, read: float | None) -> None:
    assert seconds(header) == read
