"""More of a carrier's bad day: other orders of its callbacks, other ways to lose a reply."""

import asyncio

import pytest

from tests.acceptance.bad_day import LOST_REPLIES, ROUGH, BadDay, bad_day
from tests.acceptance.test_misfortunes import (
    check_that_callbacks_changed_nothing,
    check_that_nobody_was_called_twice,
)
from tests.support.node import World

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def day(doomed: World) -> BadDay:
    """All of it at the same time."""
    return asyncio.run(bad_day(doomed, ["calm", *ROUGH, *LOST_REPLIES]))


@pytest.mark.parametrize("name", ROUGH)
def test_callbacks_twice_late_and_out_of_order_change_nothing(day: BadDay, name: str) -> None:
    check_that_callbacks_changed_nothing(day, name)


@pytest.mark.parametrize("fault", LOST_REPLIES)
def test_a_lost_reply_never_makes_a_second_call(day: BadDay, fault: str) -> None:
    check_that_nobody_was_called_twice(day, fault)
