"""The map's periods are the defaults, and what is kept too shortly is refused by key."""

import datetime as dt

import pytest

from server.core.config import load
from server.core.settings.loading import ConfigError
from server.core.settings.retention import Retention
from server.retention.periods import of_hours, periods
from server.work import _daily, _hourly_beside

REQUIRED = {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32}


def test_the_defaults_are_the_maps() -> None:
    found = {one.kind: one.older_than for one in periods(Retention())}
    year = dt.timedelta(days=365)
    assert (found["calls"], found["emails"]) == (2 * year, 2 * year)
    assert (found["messages"], found["conversations"]) == (year, year)
    assert found["usage"] == 3 * year
    assert found["waiting_room"] == dt.timedelta(hours=24)


def test_what_is_kept_for_hours_is_looked_at_each_hour_beside_the_daily_run() -> None:
    of_the_hour = of_hours(Retention())
    assert "waiting_room" in {one.kind for one in of_the_hour}
    assert max(one.older_than for one in of_the_hour) <= dt.timedelta(days=3)
    assert (_daily("04:41"), _hourly_beside("04:41")) == ("41 4 * * *", "11 * * * *")
    assert _hourly_beside("23:05") == "35 * * * *"


def test_each_kind_stands_there_once_and_texts_before_their_conversations() -> None:
    kinds = [one.kind for one in periods(Retention())]
    assert len(set(kinds)) == len(kinds)
    assert kinds.index("messages") < kinds.index("conversations")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("CALLS_DAYS", "29"), ("EMAILS_DAYS", "7"), ("USAGE_DAYS", "91"), ("INBOX_DAYS", "3"),
        ("IDEMPOTENCY_HOURS", "23"), ("VELOCITY_HOURS", "1"), ("WAITING_ROOM_HOURS", "0"),
        ("AT", "25:00"), ("CALLS_DAYS", "100000"), ("CALLS_DAYS", "for ever"),
        ("CONVERSATIONS_DAYS", "100"), ("INBOX_DAYS", "731"),
    ],
)  # fmt: skip
def test_what_is_too_short_or_makes_no_sense_is_refused_by_its_key(key: str, value: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(None, REQUIRED | {f"TALKING_RETENTION__{key}": value})
    assert [fault.partition(":")[0] for fault in refused.value.faults] == [
        f"retention.{key.lower()}"
    ]


def test_nothing_goes_that_others_still_need() -> None:
    for others in ({"EMAIL__COMPLAINT_DAYS": "800"}, {"EMAIL__CONFIRM_HOURS": "721"}):
        with pytest.raises(ConfigError, match="retention"):
            load(None, REQUIRED | {f"TALKING_{key}": value for key, value in others.items()})
