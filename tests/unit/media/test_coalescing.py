"""Slots: when they come, and which one is waited for."""

from hypothesis import given
from hypothesis import strategies as st

from media.coalescing import SLOT_SECONDS, next_slot, slot_for

MS = st.integers(0, 10**9).map(lambda ms: ms / 1000)  # as the loop's clock tells time


@given(MS)
def test_the_next_slot_is_to_come_and_everybodys(now: float) -> None:
    slot = next_slot(now)
    assert 0 < round((slot - now) * 1000) <= SLOT_SECONDS * 1000
    assert round(slot * 1000) % round(SLOT_SECONDS * 1000) == 0


@given(MS, st.floats(0, 5))
def test_what_is_due_is_done_in_the_slot_before_it(now: float, seconds: float) -> None:
    slot = slot_for(now + seconds, now)
    assert slot == next_slot(slot - 0.001)
    assert slot >= next_slot(now)
    late_ms = round((slot - now - seconds) * 1000)
    assert late_ms > -SLOT_SECONDS * 1000
    assert late_ms <= (SLOT_SECONDS * 1000 if slot == next_slot(now) else 0)
