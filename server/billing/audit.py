"""The audit trail of billing: one immutable line per Stripe event, and one per change of plan.

Reads of a payload only what does not decide anything: amounts, ids, whose it is. Nothing personal
goes into a line.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from db.billing import subscriptions
from db.billing.stripe_events import StripeEvent
from db.billing.subscriptions import AuditEntry, BillingRow
from db.core.rows import Connection
from server.billing_rules.plans import Entitlement, major

# Where the amount of an event stands. invoice.payment_succeeded is about the same money as
# invoice.paid, which also covers payments outside Stripe, so only one of them has the amount.
# Likewise a dispute has its amount where its money goes, and comes back if it is won.
_AMOUNTS = {
    "invoice.paid": ("amount_paid", 1),
    "refund.created": ("amount", -1),
    "refund.failed": ("amount", 1),
    "charge.dispute.funds_withdrawn": ("amount", -1),
    "charge.dispute.funds_reinstated": ("amount", 1),
}
_KEPT = ("id", "object", "status", "billing_reason", "attempt_count", "reason", "payment_status")


def subject(event: StripeEvent) -> dict[str, Any]:
    """The object an event is about, as it was when the event was made."""
    return _subject(event.payload)


def _subject(payload: dict[str, Any]) -> dict[str, Any]:
    data = payload.get("data")
    found = data.get("object") if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def customer_of(payload: dict[str, Any]) -> str | None:
    """The customer an event's payload speaks of, if it names one; a thin one may by its object."""
    found = _subject(payload)
    related = payload.get("related_object")
    if isinstance(related, dict) and related.get("type") == "customer":
        return _text(related.get("id"))
    if found.get("object") == "customer":
        return _text(found.get("id"))
    customer = found.get("customer")
    return _text(customer.get("id") if isinstance(customer, dict) else customer)


def named_user(event: StripeEvent) -> str | None:
    """The user an event names: by metadata, by the invoice's snapshot of it, by the checkout."""
    about = subject(event)
    parent = about.get("parent") or {}
    details = parent.get("subscription_details") or {} if isinstance(parent, dict) else {}
    for holder in (about.get("metadata"), details.get("metadata")):
        if isinstance(holder, dict) and holder.get("user_id"):
            return _text(holder["user_id"])
    return _text(about.get("client_reference_id"))


def closed_checkout(events: Sequence[StripeEvent], session: str | None) -> bool:
    """Whether one of the events says that this payment page was closed without a payment."""
    kinds = {"checkout.session.expired", "checkout.session.async_payment_failed"}
    return session is not None and any(
        event.type in kinds and subject(event).get("id") == session for event in events
    )


async def write(
    connection: Connection,
    before: BillingRow,
    state: Entitlement,
    customer: str,
    events: Sequence[StripeEvent],
) -> None:
    """A line per event; the change of plan stands on the event that reports it, or on its own."""
    moved = before.plan != state.plan
    for event in sorted(events, key=_importance):
        from_plan = before.plan if moved else state.plan
        if await subscriptions.audit(connection, _line(event, before, state, customer, from_plan)):
            moved = False
    if moved:
        plain = AuditEntry(
            user_id=before.user_id,
            event_type="plan.changed",
            from_plan=before.plan,
            to_plan=state.plan,
            stripe_subscription_id=state.subscription or before.stripe_subscription_id,
            stripe_customer_id=customer,
            billing_interval=state.interval,
        )
        await subscriptions.audit(connection, plain)


def _importance(event: StripeEvent) -> tuple[int, dt.datetime, str]:
    order = ("customer.subscription.", "checkout.session.", "invoice.paid")
    place = next((i for i, name in enumerate(order) if event.type.startswith(name)), len(order))
    return place, event.created, event.event_id


def _line(
    event: StripeEvent, before: BillingRow, state: Entitlement, customer: str, from_plan: str
) -> AuditEntry:
    about = subject(event)
    currency = _text(about.get("currency")) or "usd"
    return AuditEntry(
        user_id=before.user_id,
        event_type=event.type,
        from_plan=from_plan,
        to_plan=state.plan,
        stripe_subscription_id=_subscription(about) or state.subscription,
        stripe_event_id=event.event_id,
        stripe_customer_id=customer,
        billing_amount=_amount(event, about, currency),
        currency=currency,
        billing_interval=state.interval,
        effective_date=event.created.date(),
        metadata={name: about[name] for name in _KEPT if about.get(name) is not None},
    )


def _amount(event: StripeEvent, about: dict[str, Any], currency: str) -> Decimal | None:
    field, sign = _AMOUNTS.get(event.type, ("", 1))
    minor = about.get(field)
    return major(sign * minor, currency) if isinstance(minor, int) else None


def _subscription(about: dict[str, Any]) -> str | None:
    if about.get("object") == "subscription":
        return _text(about.get("id"))
    parent = about.get("parent")
    details = parent.get("subscription_details") if isinstance(parent, dict) else None
    holder = details if isinstance(details, dict) else about
    return _text(holder.get("subscription"))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
