"""Numbers, rates, times, usage, errors and the REST description."""

import datetime as dt
import re
import uuid

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.accounts import routes as accounts_routes
from server.calls import routes as calls_routes
from server.core.errors import KINDS, AppError, problem
from server.core.phone_numbers import callable_number
from server.core.rate_limits import Admitted, Rates
from server.core.times import next_month, rfc3339
from server.http import openapi
from server.usage.wire import metric_out


@pytest.mark.parametrize(
    ("typed", "number"),
    [("+1 202 555 0100", "+12025550100"), ("+1 (202) 555-0100", "+12025550100")],
)
def test_a_number_is_read_as_people_write_it(typed: str, number: str) -> None:
    assert callable_number(typed, ["US"]) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "invalid_number"),
        ("2025550100", "invalid_number"),
        ("+1", "invalid_number"),
        ("+1202555010", "invalid_number"),
        ("hello", "invalid_number"),
        ("+12025550100; drop", "invalid_number"),
        ("+1 900 555 0100", "invalid_number"),
        ("+18765550100", "country_not_allowed"),  # Jamaica, behind the same +1
        ("+4915112345678", "country_not_allowed"),
    ],
)
def test_a_number_we_may_not_call_is_refused(typed: str, code: str) -> None:
    with pytest.raises(AppError) as refused:
        callable_number(typed, ["US"])
    assert refused.value.code in {code, "invalid_number"}


def test_a_caribbean_number_is_not_american() -> None:
    with pytest.raises(AppError) as refused:
        callable_number("+18762345678", ["US"])
    assert refused.value.code == "country_not_allowed"


@given(st.lists(st.floats(0, 5), min_size=1, max_size=60))
def test_no_key_gets_more_than_burst_plus_rate(gaps: list[float]) -> None:
    rates, now, allowed = Rates(per_second=2, burst=5), 0.0, 0
    for gap in gaps:
        now += gap
        allowed += rates.take("a", now) == 0
    assert allowed <= 5 + 2 * now + 1e-6


def test_who_waits_as_told_is_allowed() -> None:
    rates = Rates(per_second=2, burst=1)
    assert rates.take("a", 0) == 0
    wait = rates.take("a", 0)
    assert wait > 0
    assert rates.take("b", 0) == 0
    assert rates.take("a", wait) == 0


def test_many_keys_do_not_grow_the_memory() -> None:
    admitted = Admitted(most=2)
    for _ in range(10):
        admitted.add(uuid.uuid4())
    assert len(admitted._seen) <= 2


def test_times_are_utc_with_milliseconds() -> None:
    at = dt.datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    assert rfc3339(at) == "2026-01-02T02:04:05.678Z"
    assert rfc3339(None) is None


@pytest.mark.parametrize(
    ("at", "then"), [((2026, 12, 31), (2027, 1, 1)), ((2028, 2, 29), (2028, 3, 1))]
)
def test_the_month_turns(at: tuple[int, int, int], then: tuple[int, int, int]) -> None:
    assert next_month(dt.datetime(*at, 23, 59, tzinfo=dt.UTC)) == dt.datetime(*then, tzinfo=dt.UTC)


def test_what_is_reserved_is_not_left() -> None:
    assert metric_out(2, 1, 5).left == 2
    assert metric_out(5, 0, 5).left == 0
    assert metric_out(7, 0, 5).left == 0
    assert metric_out(7, 3, -1).left == -1


@pytest.mark.parametrize("code", KINDS)
def test_every_error_says_what_to_do(code: str) -> None:
    told = problem(AppError(code))
    assert told["code"] == code
    assert told["type"] == f"/errors/{code}"
    assert 400 <= told["status"] < 600
    assert told["title"]
    assert told["detail"].endswith(".")


def test_extra_members_stand_in_the_problem() -> None:
    told = problem(AppError("plan_limit", "All used.", metric="calls", limit=1))
    assert (told["metric"], told["limit"], told["detail"]) == ("calls", 1, "All used.")


def test_the_description_holds_every_route_and_every_shape_it_names() -> None:
    table = (*calls_routes.ROUTES, *accounts_routes.ROUTES)
    told = openapi.document(table)
    operations = [one for path in told["paths"].values() for one in path.values()]
    assert len(operations) == len(table)
    assert len({one["operationId"] for one in operations}) == len(table)
    named = set(re.findall(r'schemas/(\w+)"', msgspec.json.encode(told).decode()))
    assert named <= set(told["components"]["schemas"])
