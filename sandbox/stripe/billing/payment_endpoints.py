"""What the product may do with money that moves: intents, charges, refunds.

Endpoints, called within a transaction. An intent that belongs to an invoice pays it.
"""

from sandbox.stripe.billing.payments import (
    attach,
    charge_of,
    confirm,
    refund_charge,
    refuse_authentication,
    usable_method,
)
from sandbox.stripe.billing.settlement import pay
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.errors import card_error, invalid
from sandbox.stripe.core.params import Params
from sandbox.stripe.shapes.money import setup_intent

_REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def confirm_intent(account: Account, params: Params, intent_id: str) -> Object:
    """POST /v1/payment_intents/{id}/confirm: with this card, or the one it has. A card that asks
    its owner leaves it at requires_action."""
    intent = account.get("payment_intent", intent_id)
    params.ignore("return_url", "off_session", "setup_future_usage")
    name = params.text("payment_method") or intent["payment_method"]
    if intent["status"] in ("succeeded", "canceled"):
        raise invalid(
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
    if not name:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    after = pay_intent(account, intent, usable_method(account, name, "payment_method"))
    if after["last_payment_error"] is not None:
        raise card_error(after["last_payment_error"], keeps=True)
    return after


def pay_intent(
    account: Account, intent: Object, method: Object, *, authenticated: bool = False
) -> Object:
    """Pay an intent, and with it the invoice it belongs to. The card becomes the customer's."""
    if intent["customer"] and method["customer"] is None:
        method = attach(account, method, account.get("customer", intent["customer"]))
    made = _invoice_of(account, intent)
    if made is None:
        return confirm(account, intent, method, authenticated=authenticated)
    pay(account, made, method, authenticated=authenticated)
    return account.get("payment_intent", intent["id"])


def answer_authentication(account: Account, intent: Object, *, agreed: bool) -> Object:
    """The card's owner was asked (3-D Secure) and said yes or no."""
    if intent["status"] != "requires_action":
        raise invalid("Nobody is asked to authenticate this payment.")
    if not agreed:
        return refuse_authentication(account, intent)
    method = account.get("payment_method", intent["payment_method"])
    return pay_intent(account, intent, method, authenticated=True)


def create_refund(account: Account, params: Params) -> Object:
    """POST /v1/refunds of a charge or of an intent."""
    taken = charge_of(account, params.text("charge"), params.text("payment_intent"))
    return refund_charge(
        account,
        taken,
        params.integer("amount"),
        metadata=params.metadata(),
        reason=params.choice("reason", "", *_REASONS) or None,
    )


def create_setup(account: Account, params: Params) -> Object:
    """POST /v1/setup_intents: keep a card for later."""
    customer_id = params.text_or("customer", None)
    params.ignore("payment_method_types", "automatic_payment_methods")
    made = setup_intent(
        account.new_id("seti"),
        account.now(),
        account.new_id("x")[2:],
        customer=customer_id and account.get("customer", customer_id, "customer")["id"],
        metadata=params.metadata(),
        usage=params.choice("usage", "off_session", "on_session"),
    )
    account.put(made)
    account.emit("setup_intent.created", made)
    name = params.text("payment_method")
    return _set_up(account, made, name) if params.flag("confirm") else made


def confirm_setup(account: Account, params: Params, intent_id: str) -> Object:
    """POST /v1/setup_intents/{id}/confirm."""
    params.ignore("return_url")
    return _set_up(account, account.get("setup_intent", intent_id), params.need("payment_method"))


def _set_up(account: Account, intent: Object, name: str) -> Object:
    method = usable_method(account, name, "payment_method")
    if intent["customer"]:
        method = attach(account, method, account.get("customer", intent["customer"]))
    intent = account.change(intent, status="succeeded", payment_method=method["id"])
    account.emit("setup_intent.succeeded", intent)
    return intent


def _invoice_of(account: Account, intent: Object) -> Object | None:
    for payment in account.all("invoice_payment"):
        if payment["payment"]["payment_intent"] == intent["id"] and payment["status"] == "open":
            return account.get("invoice", payment["invoice"])
    return None
