"""Documents of money that moved, or did not: intents, charges, refunds, disputes, payments.

Pure: every function returns a document with exactly the keys Stripe's has, unset ones null.
"""

from typing import Any

from sandbox.stripe.shapes.catalog import NO_ADDRESS

Object = dict[str, Any]


_PAYMENT_INTENT: Object = {
    "amount_capturable": 0,
    "amount_details": {"tip": {}},
    "amount_received": 0,
    "application": None,
    "application_fee_amount": None,
    "automatic_payment_methods": None,
    "canceled_at": None,
    "cancellation_reason": None,
    "capture_method": "automatic",
    "confirmation_method": "automatic",
    "customer": None,
    "customer_account": None,
    "description": None,
    "excluded_payment_method_types": None,
    "last_payment_error": None,
    "latest_charge": None,
    "livemode": False,
    "metadata": {},
    "next_action": None,
    "on_behalf_of": None,
    "payment_method": None,
    "payment_method_configuration_details": None,
    "payment_method_options": {},
    "payment_method_types": ["card"],
    "processing": None,
    "receipt_email": None,
    "review": None,
    "setup_future_usage": None,
    "shipping": None,
    "source": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "status": "requires_payment_method",
    "transfer_data": None,
    "transfer_group": None,
}


def payment_intent(
    intent_id: str, now: int, amount: int, currency: str, secret: str, **given: Any
) -> Object:
    """What a customer shall pay; fresh, it waits for a payment method."""
    return {
        "id": intent_id,
        "object": "payment_intent",
        **_PAYMENT_INTENT,
        "amount": amount,
        "client_secret": f"{intent_id}_secret_{secret}",
        "created": now,
        "currency": currency,
        **given,
    }


def setup_intent(intent_id: str, now: int, secret: str, **given: Any) -> Object:
    """A card that shall be kept for later."""
    return {
        "id": intent_id,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": None,
        "cancellation_reason": None,
        "client_secret": f"{intent_id}_secret_{secret}",
        "created": now,
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": "off_session",
        **given,
    }


_CHARGE: Object = {
    "amount_refunded": 0,
    "application": None,
    "application_fee": None,
    "application_fee_amount": None,
    "calculated_statement_descriptor": "SANDBOX",
    "disputed": False,
    "failure_balance_transaction": None,
    "fraud_details": {},
    "livemode": False,
    "metadata": {},
    "on_behalf_of": None,
    "radar_options": {},
    "receipt_email": None,
    "receipt_number": None,
    "receipt_url": None,
    "refunded": False,
    "review": None,
    "shipping": None,
    "source": None,
    "source_transfer": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "transfer_data": None,
    "transfer_group": None,
}


def charge(
    charge_id: str, now: int, intent: Object, method: Object, error: Object | None
) -> Object:
    """One attempt to take an intent's money from a card; `error` is why it failed."""
    paid = error is None
    card = _card_details(method["card"], intent["amount"] if paid else None)
    return {
        "id": charge_id,
        "object": "charge",
        **_CHARGE,
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "balance_transaction": f"txn_{charge_id[3:]}" if paid else None,
        "billing_details": {**method["billing_details"], "address": NO_ADDRESS},
        "captured": paid,
        "created": now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "failure_code": error and error["code"],
        "failure_message": error and error["message"],
        "outcome": _outcome(error),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": card, "type": "card"},
        "status": "succeeded" if paid else "failed",
    }


def refund(refund_id: str, now: int, taken: Object, amount: int, **given: Any) -> Object:
    """Money given back of a charge."""
    return {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": f"txn_{refund_id[3:]}",
        "charge": taken["id"],
        "created": now,
        "currency": taken["currency"],
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": {},
        "payment_intent": taken["payment_intent"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
        **given,
    }


EVIDENCE = frozenset(
    (
        "access_activity_log", "appeal", "billing_address", "cancellation_policy",
        "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication",
        "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
        "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id",
        "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
        "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address",
        "shipping_carrier", "shipping_date", "shipping_documentation",
        "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
    )
)  # fmt: skip
_DAYS_TO_ANSWER = 9


def dispute(dispute_id: str, now: int, taken: Object) -> Object:
    """A charge taken back as fraudulent, to be answered."""
    return {
        "id": dispute_id,
        "object": "dispute",
        "amount": taken["amount"],
        "balance_transactions": [],
        "charge": taken["id"],
        "created": now,
        "currency": taken["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(sorted(EVIDENCE)), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + _DAYS_TO_ANSWER * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": taken["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": taken["payment_method_details"]["card"]["brand"],
                "case_type": "chargeback",
                "network": taken["payment_method_details"]["card"]["network"],
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": "fraudulent",
        "status": "needs_response",
    }


def invoice_payment(payment_id: str, now: int, invoice: Object, intent_id: str) -> Object:
    """The tie between an invoice and the intent that pays it."""
    return {
        "id": payment_id,
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": now,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent_id, "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }


_CARD_KEYS = (
    "brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4",
    "regulated_status", "wallet",
)  # fmt: skip


def _card_details(card: Object, amount: int | None) -> Object:
    return {
        **{key: card[key] for key in _CARD_KEYS},
        "amount_authorized": amount,
        "authorization_code": None,
        "installments": None,
        "mandate": None,
        "network": card["brand"],
        "network_transaction_id": None,
        "three_d_secure": None,
    }


def _outcome(error: Object | None) -> Object:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if error else "approved_by_network",
        "reason": error and error.get("decline_code", error["code"]),
        "risk_level": "normal",
        "risk_score": 10,
        "seller_message": "Payment complete." if error is None else error["message"],
        "type": "issuer_declined" if error else "authorized",
    }
