"""How often somebody may ask."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from server.core.rate_limits import ADMITTED_SECONDS, Admitted, Rates


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
        admitted.add(uuid.uuid4(), 0.0)
    assert len(admitted._until) <= 2


def test_who_was_let_in_is_looked_at_again_after_a_while_and_at_once_when_told() -> None:
    admitted, user_id = Admitted(), uuid.uuid4()
    admitted.add(user_id, 100.0)
    assert admitted.knows(user_id, 100.0 + ADMITTED_SECONDS - 1)
    assert not admitted.knows(user_id, 100.0 + ADMITTED_SECONDS)
    admitted.forget(user_id)
    assert not admitted.knows(user_id, 101.0)


def test_what_is_owed_is_waited_for_also_by_a_key_with_a_limit_of_its_own() -> None:
    rates = Rates(per_second=2, burst=10)
    assert rates.take("a", 0) == 0
    rates.owe("a", 0, 99)  # what was let in is done whole
    assert rates.take("a", 0) == 45.5
    assert rates.take("a", 45) == 0.5
    rates.owe("a", 45, -500)  # what is given back is no more than there may be at once
    assert [rates.take("a", 45) for _ in range(11)] == [0.0] * 10 + [0.5]
    rates.owe("k", 0, 61, 60)
    assert rates.take("k", 0, 60) == 2
