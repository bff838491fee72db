"""Expansion: documents in place of their ids, and parts that are only shown on request.

Pure but for looking documents up. Paths are those of Stripe's "Expanding responses".
"""

from collections.abc import Callable

from sandbox.stripe.billing import invoices
from sandbox.stripe.core.account import Account, Object, listed
from sandbox.stripe.core.errors import invalid
from sandbox.stripe.sales import checkout

# Fields that hold an id, and the kind of document it names.
_KINDS = {
    "charge": "charge",
    "configuration": "billing_portal.configuration",
    "customer": "customer",
    "default_payment_method": "payment_method",
    "default_price": "price",
    "invoice": "invoice",
    "latest_charge": "charge",
    "latest_invoice": "invoice",
    "payment_intent": "payment_intent",
    "payment_method": "payment_method",
    "price": "price",
    "product": "product",
    "released_subscription": "subscription",
    "schedule": "subscription_schedule",
    "setup_intent": "setup_intent",
    "subscription": "subscription",
    "test_clock": "test_helpers.test_clock",
}
_DEEPEST = 4


def expand(account: Account, value: Object, paths: list[str]) -> Object:
    """The document with every path expanded. Raises StripeError for a path that leads nowhere."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > _DEEPEST:
            raise invalid(f"You cannot expand more than {_DEEPEST} levels of a property: {path}")
        value = _expanded(account, value, steps, path)
    return value


def _expanded(account: Account, value: Object, steps: list[str], path: str) -> Object:
    name, rest = steps[0], steps[1:]
    below = _on_request(account, value, name) if name not in value else value[name]
    if isinstance(below, str):
        if name not in _KINDS:
            raise _leads_nowhere(path)
        below = account.get(_KINDS[name], below)
    if rest and isinstance(below, dict):
        below = _expanded(account, below, rest, path)
    elif rest and isinstance(below, list):
        below = [_expanded(account, one, rest, path) for one in below]
    elif not rest and not isinstance(below, dict | None):
        raise _leads_nowhere(path)
    return {**value, name: below}


def _on_request(account: Account, value: Object, name: str) -> Object | None:
    part = _PARTS.get((value.get("object", ""), name))
    if part is None:
        raise _leads_nowhere(name)
    return part(account, value)


def _leads_nowhere(path: str) -> Exception:
    return invalid(f"This property cannot be expanded ({path}).", "expand")


def _payments(account: Account, made: Object) -> Object:
    rows = [one for one in account.all("invoice_payment") if one["invoice"] == made["id"]]
    return listed(rows, f"/v1/invoice_payments?invoice={made['id']}")


def _secret(account: Account, made: Object) -> Object | None:
    if made["status"] != "open":
        return None
    intent = invoices.intent_of(account, made)
    return {"client_secret": intent["client_secret"], "type": "payment_intent"}


def _subscriptions(account: Account, customer: Object) -> Object:
    rows = [
        sub
        for sub in account.all("subscription")
        if sub["customer"] == customer["id"]
        and sub["status"] not in ("canceled", "incomplete_expired")
    ]
    return listed(rows[::-1], f"/v1/customers/{customer['id']}/subscriptions")


def _refunds(account: Account, taken: Object) -> Object:
    rows = [one for one in account.all("refund") if one["charge"] == taken["id"]]
    return listed(rows[::-1], f"/v1/charges/{taken['id']}/refunds")


_PARTS: dict[tuple[str, str], Callable[[Account, Object], Object | None]] = {
    ("invoice", "payments"): _payments,
    ("invoice", "confirmation_secret"): _secret,
    ("customer", "subscriptions"): _subscriptions,
    ("charge", "refunds"): _refunds,
    ("checkout.session", "line_items"): checkout.lines_of,
}
