"""Checkout sessions for subscriptions: made by the product, completed by a person on a page.

Endpoints, and what the page's buttons do. The subscription and its invoice exist only once the
payment has gone through (Stripe, changelog "basil": Checkout).
"""

from sandbox.stripe.billing.invoices import due_now
from sandbox.stripe.billing.payments import (
    attach,
    card_of,
    confirm,
    failure,
    new_intent,
    new_method,
)
from sandbox.stripe.billing.settlement import names
from sandbox.stripe.core.account import Account, Object, listed
from sandbox.stripe.core.cards import Card
from sandbox.stripe.core.errors import StripeError, card_error, invalid
from sandbox.stripe.core.listing import page
from sandbox.stripe.core.params import Params, Tree
from sandbox.stripe.sales.customers import new_customer
from sandbox.stripe.shapes.sessions import checkout_line, checkout_session
from sandbox.stripe.subscriptions.items import sold
from sandbox.stripe.subscriptions.lifecycle import begin, open_with_invoice

KIND = "checkout.session"
_LOOKS = (
    "automatic_tax", "billing_address_collection", "branding_settings", "customer_update",
    "locale", "payment_method_options", "payment_method_types", "saved_payment_method_options",
    "submit_type", "tax_id_collection",
)  # fmt: skip


def create(account: Account, params: Params) -> Object:
    """POST /v1/checkout/sessions, `mode=subscription` on a page of the service's own."""
    if params.need("mode") != "subscription":
        raise invalid("The sandbox knows only `mode=subscription`.", "mode")
    params.choice("ui_mode", "hosted_page")
    params.ignore(*_LOOKS)
    customer_id = params.text_or("customer", None)
    email = params.text_or("customer_email", None)
    if customer_id:
        email = account.get("customer", customer_id, "customer")["email"] or email
    now, session_id = account.now(), account.new_id("cs_test")
    lines = _lines(account, params)
    expires_at = params.integer("expires_at") or now + 86_400
    if not now + 1800 <= expires_at <= now + 86_400:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout "
            "Session creation.",
            "expires_at",
        )
    wanted = params.below("subscription_data")
    session = checkout_session(
        session_id,
        now,
        allow_promotion_codes=params.flag("allow_promotion_codes"),
        cancel_url=params.text_or("cancel_url", None),
        client_reference_id=params.text_or("client_reference_id", None),
        currency=lines[0]["currency"],
        customer=customer_id,
        customer_creation=None if customer_id else "always",
        customer_details={"email": email, **_NOBODY} if email else None,
        customer_email=None if customer_id else email,
        expires_at=expires_at,
        metadata=params.metadata(),
        payment_method_collection=params.choice(
            "payment_method_collection", "always", "if_required"
        ),
        success_url=params.need("success_url"),
        url=f"{account.rules.base_url}/checkout/{session_id}",
    )
    tree: Tree = dict(wanted.tree) if wanted is not None else {}
    account.set_facts(session_id, wanted=tree, lines=lines)
    if wanted is not None:
        wanted.ignore(*wanted.tree)
    total, _ = quote(account, session)
    return account.put({**session, "amount_subtotal": total, "amount_total": total})


def quote(account: Account, session: Object) -> tuple[int, int]:
    """What the session costs if it is paid now, and how much of it is charged now; also finds fault
    with `subscription_data`."""
    buyer = account.find("customer", session["customer"])
    customer = new_customer(account, {})
    params = _creation(account, session)
    sub, lines = begin(account, params, customer)
    params.check_all_read()
    account.drop(sub)
    account.drop(customer)
    total = sum(line.amount for line in lines)
    return total, due_now(total, 0 if buyer is None else buyer["balance"], session["currency"])[0]


def line_items(account: Account, params: Params, session_id: str) -> Object:
    """GET /v1/checkout/sessions/{id}/line_items."""
    account.get(KIND, session_id)
    lines = account.facts(session_id)["lines"]
    return page(params, lines[::-1], f"/v1/checkout/sessions/{session_id}/line_items")


def lines_of(account: Account, session: Object) -> Object:
    """The list a session has when it is expanded."""
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return listed(account.facts(session["id"])["lines"], url)


def expire(account: Account, _: Params, session_id: str) -> Object:
    """POST /v1/checkout/sessions/{id}/expire."""
    session = account.get(KIND, session_id)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of `{session['status']}`."
        )
    return expire_due(account, session)


def expire_due(account: Account, session: Object) -> Object:
    """The page does not work any more."""
    session = account.change(session, status="expired", url=None)
    account.emit("checkout.session.expired", session)
    return session


def pay(account: Account, session: Object, card: Card, *, authenticated: bool) -> Object:
    """A person pays with a card. Raises StripeError 402 and keeps the failed attempt when it
    declines; raises NeedsOwnerError when the card asks its owner first."""
    if session["status"] != "open":
        raise invalid("This Checkout Session is not open.")
    amount, due = quote(account, session)
    if card.outcome == "asks" and not authenticated:
        raise NeedsAuthenticationError
    customer = account.find("customer", session["customer"])
    if not card.attaches or card.outcome == "declines" or account.faults.decline_charges:
        raise _declined(account, session, card, due)
    if customer is None:
        customer = new_customer(account, {"email": session["customer_email"]})
        account.emit("customer.created", customer)
    method = new_method(account, card)
    first = len(account.new_events)
    method = attach(account, method, customer)
    sub, lines = begin(account, _creation(account, session), customer)
    sub = account.change(sub, default_payment_method=method["id"])
    sub = open_with_invoice(account, sub, lines, "error_if_incomplete", authenticated=authenticated)
    account.new_events[first:] = sorted(account.new_events[first:], key=_follows_payment)
    paid = "paid" if due else "no_payment_required"
    session = account.change(
        session,
        status="complete",
        payment_status=paid,
        amount_subtotal=amount,
        amount_total=amount,
        customer=customer["id"],
        customer_details={**_NOBODY, "email": customer["email"], "name": customer["name"]},
        invoice=sub["latest_invoice"],
        subscription=sub["id"],
        url=None,
    )
    account.emit("checkout.session.completed", session)
    return session


class NeedsAuthenticationError(Exception):
    """The card's owner must say yes first (3-D Secure)."""


_NOBODY: Object = {
    "address": None,
    "business_name": None,
    "individual_name": None,
    "name": None,
    "phone": None,
    "tax_exempt": "none",
    "tax_ids": [],
}


def _lines(account: Account, params: Params) -> list[Object]:
    lines = []
    for entry in params.each("line_items"):
        price = sold(account, entry.text("price"), entry.path("price"))
        quantity = entry.integer("quantity")
        name = names(account)[price["product"]]
        lines.append(checkout_line(account.new_id("li"), price, quantity or 1, name))
    if not lines:
        raise invalid("Missing required param: line_items.", "line_items", "parameter_missing")
    return lines


def _creation(account: Account, session: Object) -> Params:
    """What the session asks for, as parameters of a subscription's creation."""
    facts = account.facts(session["id"])
    items: Tree = {
        str(place): {"price": line["price"]["id"], "quantity": str(line["quantity"])}
        for place, line in enumerate(facts["lines"])
    }
    return Params({**facts["wanted"], "items": items}, "subscription_data")


def _declined(account: Account, session: Object, card: Card, amount: int) -> StripeError:
    method = new_method(account, card)
    if amount:
        intent = new_intent(
            account, session["customer"], amount, session["currency"], "Subscription creation"
        )
        confirm(account, intent, method)
    return card_error(failure(card_of(account, method), method), keeps=True)


def _follows_payment(event: Object) -> bool:
    kind = event["type"]
    return not kind.startswith(("payment_method.", "payment_intent.", "charge."))
