"""Documents against two witnesses: the keys Stripe publishes, and the classes of its own SDK."""

import inspect
import types
import typing
from typing import Any

import pytest
import stripe

from sandbox.stripe.core.account import Object
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe
from tests.unit.sandbox.stripe.shapes.published_keys import BELOW, KEYS

# Keys that appeared after the published examples; the SDK, made for the version the sandbox
# speaks, knows them.
LATER = {
    "billing_portal.configuration features": {"subscription_pause"},
    "billing_portal.configuration features subscription_update": {"products"},
    "charge": {"radar_options"},
    "charge outcome": {"risk_level", "risk_score"},
    "checkout.session": {"branding_settings"},
    "customer": {"customer_account"},
    "invoiceitem": {"quantity_decimal"},
    "line_item": {"quantity_decimal"},
    "item": {"adjustable_quantity", "metadata"},
    "line_item pricing": {"price_details"},
    "payment_method": {"allow_redisplay"},
    "refund": {"destination_details"},
    "setup_intent": {"customer_account"},
    "subscription": {"status_details"},
    "subscription_schedule": {"pause_schedules"},
}
CLASSES: dict[str, Any] = {
    "billing_portal.configuration": stripe.billing_portal.Configuration,
    "billing_portal.session": stripe.billing_portal.Session,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "customer": stripe.Customer,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "invoice": stripe.Invoice,
    "invoice_payment": stripe.InvoicePayment,
    "invoiceitem": stripe.InvoiceItem,
    "item": stripe.LineItem,
    "line_item": stripe.InvoiceLineItem,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "plan": stripe.Plan,
    "price": stripe.Price,
    "product": stripe.Product,
    "refund": stripe.Refund,
    "setup_intent": stripe.SetupIntent,
    "subscription": stripe.Subscription,
    "subscription_item": stripe.SubscriptionItem,
    "subscription_schedule": stripe.SubscriptionSchedule,
    "test_helpers.test_clock": stripe.test_helpers.TestClock,
    "webhook_endpoint": stripe.WebhookEndpoint,
}
FREE = {"metadata", "payment_method_options", "fraud_details", "previous_attributes"}


@pytest.fixture(scope="module")
def documents() -> dict[str, Object]:
    """One document of every kind, as used as can be, by kind."""
    api = InMemoryStripe()
    sub = api.subscribe(metadata={"user_id": "u"})
    api.switch(sub, api.pro)
    api.change_card(sub, "pm_card_chargeCustomerFail")
    api.switch(
        sub, api.year, proration_behavior="always_invoice",
        payment_behavior="pending_if_incomplete",
    )  # fmt: skip
    pending = api.sub(sub, expand=["latest_invoice.payments"])
    charge = next(one for one in api.get("charges")["data"] if one["paid"])
    planned = api.post("subscription_schedules", from_subscription=api.subscribe()["id"])
    api.post("setup_intents", payment_method="pm_card_visa", confirm=True)
    api.post("webhook_endpoints", url="http://x", enabled_events=["*"])
    session = api.post(
        "checkout/sessions", mode="subscription", success_url="http://x",
        customer=sub["customer"], line_items=[{"price": api.basic, "quantity": 1}],
        expand=["line_items"],
    )  # fmt: skip
    api.post("test_helpers/test_clocks", frozen_time=api.account.now())
    api.subscribe(card="pm_card_createDispute")
    api.post("refunds", charge=charge["id"], amount=1)
    made = [
        pending,
        pending["latest_invoice"],
        pending["latest_invoice"]["payments"]["data"][0],
        session["line_items"]["data"][0],
        session,
        planned,
        charge,
        api.post("billing_portal/sessions", customer=sub["customer"]),
        *(api.account.all(kind)[-1] for kind in CLASSES if api.account.all(kind)),
    ]
    found = {one["object"]: one for one in reversed(made)}
    item = found["subscription"]["items"]["data"][0]
    line = found["invoice"]["lines"]["data"][0]
    return {**found, "subscription_item": item, "plan": item["plan"], "line_item": line}


def keys_below(document: Object, path: list[str]) -> set[str]:
    here: Any = document
    for step in path:
        here = here[step]
        here = here[0] if isinstance(here, list) else here
    return set(here)


@pytest.mark.parametrize("way", [*KEYS, *BELOW])
def test_a_document_has_the_keys_stripe_publishes(documents: dict[str, Object], way: str) -> None:
    kind, *path = way.split()
    expected = set((KEYS | BELOW)[way].split()) | LATER.get(way, set())
    document = documents[kind]
    shown = {"payments", "line_items"}  # only because they were asked for
    assert keys_below(document, path) - shown == expected


@pytest.mark.parametrize("kind", CLASSES)
def test_the_sdk_knows_every_key_and_misses_none(documents: dict[str, Object], kind: str) -> None:
    check(documents[kind], CLASSES[kind], kind)


def check(document: Object, kind: Any, path: str) -> None:
    hints = annotations(kind)
    unknown = document.keys() - hints.keys()
    missing = {name for name, hint in hints.items() if not optional(hint)} - document.keys()
    assert not unknown, f"{path}: the SDK does not know {unknown}"
    assert not missing, f"{path}: the SDK expects {missing}"
    for name, value in document.items():
        inner = document_class(hints[name])
        values = value if isinstance(value, list) else [value]
        for one in values if inner is not None and name not in FREE else []:
            if isinstance(one, dict):
                check(one, inner, f"{path}.{name}")


def annotations(kind: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if base.__module__.startswith("stripe.") and base is not stripe.StripeObject:
            found |= {
                name: hint
                for name, hint in inspect.get_annotations(base).items()
                if not name.startswith("_") and "ClassVar" not in str(hint)
            }
    found.pop("OBJECT_NAME", None)
    return found


def optional(hint: Any) -> bool:
    return type(None) in typing.get_args(hint)


def document_class(hint: Any) -> Any:
    """The SDK's class for a part that belongs to its document alone."""
    if isinstance(hint, type) and issubclass(hint, stripe.StripeObject):
        alone = hint.__qualname__.count(".") > 0
        return hint if alone else None
    if typing.get_origin(hint) in (typing.Union, types.UnionType, list):
        found = [document_class(one) for one in typing.get_args(hint)]
        return next((one for one in found if one is not None), None)
    return None


def test_events_are_of_the_version_the_sdk_is_made_for() -> None:
    api = InMemoryStripe()
    api.subscribe()
    assert {event["api_version"] for event in api.account.all("event")} == {stripe.api_version}
