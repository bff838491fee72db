"""Reading the mail company's batches, and the ranks of what they tell."""

import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.emails import RANKS
from server.vendors.sendgrid.events import STATUS, read_events

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)
GOOD = {"event": "delivered", "sg_event_id": "e1", "email": "Ann@X.yz", "email_id": "no"}


@given(st.lists(ANYTHING), st.dictionaries(st.sampled_from([*GOOD, "type", "reason"]), ANYTHING))
def test_whatever_stands_beside_it_a_good_event_is_read(beside: list[Any], odd: Any) -> None:
    events, unreadable = read_events(json.dumps([*beside, odd, GOOD]).encode())
    assert (events[-1].id, events[-1].address, events[-1].email_id) == ("e1", "ann@x.yz", None)
    assert len(events) + unreadable == len(beside) + 2


@pytest.mark.parametrize("body", [b"", b"{}", b"1", b"[", b"\xff", b"[" * 10**6])
def test_what_is_no_array_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="no array"):
        read_events(body)


def test_a_bounce_that_says_nothing_of_the_mailbox_is_a_block() -> None:
    email_id = uuid.uuid4()
    bounce = {**GOOD, "event": "bounce", "email_id": str(email_id), "sg_message_id": "abc.recvd.0"}
    (hard, soft), _ = read_events(
        json.dumps([{**bounce, "type": "bounce"}, {**bounce, "type": "blocked"}]).encode()
    )
    assert (hard.kind, soft.kind) == ("bounce", "blocked")
    assert (hard.email_id, hard.message_id) == (email_id, "abc")


def test_every_rank_has_its_word_and_failures_come_last() -> None:
    assert RANKS.keys() == STATUS.keys()
    assert RANKS["processed"] < RANKS["deferred"] < RANKS["delivered"]
    last = {kind for kind, rank in RANKS.items() if rank == max(RANKS.values())}
    assert last == {"bounce", "blocked", "dropped", "spamreport"}
    assert {kind for kind, status in STATUS.items() if status == "failed"} < last
