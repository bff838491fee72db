"""Filters of lists."""

from datetime import UTC, datetime

from sandbox.twilio.api import time_matches


def test_a_time_is_filtered_by_day_or_by_limits() -> None:
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    for passing in (
        {"DateSent": "2026-11-25"},
        {"DateSent>": "2026-11-25"},
        {"DateSent<": "2026-11-26"},
        {},
    ):
        assert time_matches(passing, "DateSent", noon)
    for failing in (
        {"DateSent": "2026-11-24"},
        {"DateSent>": "2026-11-26"},
        {"DateSent<": "2026-11-25"},
    ):
        assert not time_matches(failing, "DateSent", noon)
    assert not time_matches({"DateSent": "2026-11-25"}, "DateSent", None)
