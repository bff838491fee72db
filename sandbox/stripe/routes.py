"""Which endpoint answers which path. A table and the search in it, nothing else."""

from collections.abc import Callable

from sandbox.stripe.billing import disputes, invoice_endpoints, payment_endpoints
from sandbox.stripe.core.account import Object
from sandbox.stripe.events import endpoints as event_endpoints
from sandbox.stripe.sales import catalog, checkout, customers, portal
from sandbox.stripe.subscriptions import lifecycle, pauses, preview, schedules, updates

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
    ("POST", "subscriptions", lifecycle.create),
    ("GET", "subscriptions", lifecycle.index),
    ("GET", "subscriptions/{}", lifecycle.retrieve),
    ("POST", "subscriptions/{}", updates.update),
    ("DELETE", "subscriptions/{}", lifecycle.cancel),
    ("POST", "subscriptions/{}/pause", pauses.pause),
    ("POST", "subscriptions/{}/resume", pauses.resume),
    ("POST", "subscription_schedules", schedules.create),
    ("GET", "subscription_schedules", schedules.index),
    ("GET", "subscription_schedules/{}", schedules.retrieve),
    ("POST", "subscription_schedules/{}", schedules.update),
    ("POST", "subscription_schedules/{}/release", schedules.release),
    ("POST", "subscription_schedules/{}/cancel", schedules.cancel),
    ("POST", "invoices/create_preview", preview.create_preview),
    ("GET", "invoices", invoice_endpoints.index),
    ("GET", "invoices/{}", invoice_endpoints.retrieve),
    ("POST", "invoices/{}", invoice_endpoints.update),
    ("GET", "invoices/{}/lines", invoice_endpoints.lines),
    ("POST", "invoices/{}/finalize", invoice_endpoints.finalize),
    ("POST", "invoices/{}/pay", invoice_endpoints.pay),
    ("POST", "invoices/{}/void", invoice_endpoints.void),
    ("GET", "invoice_payments", invoice_endpoints.payments),
    ("GET", "invoice_payments/{}", invoice_endpoints.payment),
    ("GET", "invoiceitems", invoice_endpoints.pending_items),
    ("GET", "payment_intents", payment_endpoints.intents),
    ("GET", "payment_intents/{}", payment_endpoints.retrieve_intent),
    ("POST", "payment_intents/{}/confirm", payment_endpoints.confirm_intent),
    ("GET", "charges", payment_endpoints.charges),
    ("GET", "charges/{}", payment_endpoints.retrieve_charge),
    ("POST", "refunds", payment_endpoints.create_refund),
    ("GET", "refunds", payment_endpoints.refunds),
    ("GET", "refunds/{}", payment_endpoints.retrieve_refund),
    ("GET", "disputes", disputes.index),
    ("GET", "disputes/{}", disputes.retrieve),
    ("POST", "disputes/{}", disputes.update),
    ("POST", "disputes/{}/close", disputes.close),
    ("POST", "setup_intents", payment_endpoints.create_setup),
    ("GET", "setup_intents/{}", payment_endpoints.retrieve_setup),
    ("POST", "setup_intents/{}/confirm", payment_endpoints.confirm_setup),
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
    ("GET", "events", event_endpoints.events),
    ("GET", "events/{}", event_endpoints.event),
    ("POST", "webhook_endpoints", event_endpoints.create_endpoint),
    ("GET", "webhook_endpoints", event_endpoints.endpoints),
    ("GET", "webhook_endpoints/{}", event_endpoints.endpoint),
    ("POST", "webhook_endpoints/{}", event_endpoints.update_endpoint),
    ("DELETE", "webhook_endpoints/{}", event_endpoints.delete_endpoint),
    ("POST", "test_helpers/test_clocks", event_endpoints.create_clock),
    ("GET", "test_helpers/test_clocks", event_endpoints.clocks),
    ("GET", "test_helpers/test_clocks/{}", event_endpoints.clock),
    ("POST", "test_helpers/test_clocks/{}/advance", event_endpoints.advance_clock),
    ("DELETE", "test_helpers/test_clocks/{}", event_endpoints.delete_clock),
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
