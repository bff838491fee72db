"""Cursors carry what they were made with, and days and times are read as they are meant."""

import base64
import datetime as dt
import uuid

import pytest

from server.calls.routes import CallsQuery
from server.core.errors import AppError
from server.http import paging
from server.http.paging import ListQuery, PageQuery

AT = dt.datetime(2026, 11, 29, 8, 30, 0, 123456, dt.UTC)
ROW = uuid.UUID(int=7)


def refusal(query: PageQuery) -> str:
    with pytest.raises(AppError) as refused:
        paging.read_cursor(query)
    return refused.value.code


def test_a_place_comes_back_as_it_was_written() -> None:
    query = CallsQuery(status="busy", since="2026-11-01")
    cursor = paging.next_cursor((AT, ROW), query)
    again = CallsQuery(limit=7, cursor=cursor, status="busy", since="2026-11-01")
    assert paging.read_cursor(again) == (AT, ROW)
    assert paging.next_cursor(None, query) is None
    assert paging.read_cursor(query) is None


def test_a_cursor_of_before_there_were_filters_still_names_its_place() -> None:
    cursor = base64.urlsafe_b64encode(f"{AT.isoformat()} {ROW}".encode()).decode()
    assert paging.read_cursor(CallsQuery(cursor=cursor)) == (AT, ROW)
    assert paging.next_cursor((AT, ROW), PageQuery()) == cursor


@pytest.mark.parametrize(
    "other",
    [
        CallsQuery(), CallsQuery(status="ended"), CallsQuery(status="busy", sort="created_at"),
        CallsQuery(status="busy", until="2026-11-29"), CallsQuery(status="busy", topic="bread"),
    ],
    ids=["none", "another-status", "another-order", "one-more", "a-topic"],
)  # fmt: skip
def test_a_cursor_with_other_filters_is_refused(other: CallsQuery) -> None:
    cursor = paging.next_cursor((AT, ROW), CallsQuery(status="busy"))
    given = CallsQuery(
        cursor=cursor, status=other.status, sort=other.sort, until=other.until, topic=other.topic
    )
    assert refusal(given) == "cursor_mismatch"


def test_how_much_is_asked_for_and_put_in_is_no_filter() -> None:
    cursor = paging.next_cursor((AT, ROW), CallsQuery(limit=3))
    assert paging.read_cursor(CallsQuery(5, cursor, expand="transcript")) == (AT, ROW)


def test_a_place_by_length_is_a_number_and_nothing_else() -> None:
    longest = CallsQuery(sort="-duration_seconds")
    made = paging.made_with(longest)
    good = CallsQuery(cursor=paging.write_cursor(61, ROW, made), sort="-duration_seconds")
    assert paging.read_number_cursor(good) == (61, ROW)
    assert paging.read_number_cursor(longest) is None
    for key in ("-1", "1e3", "²", "99999999999", str(2**31), AT.isoformat()):
        text = base64.urlsafe_b64encode(f"{key} {ROW} {made}".encode()).decode()
        with pytest.raises(AppError) as refused:
            paging.read_number_cursor(CallsQuery(cursor=text, sort="-duration_seconds"))
        assert refused.value.code == "bad_request"


def test_a_day_is_within_at_both_ends() -> None:
    query = ListQuery(since="2026-11-29", until="2026-11-29")
    assert paging.beginning(query.since, "since") == dt.datetime(2026, 11, 29, tzinfo=dt.UTC)
    assert paging.end(query.until, "until") == dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
    assert paging.beginning(None, "since") is None
    assert paging.end(None, "until") is None


def test_a_time_is_the_moment_it_says() -> None:
    for text in ("2026-11-29T08:30:00.123456Z", "2026-11-29T09:30:00.123456+01:00"):
        assert paging.beginning(text, "since") == AT
        assert paging.end(text, "until") == AT


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-W48-1", "20261129T00", "2026-11-29T08:30:00", "1999-12-31", "soon"]
)
def test_what_is_no_day_or_time_is_refused_by_its_name(text: str) -> None:
    for read in (paging.beginning, paging.end):
        with pytest.raises(AppError) as refused:
            read(text, "since")
        assert refused.value.code == "bad_request"
        assert "`since`" in refused.value.detail
