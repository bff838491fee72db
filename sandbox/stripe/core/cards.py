"""The test cards: what each one does when it is charged.

Names and numbers are those of Stripe's "Test card numbers" page. Pure data.
"""

from typing import Literal

import msgspec

Outcome = Literal["pays", "declines", "asks"]


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A card. `attaches` is whether a customer can keep it; `hard` declines are not retried
    until another card is there; `disputes` says that its owner takes each charge back."""

    name: str
    number: str
    label: str
    brand: str = "visa"
    outcome: Outcome = "pays"
    attaches: bool = True
    code: str = "card_declined"
    decline_code: str = "generic_decline"
    message: str = "Your card was declined."
    hard: bool = False
    disputes: bool = False


CARDS = (
    Card(name="pm_card_visa", number="4242424242424242", label="Visa that pays"),
    Card(name="pm_card_visa_debit", number="4000056655665556", label="Visa debit that pays"),
    Card(
        name="pm_card_mastercard",
        number="5555555555554444",
        label="Mastercard that pays",
        brand="mastercard",
    ),
    Card(name="pm_card_amex", number="378282246310005", label="Amex that pays", brand="amex"),
    Card(
        name="pm_card_chargeCustomerFail",
        number="4000000000000341",
        label="Visa that can be kept but never pays",
        outcome="declines",
    ),
    Card(
        name="pm_card_visa_chargeDeclined",
        number="4000000000000002",
        label="Visa that is declined",
        outcome="declines",
        attaches=False,
    ),
    Card(
        name="pm_card_visa_chargeDeclinedInsufficientFunds",
        number="4000000000009995",
        label="Visa without funds",
        outcome="declines",
        attaches=False,
        decline_code="insufficient_funds",
        message="Your card has insufficient funds.",
    ),
    Card(
        name="pm_card_visa_chargeDeclinedStolenCard",
        number="4000000000009979",
        label="Stolen Visa",
        outcome="declines",
        attaches=False,
        decline_code="stolen_card",
        hard=True,
    ),
    Card(
        name="pm_card_chargeDeclinedExpiredCard",
        number="4000000000000069",
        label="Expired Visa",
        outcome="declines",
        attaches=False,
        code="expired_card",
        decline_code="expired_card",
        message="Your card has expired.",
    ),
    Card(
        name="pm_card_createDispute",
        number="4000000000000259",
        label="Visa whose owner disputes every charge",
        disputes=True,
    ),
    Card(
        name="pm_card_authenticationRequired",
        number="4000002760003184",
        label="Visa that asks its owner every time (3-D Secure)",
        outcome="asks",
    ),
)

BY_TOKEN = {card.name: card for card in CARDS}
BY_NUMBER = {card.number: card for card in CARDS}
