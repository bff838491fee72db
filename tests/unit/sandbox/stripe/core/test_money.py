"""Shares of money, by what must always hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.stripe.core.money import format_amount, prorate

AMOUNTS = st.integers(-10_000_000, 10_000_000)

WHOLES = st.integers(1, 366 * 86_400)


@given(AMOUNTS, WHOLES, st.data())
def test_a_share_is_between_nothing_and_everything_and_within_half_a_unit(
    amount: int, whole: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, whole))
    share = prorate(amount, part, whole)
    assert min(0, amount) <= share <= max(0, amount)
    assert abs(2 * (share * whole - amount * part)) <= whole
    assert prorate(-amount, part, whole) == -share


@given(AMOUNTS, WHOLES, st.data())
def test_two_parts_of_a_time_cost_the_whole_to_one_unit(
    amount: int, whole: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, whole))
    both = prorate(amount, part, whole) + prorate(amount, whole - part, whole)
    assert abs(both - amount) <= 1
    assert prorate(amount, whole, whole) == amount
    assert prorate(amount, 0, whole) == 0


@given(st.integers(0, 10_000_000), WHOLES, st.data())
def test_a_longer_part_never_costs_less(amount: int, whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    longer = data.draw(st.integers(part, whole))
    assert prorate(amount, part, whole) <= prorate(amount, longer, whole)


def test_half_a_unit_is_rounded_away_from_nothing() -> None:
    assert prorate(1, 1, 2) == 1
    assert prorate(-1, 1, 2) == -1
    assert prorate(1000, 1, 3) == 333


@pytest.mark.parametrize(("part", "whole"), [(2, 1), (-1, 1), (0, 0)])
def test_what_is_no_part_is_refused(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="no part"):
        prorate(100, part, whole)


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (4900, "usd", "$49.00"),
        (-5, "eur", "-€0.05"),
        (1234567, "gbp", "£12,345.67"),
        (500, "jpy", "¥500"),
        (1500, "kwd", "1.500 KWD"),
    ],
)
def test_amounts_are_written_as_invoices_do(amount: int, currency: str, written: str) -> None:
    assert format_amount(amount, currency) == written
