"""Payments by card: attaching cards, charging an intent, authentication, refunds.

Knows no invoices and no subscriptions; who started a payment looks at the intent's status.
"""

from typing import Any

from sandbox.stripe.billing import disputes
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.cards import BY_NUMBER, BY_TOKEN, Card
from sandbox.stripe.core.errors import card_error, invalid, missing
from sandbox.stripe.core.money import format_amount
from sandbox.stripe.shapes.catalog import payment_method
from sandbox.stripe.shapes.money import charge, payment_intent, refund


def new_method(account: Account, card: Card, **given: Any) -> Object:
    """A payment method of a test card, not attached to a customer."""
    method = account.put(payment_method(account.new_id("pm"), account.now(), card, **given))
    account.set_facts(method["id"], card=card.name)
    return method


def card_numbered(number: str) -> Card:
    """The card with a number. Raises StripeError for any other number."""
    card = BY_NUMBER.get(number.replace(" ", ""))
    if card is None:
        raise invalid("Your card number is incorrect.", "card[number]", "incorrect_number")
    return card


def usable_method(account: Account, name: str, param: str) -> Object:
    """A payment method by id, or a new one for a test token such as `pm_card_visa`."""
    if name in BY_TOKEN:
        return new_method(account, BY_TOKEN[name])
    return account.get("payment_method", name, param)


def card_of(account: Account, method: Object) -> Card:
    """The test card behind a payment method."""
    return BY_TOKEN[account.facts(method["id"])["card"]]


def attach(account: Account, method: Object, customer: Object) -> Object:
    """Give a card to a customer. Raises StripeError 402 for cards no customer can keep."""
    if method["customer"] == customer["id"]:
        return method
    if method["customer"] is not None:
        raise invalid(
            "The payment method you provided has already been attached to a customer.",
            "payment_method",
        )
    card = card_of(account, method)
    if not card.attaches:
        raise card_error(failure(card, method), keeps=False)
    method = account.change(method, customer=customer["id"])
    account.emit("payment_method.attached", method)
    return method


def new_intent(
    account: Account, customer: str | None, amount: int, currency: str, description: str | None
) -> Object:
    """An intent that waits for a card."""
    intent = payment_intent(
        account.new_id("pi"),
        account.now(),
        amount,
        currency,
        account.new_id("x")[2:],
        customer=customer,
        description=description,
    )
    account.put(intent)
    account.emit("payment_intent.created", intent)
    return intent


def confirm(
    account: Account, intent: Object, method: Object, *, authenticated: bool = False
) -> Object:
    """Try to take the money. The intent comes back succeeded, requires_action when the card asks
    its owner, or requires_payment_method with `last_payment_error` when it declines."""
    card = card_of(account, method)
    if account.faults.decline_charges:
        card = BY_TOKEN["pm_card_chargeCustomerFail"]
    if card.outcome == "asks" and not authenticated:
        url = f"{account.rules.base_url}/authenticate/{intent['id']}"
        intent = account.change(
            intent,
            status="requires_action",
            payment_method=method["id"],
            last_payment_error=None,
            next_action={
                "redirect_to_url": {"return_url": None, "url": url},
                "type": "redirect_to_url",
            },
        )
        account.emit("payment_intent.requires_action", intent)
        return intent
    error = failure(card, method) if card.outcome == "declines" else None
    return _charge(account, intent, method, error)


def refuse_authentication(account: Account, intent: Object) -> Object:
    """The owner of the card did not say yes."""
    method = account.get("payment_method", intent["payment_method"])
    error = {
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://docs.stripe.com/error-codes#payment-intent-authentication-failure",
        "message": "The provided payment method failed authentication. You can provide payment "
        "method data or a new payment method to attempt to fulfill this payment intent again.",
        "payment_method": method,
        "type": "invalid_request_error",
    }
    intent = account.change(
        intent,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error=error,
    )
    account.emit("payment_intent.payment_failed", intent)
    return intent


def cancel_intent(account: Account, intent: Object, reason: str) -> Object:
    """The intent will not be paid any more."""
    intent = account.change(
        intent,
        status="canceled",
        canceled_at=account.now(),
        cancellation_reason=reason,
        next_action=None,
    )
    account.emit("payment_intent.canceled", intent)
    return intent


def failure(card: Card, method: Object) -> Object:
    """Why a card declined, as `last_payment_error` has it."""
    return {
        "code": card.code,
        "decline_code": card.decline_code,
        "doc_url": f"https://docs.stripe.com/error-codes#{card.code.replace('_', '-')}",
        "message": card.message,
        "payment_method": method,
        "type": "card_error",
    }


def refund_charge(account: Account, taken: Object, amount: int | None, **given: Any) -> Object:
    """Refund a charge, all that is left of it unless an amount is given."""
    left = taken["amount_captured"] - taken["amount_refunded"]
    if left == 0:
        raise invalid(
            f"Charge {taken['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        raise invalid(
            f"Refund amount ({format_amount(amount, taken['currency'])}) is greater than "
            f"unrefunded amount on charge ({format_amount(left, taken['currency'])})",
            "amount",
        )
    given_back = account.put(refund(account.new_id("re"), account.now(), taken, amount, **given))
    account.emit("refund.created", given_back)
    after = account.change(
        taken,
        amount_refunded=taken["amount_refunded"] + amount,
        refunded=amount == left,
    )
    account.emit("charge.refunded", after, taken)
    return given_back


def charge_of(account: Account, charge_id: str, intent_id: str) -> Object:
    """The charge a refund names, by itself or by its intent."""
    if charge_id:
        return account.get("charge", charge_id, "charge")
    intent = account.get("payment_intent", intent_id, "payment_intent")
    if intent["status"] != "succeeded":
        raise missing("charge", intent_id, "payment_intent")
    return account.get("charge", intent["latest_charge"])


def _charge(account: Account, intent: Object, method: Object, error: Object | None) -> Object:
    attempt = charge(account.new_id("ch"), account.now(), intent, method, error)
    account.put(attempt)
    if error is not None:
        account.emit("charge.failed", attempt)
        intent = account.change(
            intent,
            status="requires_payment_method",
            payment_method=None,
            next_action=None,
            latest_charge=attempt["id"],
            last_payment_error={**error, "charge": attempt["id"]},
        )
        account.emit("payment_intent.payment_failed", intent)
        return intent
    account.emit("charge.succeeded", attempt)
    intent = account.change(
        intent,
        status="succeeded",
        amount_received=intent["amount"],
        payment_method=method["id"],
        next_action=None,
        latest_charge=attempt["id"],
        last_payment_error=None,
    )
    account.emit("payment_intent.succeeded", intent)
    if card_of(account, method).disputes:
        disputes.begin(account, attempt)
    return intent
