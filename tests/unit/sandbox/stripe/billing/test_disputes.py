"""Disputes: begun by a card made for it, answered, lost or won."""

import pytest

from sandbox.stripe.core.account import Object
from sandbox.stripe.core.errors import StripeError
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe


def disputed(api: InMemoryStripe) -> Object:
    api.subscribe(card="pm_card_createDispute")
    (found,) = api.get("disputes")["data"]
    return dict(found)


def test_the_owner_of_the_card_takes_the_charge_back_and_nothing_else_changes() -> None:
    api = InMemoryStripe("2026-12-01")
    made = api.post(
        "subscriptions",
        customer=api.customer("pm_card_createDispute"),
        items=[{"price": api.basic}],
    )
    told = api.event_types()
    assert told.index("charge.succeeded") < told.index("charge.dispute.created")
    assert "charge.dispute.funds_withdrawn" in told
    assert (made["status"], api.get("charges")["data"][0]["disputed"]) == ("active", True)
    (found,) = api.get("disputes")["data"]
    assert (found["status"], found["amount"]) == ("needs_response", 1000)


@pytest.mark.parametrize(
    ("word", "status", "told"),
    [
        ("winning_evidence", "won", ["charge.dispute.closed", "charge.dispute.funds_reinstated"]),
        ("losing_evidence", "lost", ["charge.dispute.closed"]),
        ("we beg to differ", "under_review", []),
    ],
)
def test_evidence_is_decided_on_by_the_words_for_tests(
    word: str, status: str, told: list[str]
) -> None:
    api = InMemoryStripe()
    made = disputed(api)
    evidence = {"uncategorized_text": word}
    after = api.post(f"disputes/{made['id']}", evidence=evidence)
    assert after["status"] == status
    assert api.event_types() == ["charge.dispute.updated", *told]


def test_a_dispute_given_in_to_is_lost_and_stays_so() -> None:
    api = InMemoryStripe()
    made = disputed(api)
    assert api.post(f"disputes/{made['id']}/close")["status"] == "lost"
    with pytest.raises(StripeError, match="already closed"):
        api.post(f"disputes/{made['id']}/close")
