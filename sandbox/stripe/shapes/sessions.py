"""Documents of pages a customer is sent to: Checkout, the customer portal; and of test clocks.

Pure: every function returns a document with exactly the keys Stripe's has, unset ones null.
"""

from typing import Any

Object = dict[str, Any]


_CHECKOUT_SESSION: Object = {
    "adaptive_pricing": {"enabled": False},
    "after_expiration": None,
    "allow_promotion_codes": None,
    "amount_subtotal": 0,
    "amount_total": 0,
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "billing_address_collection": None,
    "branding_settings": None,
    "cancel_url": None,
    "client_reference_id": None,
    "client_secret": None,
    "collected_information": None,
    "consent": None,
    "consent_collection": None,
    "currency": "usd",
    "currency_conversion": None,
    "custom_fields": [],
    "custom_text": {
        "after_submit": None,
        "shipping_address": None,
        "submit": None,
        "terms_of_service_acceptance": None,
    },
    "customer": None,
    "customer_account": None,
    "customer_creation": None,
    "customer_details": None,
    "customer_email": None,
    "discounts": [],
    "invoice": None,
    "invoice_creation": None,
    "livemode": False,
    "locale": None,
    "metadata": {},
    "mode": "subscription",
    "origin_context": None,
    "payment_intent": None,
    "payment_link": None,
    "payment_method_collection": "always",
    "payment_method_configuration_details": None,
    "payment_method_options": {},
    "payment_method_types": ["card"],
    "payment_status": "unpaid",
    "permissions": None,
    "phone_number_collection": {"enabled": False},
    "recovered_from": None,
    "saved_payment_method_options": {
        "allow_redisplay_filters": ["always"],
        "payment_method_remove": "disabled",
        "payment_method_save": None,
    },
    "setup_intent": None,
    "shipping_address_collection": None,
    "shipping_cost": None,
    "shipping_options": [],
    "status": "open",
    "submit_type": None,
    "subscription": None,
    "success_url": None,
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    "ui_mode": "hosted_page",
    "url": None,
    "wallet_options": None,
}


def checkout_session(session_id: str, now: int, **given: Any) -> Object:
    """An open Checkout page for a subscription."""
    return {
        "id": session_id,
        "object": "checkout.session",
        **_CHECKOUT_SESSION,
        "created": now,
        "expires_at": now + 86_400,
        **given,
    }


def checkout_line(line_id: str, price: Object, quantity: int, description: str) -> Object:
    """What is on sale in a session."""
    amount = price["unit_amount"] * quantity
    return {
        "id": line_id,
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": description,
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }


def portal_session(session_id: str, now: int, **given: Any) -> Object:
    """A customer's way into the portal."""
    return {
        "id": session_id,
        "object": "billing_portal.session",
        "configuration": "",
        "created": now,
        "customer": "",
        "customer_account": None,
        "flow": None,
        "livemode": False,
        "locale": None,
        "on_behalf_of": None,
        "return_url": None,
        "url": "",
        **given,
    }


def portal_flow(kind: str, about: Object | None, return_url: str | None) -> Object:
    """The one thing a portal session is for; `about` belongs to its kind."""
    kinds = (
        "customer_update",
        "subscription_cancel",
        "subscription_pause",
        "subscription_update",
        "subscription_update_confirm",
    )
    after = "redirect" if return_url else "portal_homepage"
    return {
        "after_completion": {
            "hosted_confirmation": None,
            "redirect": {"return_url": return_url} if return_url else None,
            "type": after,
        },
        **{name: about if name == kind else None for name in kinds},
        "type": kind,
    }


def portal_configuration(configuration_id: str, now: int, **given: Any) -> Object:
    """What customers may do in the portal; everything but switching plans unless said."""
    return {
        "id": configuration_id,
        "object": "billing_portal.configuration",
        "active": True,
        "application": None,
        "business_profile": {
            "headline": None,
            "privacy_policy_url": None,
            "terms_of_service_url": None,
        },
        "created": now,
        "default_return_url": None,
        "features": {
            "customer_update": {"allowed_updates": [], "enabled": False},
            "invoice_history": {"enabled": True},
            "payment_method_update": {"enabled": True, "payment_method_configuration": None},
            "subscription_cancel": {
                "cancellation_reason": {"enabled": False, "options": []},
                "enabled": True,
                "mode": "at_period_end",
                "proration_behavior": "none",
            },
            "subscription_pause": {
                "duration": {"interval_options": [], "type": "indefinite"},
                "enabled": False,
            },
            "subscription_update": {
                "billing_cycle_anchor": None,
                "default_allowed_updates": [],
                "enabled": False,
                "products": [],
                "proration_behavior": "none",
                "schedule_at_period_end": {"conditions": []},
                "trial_update_behavior": "end_trial",
            },
        },
        "is_default": False,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "name": None,
        "updated": now,
        **given,
    }


def test_clock(clock_id: str, now: int, frozen_time: int, name: str | None) -> Object:
    """A handle on the sandbox's one clock."""
    return {
        "id": clock_id,
        "object": "test_helpers.test_clock",
        "created": now,
        "deletes_after": now + 30 * 86_400,
        "frozen_time": frozen_time,
        "livemode": False,
        "name": name,
        "status": "ready",
        "status_details": {},
    }
