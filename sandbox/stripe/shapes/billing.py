"""Documents of billing: subscriptions and their items, invoices and their lines, schedules.

Pure: every function returns a document with exactly the keys Stripe's has since the version
"basil" moved periods to the items and the subscription to an invoice's parent; unset ones null.
"""

from typing import Any

import msgspec

from sandbox.stripe.shapes.catalog import plan_of

Object = dict[str, Any]

_NO_TAX: Object = {"disabled_reason": None, "enabled": False, "liability": None}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What an invoice will ask for, or give back, for an item and a time."""

    amount: int
    description: str
    start: int
    end: int
    price: Object
    quantity: int
    item_id: str
    proration: bool = False
    credited: Object | None = None
    invoice_item: str | None = None


_SUBSCRIPTION: Object = {
    "application": None,
    "application_fee_percent": None,
    "automatic_tax": _NO_TAX,
    "billing_cycle_anchor_config": None,
    "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
    "billing_schedules": [],
    "billing_thresholds": None,
    "cancel_at": None,
    "cancel_at_period_end": False,
    "canceled_at": None,
    "cancellation_details": {"comment": None, "feedback": None, "reason": None},
    "collection_method": "charge_automatically",
    "currency": "usd",
    "customer": "",
    "customer_account": None,
    "days_until_due": None,
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": [],
    "description": None,
    "discounts": [],
    "ended_at": None,
    "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
    "items": {},
    "latest_invoice": None,
    "livemode": False,
    "metadata": {},
    "next_pending_invoice_item_invoice": None,
    "on_behalf_of": None,
    "pause_collection": None,
    "payment_settings": {
        "payment_method_options": None,
        "payment_method_types": None,
        "save_default_payment_method": "off",
    },
    "pending_invoice_item_interval": None,
    "pending_setup_intent": None,
    "pending_update": None,
    "schedule": None,
    "status": "incomplete",
    "status_details": None,
    "test_clock": None,
    "transfer_data": None,
    "trial_end": None,
    "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
    "trial_start": None,
}


def subscription(subscription_id: str, now: int, **given: Any) -> Object:
    """A subscription; `given` brings customer, currency, items, anchor and status."""
    return {
        "id": subscription_id,
        "object": "subscription",
        **_SUBSCRIPTION,
        "billing_cycle_anchor": now,
        "created": now,
        "start_date": now,
        **given,
    }


def item(item_id: str, now: int, subscription_id: str, price: Object, **given: Any) -> Object:
    """One price a subscription is for; `given` brings quantity and period."""
    return {
        "id": item_id,
        "object": "subscription_item",
        "billed_until": None,
        "billing_thresholds": None,
        "created": now,
        "current_period_end": 0,
        "current_period_start": 0,
        "discounts": [],
        "metadata": {},
        "plan": plan_of(price),
        "price": price,
        "quantity": 1,
        "subscription": subscription_id,
        "tax_rates": [],
        **given,
    }


_INVOICE: Object = {
    "account_country": "US",
    "account_name": "Sandbox",
    "account_tax_ids": None,
    "amount_due": 0,
    "amount_overpaid": 0,
    "amount_paid": 0,
    "amount_remaining": 0,
    "amount_shipping": 0,
    "application": None,
    "attempt_count": 0,
    "attempted": False,
    "auto_advance": True,
    "automatic_tax": {**_NO_TAX, "provider": None, "status": None},
    "automatically_finalizes_at": None,
    "billing_reason": "manual",
    "collection_method": "charge_automatically",
    "currency": "usd",
    "custom_fields": None,
    "customer": "",
    "customer_account": None,
    "customer_address": None,
    "customer_email": None,
    "customer_name": None,
    "customer_phone": None,
    "customer_shipping": None,
    "customer_tax_exempt": "none",
    "customer_tax_ids": [],
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": [],
    "description": None,
    "discounts": [],
    "due_date": None,
    "effective_at": None,
    "ending_balance": None,
    "footer": None,
    "from_invoice": None,
    "hosted_invoice_url": None,
    "invoice_pdf": None,
    "issuer": {"type": "self"},
    "last_finalization_error": None,
    "latest_revision": None,
    "lines": {},
    "livemode": False,
    "metadata": {},
    "next_payment_attempt": None,
    "number": None,
    "on_behalf_of": None,
    "parent": None,
    "payment_settings": {
        "default_mandate": None,
        "payment_method_options": None,
        "payment_method_types": None,
    },
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "receipt_number": None,
    "rendering": None,
    "shipping_cost": None,
    "shipping_details": None,
    "starting_balance": 0,
    "statement_descriptor": None,
    "status": "draft",
    "status_transitions": {
        "finalized_at": None,
        "marked_uncollectible_at": None,
        "paid_at": None,
        "voided_at": None,
    },
    "subtotal": 0,
    "subtotal_excluding_tax": 0,
    "test_clock": None,
    "total": 0,
    "total_discount_amounts": [],
    "total_excluding_tax": 0,
    "total_pretax_credit_amounts": [],
    "total_taxes": [],
    "webhooks_delivered_at": None,
}


def invoice(invoice_id: str, now: int, **given: Any) -> Object:
    """A draft; `given` brings the customer's particulars, parent, lines and amounts."""
    return {
        "id": invoice_id,
        "object": "invoice",
        **_INVOICE,
        "created": now,
        "period_end": now,
        "period_start": now,
        **given,
    }


def line(line_id: str, invoice_id: str, subscription_id: str | None, what: Line) -> Object:
    """A line of an invoice; prorations say so in its parent."""
    unit = what.amount if what.proration else what.price["unit_amount"]
    return {
        "id": line_id,
        "object": "line_item",
        "amount": what.amount,
        "currency": what.price["currency"],
        "description": what.description,
        "discount_amounts": [],
        "discountable": not what.proration,
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": {},
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": what.invoice_item,
                "proration": what.proration,
                "proration_details": {"credited_items": what.credited},
                "subscription": subscription_id,
                "subscription_item": what.item_id,
            },
            "type": "subscription_item_details",
        },
        "period": {"end": what.end, "start": what.start},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": what.price["id"], "product": what.price["product"]},
            "type": "price_details",
            "unit_amount_decimal": str(unit),
        },
        "quantity": what.quantity,
        "quantity_decimal": str(what.quantity),
        "subscription": subscription_id,
        "subtotal": what.amount,
        "taxes": [],
    }


def invoice_item(item_id: str, now: int, sub: Object, what: Line) -> Object:
    """A line that waits for the subscription's next invoice."""
    return {
        "id": item_id,
        "object": "invoiceitem",
        "amount": what.amount,
        "currency": sub["currency"],
        "customer": sub["customer"],
        "customer_account": None,
        "date": now,
        "description": what.description,
        "discountable": False,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "net_amount": what.amount,
        "parent": {
            "subscription_details": {
                "subscription": sub["id"],
                "subscription_item": what.item_id,
            },
            "type": "subscription_details",
        },
        "period": {"end": what.end, "start": what.start},
        "pricing": {
            "price_details": {"price": what.price["id"], "product": what.price["product"]},
            "type": "price_details",
            "unit_amount_decimal": str(what.amount),
        },
        "proration": what.proration,
        "quantity": what.quantity,
        "quantity_decimal": str(what.quantity),
        "tax_rates": [],
        "test_clock": None,
    }


def schedule(schedule_id: str, now: int, sub: Object, phases: list[Object]) -> Object:
    """A running schedule of a subscription."""
    return {
        "id": schedule_id,
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": sub["billing_mode"],
        "canceled_at": None,
        "completed_at": None,
        "created": now,
        "current_phase": {key: phases[0][key] for key in ("end_date", "start_date")},
        "customer": sub["customer"],
        "customer_account": None,
        "default_settings": {
            "application_fee_percent": None,
            "automatic_tax": _NO_TAX,
            "billing_cycle_anchor": "automatic",
            "billing_thresholds": None,
            "collection_method": "charge_automatically",
            "default_payment_method": sub["default_payment_method"],
            "description": None,
            "invoice_settings": {
                "account_tax_ids": None,
                "days_until_due": None,
                "issuer": {"type": "self"},
            },
            "on_behalf_of": None,
            "transfer_data": None,
        },
        "end_behavior": "release",
        "livemode": False,
        "metadata": {},
        "pause_schedules": [],
        "phases": phases,
        "released_at": None,
        "released_subscription": None,
        "status": "active",
        "subscription": sub["id"],
        "test_clock": None,
    }


def phase(currency: str, items: list[Object], start: int, end: int, **given: Any) -> Object:
    """A stretch of a schedule with prices of its own."""
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": currency,
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "end_date": end,
        "invoice_settings": None,
        "items": items,
        "metadata": {},
        "on_behalf_of": None,
        "proration_behavior": "create_prorations",
        "start_date": start,
        "transfer_data": None,
        "trial_end": None,
        **given,
    }


def phase_item(price_id: str, quantity: int) -> Object:
    """A price within a phase."""
    return {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": {},
        "plan": price_id,
        "price": price_id,
        "quantity": quantity,
        "tax_rates": [],
    }
