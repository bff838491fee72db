"""Which endpoint answers which path. A table and the search in it, nothing else."""

from collections.abc import Callable

from sandbox.stripe import (
    catalog,
    checkout,
    customers,
    disputes,
    event_calls,
    invoice_calls,
    pauses,
    payment_calls,
    portal,
    preview,
    schedules,
    subscriptions,
    updates,
)
from sandbox.stripe.account import Object

Endpoint = Callable[..., Object]

ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("POST", "products", catalog.create_product),
    ("GET", "products", catalog.products),
    ("GET", "products/{}", catalog.retrieve_product),
    ("POST", "products/{}", catalog.update_product),
    ("DELETE", "products/{}", catalog.delete_product),
    ("POST", "prices", catalog.create_price),
    ("GET", "prices", catalog.prices),
    ("GET", "prices/{}", catalog.retrieve_price),
    ("POST", "prices/{}", catalog.update_price),
    ("POST", "customers", customers.create),
    ("GET", "customers", customers.index),
    ("GET", "customers/{}", customers.retrieve),
    ("POST", "customers/{}", customers.update),
    ("DELETE", "customers/{}", customers.delete),
    ("GET", "customers/{}/payment_methods", customers.customer_methods),
    ("POST", "payment_methods", customers.create_method),
    ("GET", "payment_methods", customers.methods),
    ("GET", "payment_methods/{}", customers.retrieve_method),
    ("POST", "payment_methods/{}/attach", customers.attach),
    ("POST", "payment_methods/{}/detach", customers.detach),
    ("POST", "subscriptions", subscriptions.create),
    ("GET", "subscriptions", subscriptions.index),
    ("GET", "subscriptions/{}", subscriptions.retrieve),
    ("POST", "subscriptions/{}", updates.update),
    ("DELETE", "subscriptions/{}", subscriptions.cancel),
    ("POST", "subscriptions/{}/pause", pauses.pause),
    ("POST", "subscriptions/{}/resume", pauses.resume),
    ("POST", "subscription_schedules", schedules.create),
    ("GET", "subscription_schedules", schedules.index),
    ("GET", "subscription_schedules/{}", schedules.retrieve),
    ("POST", "subscription_schedules/{}", schedules.update),
    ("POST", "subscription_schedules/{}/release", schedules.release),
    ("POST", "subscription_schedules/{}/cancel", schedules.cancel),
    ("POST", "invoices/create_preview", preview.create_preview),
    ("GET", "invoices", invoice_calls.index),
    ("GET", "invoices/{}", invoice_calls.retrieve),
    ("POST", "invoices/{}", invoice_calls.update),
    ("GET", "invoices/{}/lines", invoice_calls.lines),
    ("POST", "invoices/{}/finalize", invoice_calls.finalize),
    ("POST", "invoices/{}/pay", invoice_calls.pay),
    ("POST", "invoices/{}/void", invoice_calls.void),
    ("GET", "invoice_payments", invoice_calls.payments),
    ("GET", "invoice_payments/{}", invoice_calls.payment),
    ("GET", "invoiceitems", invoice_calls.waiting_items),
    ("GET", "payment_intents", payment_calls.intents),
    ("GET", "payment_intents/{}", payment_calls.retrieve_intent),
    ("POST", "payment_intents/{}/confirm", payment_calls.confirm_intent),
    ("GET", "charges", payment_calls.charges),
    ("GET", "charges/{}", payment_calls.retrieve_charge),
    ("POST", "refunds", payment_calls.create_refund),
    ("GET", "refunds", payment_calls.refunds),
    ("GET", "refunds/{}", payment_calls.retrieve_refund),
    ("GET", "disputes", disputes.index),
    ("GET", "disputes/{}", disputes.retrieve),
    ("POST", "disputes/{}", disputes.update),
    ("POST", "disputes/{}/close", disputes.close),
    ("POST", "setup_intents", payment_calls.create_setup),
    ("GET", "setup_intents/{}", payment_calls.retrieve_setup),
    ("POST", "setup_intents/{}/confirm", payment_calls.confirm_setup),
    ("POST", "checkout/sessions", checkout.create),
    ("GET", "checkout/sessions", checkout.index),
    ("GET", "checkout/sessions/{}", checkout.retrieve),
    ("GET", "checkout/sessions/{}/line_items", checkout.line_items),
    ("POST", "checkout/sessions/{}/expire", checkout.expire),
    ("POST", "billing_portal/sessions", portal.create_session),
    ("POST", "billing_portal/configurations", portal.create_configuration),
    ("GET", "billing_portal/configurations", portal.configurations),
    ("GET", "billing_portal/configurations/{}", portal.retrieve_configuration),
    ("POST", "billing_portal/configurations/{}", portal.update_configuration),
    ("GET", "events", event_calls.events),
    ("GET", "events/{}", event_calls.event),
    ("POST", "webhook_endpoints", event_calls.create_endpoint),
    ("GET", "webhook_endpoints", event_calls.endpoints),
    ("GET", "webhook_endpoints/{}", event_calls.endpoint),
    ("POST", "webhook_endpoints/{}", event_calls.update_endpoint),
    ("DELETE", "webhook_endpoints/{}", event_calls.delete_endpoint),
    ("POST", "test_helpers/test_clocks", event_calls.create_clock),
    ("GET", "test_helpers/test_clocks", event_calls.clocks),
    ("GET", "test_helpers/test_clocks/{}", event_calls.clock),
    ("POST", "test_helpers/test_clocks/{}/advance", event_calls.advance_clock),
    ("DELETE", "test_helpers/test_clocks/{}", event_calls.delete_clock),
)


def find_route(method: str, path: str) -> tuple[Endpoint, list[str]] | None:
    """The endpoint for a path below `/v1/`, and the ids in the path."""
    steps = path.split("/")
    for verb, pattern, endpoint in ROUTES:
        wanted = pattern.split("/")
        if verb == method and len(wanted) == len(steps):
            pairs = list(zip(wanted, steps, strict=True))
            if all(want in ("{}", step) for want, step in pairs):
                return endpoint, [step for want, step in pairs if want == "{}"]
    return None
