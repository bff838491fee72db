"""Previews of an invoice."""

from tests.unit.sandbox.stripe.in_memory import InMemoryStripe


def test_a_preview_of_a_new_subscription_keeps_nothing() -> None:
    api = InMemoryStripe("2026-12-16 12:00:00")
    customer = api.customer()
    details = {
        "items": [{"price": api.basic}],
        "billing_cycle_anchor": {"type": "timestamp", "timestamp": 1798761600},
    }
    made = api.post("invoices/create_preview", customer=customer, subscription_details=details)
    assert made["total"] == 500
    assert api.get("subscriptions", status="all")["data"] == []
    assert api.event_types() == []
