"""Which endpoint answers which path: a table, the search in it, and the endpoints that only read.

Knows no rules of billing.
"""

from collections.abc import Callable

from sandbox.stripe.billing import disputes, invoice_endpoints, payment_endpoints
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.errors import missing
from sandbox.stripe.core.listing import matching, page
from sandbox.stripe.core.params import Params
from sandbox.stripe.core.search import search
from sandbox.stripe.events import endpoints as event_endpoints
from sandbox.stripe.sales import catalog, checkout, customers, portal
from sandbox.stripe.subscriptions import lifecycle, pauses, preview, schedules, updates

Endpoint = Callable[..., Object]


def _retrieve(kind: str) -> Endpoint:
    """One document by its id."""

    def endpoint(account: Account, _: Params, object_id: str) -> Object:
        return account.get(kind, object_id)

    return endpoint


def _index(kind: str, path: str, *filters: str) -> Endpoint:
    """All documents of a kind, filtered by parameters of these names."""

    def endpoint(account: Account, params: Params) -> Object:
        return page(params, matching(params, account.all(kind), *filters), f"/v1/{path}")

    return endpoint


def _search(kind: str, path: str) -> Endpoint:
    """The documents of a kind that a query matches."""

    def endpoint(account: Account, params: Params) -> Object:
        return search(params, account.all(kind), f"/v1/{path}/search")

    return endpoint


def _items(account: Account, params: Params) -> Object:
    """GET /v1/subscription_items: what a subscription holds, of which it shows but the first."""
    held = account.get("subscription", params.text("subscription"), "subscription")
    return page(params, held["items"]["data"][::-1], "/v1/subscription_items")


def _item(account: Account, params: Params, item_id: str) -> Object:  # noqa: ARG001
    """GET /v1/subscription_items/{id}."""
    for held in account.all("subscription"):
        for one in held["items"]["data"]:
            if one["id"] == item_id:
                return dict(one)
    raise missing("subscription_item", item_id, "id")


ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "customers/search", _search("customer", "customers")),
    ("GET", "subscriptions/search", _search("subscription", "subscriptions")),
    ("GET", "invoices/search", _search("invoice", "invoices")),
    ("GET", "products/search", _search("product", "products")),
    ("GET", "prices/search", _search("price", "prices")),
    ("GET", "charges/search", _search("charge", "charges")),
    ("GET", "payment_intents/search", _search("payment_intent", "payment_intents")),
    ("GET", "subscription_items", _items),
    ("GET", "subscription_items/{}", _item),
    ("POST", "products", catalog.create_product),
    ("GET", "products", catalog.products),
    ("GET", "products/{}", _retrieve("product")),
    ("POST", "products/{}", catalog.update_product),
    ("DELETE", "products/{}", catalog.delete_product),
    ("POST", "prices", catalog.create_price),
    ("GET", "prices", catalog.prices),
    ("GET", "prices/{}", _retrieve("price")),
    ("POST", "prices/{}", catalog.update_price),
    ("POST", "customers", customers.create),
    ("GET", "customers", customers.index),
    ("GET", "customers/{}", _retrieve("customer")),
    ("POST", "customers/{}", customers.update),
    ("DELETE", "customers/{}", customers.delete),
    ("GET", "customers/{}/payment_methods", customers.customer_methods),
    ("POST", "payment_methods", customers.create_method),
    ("GET", "payment_methods", customers.methods),
    ("GET", "payment_methods/{}", _retrieve("payment_method")),
    ("POST", "payment_methods/{}/attach", customers.attach),
    ("POST", "payment_methods/{}/detach", customers.detach),
    ("POST", "subscriptions", lifecycle.create),
    ("GET", "subscriptions", lifecycle.index),
    ("GET", "subscriptions/{}", _retrieve("subscription")),
    ("POST", "subscriptions/{}", updates.update),
    ("DELETE", "subscriptions/{}", lifecycle.cancel),
    ("POST", "subscriptions/{}/pause", pauses.pause),
    ("POST", "subscriptions/{}/resume", pauses.resume),
    ("POST", "subscription_schedules", schedules.create),
    (
        "GET",
        "subscription_schedules",
        _index("subscription_schedule", "subscription_schedules", "customer"),
    ),
    ("GET", "subscription_schedules/{}", _retrieve("subscription_schedule")),
    ("POST", "subscription_schedules/{}", schedules.update),
    ("POST", "subscription_schedules/{}/release", schedules.release),
    ("POST", "subscription_schedules/{}/cancel", schedules.cancel),
    ("POST", "invoices/create_preview", preview.create_preview),
    ("GET", "invoices", invoice_endpoints.index),
    ("GET", "invoices/{}", _retrieve("invoice")),
    ("POST", "invoices/{}", invoice_endpoints.update),
    ("GET", "invoices/{}/lines", invoice_endpoints.lines),
    ("POST", "invoices/{}/finalize", invoice_endpoints.finalize),
    ("POST", "invoices/{}/pay", invoice_endpoints.pay),
    ("POST", "invoices/{}/void", invoice_endpoints.void),
    ("GET", "invoice_payments", invoice_endpoints.payments),
    ("GET", "invoice_payments/{}", _retrieve("invoice_payment")),
    ("GET", "invoiceitems", invoice_endpoints.pending_items),
    ("GET", "payment_intents", _index("payment_intent", "payment_intents", "customer")),
    ("GET", "payment_intents/{}", _retrieve("payment_intent")),
    ("POST", "payment_intents/{}/confirm", payment_endpoints.confirm_intent),
    ("GET", "charges", _index("charge", "charges", "customer", "payment_intent")),
    ("GET", "charges/{}", _retrieve("charge")),
    ("POST", "refunds", payment_endpoints.create_refund),
    ("GET", "refunds", _index("refund", "refunds", "charge", "payment_intent")),
    ("GET", "refunds/{}", _retrieve("refund")),
    ("GET", "disputes", _index("dispute", "disputes", "charge", "payment_intent")),
    ("GET", "disputes/{}", _retrieve("dispute")),
    ("POST", "disputes/{}", disputes.update),
    ("POST", "disputes/{}/close", disputes.close),
    ("POST", "setup_intents", payment_endpoints.create_setup),
    ("GET", "setup_intents/{}", _retrieve("setup_intent")),
    ("POST", "setup_intents/{}/confirm", payment_endpoints.confirm_setup),
    ("POST", "checkout/sessions", checkout.create),
    (
        "GET",
        "checkout/sessions",
        _index("checkout.session", "checkout/sessions", "customer", "subscription", "status"),
    ),
    ("GET", "checkout/sessions/{}", _retrieve("checkout.session")),
    ("GET", "checkout/sessions/{}/line_items", checkout.line_items),
    ("POST", "checkout/sessions/{}/expire", checkout.expire),
    ("POST", "billing_portal/sessions", portal.create_session),
    ("POST", "billing_portal/configurations", portal.create_configuration),
    (
        "GET",
        "billing_portal/configurations",
        _index(
            "billing_portal.configuration", "billing_portal/configurations", "active", "is_default"
        ),
    ),
    ("GET", "billing_portal/configurations/{}", _retrieve("billing_portal.configuration")),
    ("POST", "billing_portal/configurations/{}", portal.update_configuration),
    ("GET", "events", event_endpoints.events),
    ("GET", "events/{}", event_endpoints.event),
    ("POST", "webhook_endpoints", event_endpoints.create_endpoint),
    ("GET", "webhook_endpoints", _index("webhook_endpoint", "webhook_endpoints")),
    ("GET", "webhook_endpoints/{}", _retrieve("webhook_endpoint")),
    ("POST", "webhook_endpoints/{}", event_endpoints.update_endpoint),
    ("DELETE", "webhook_endpoints/{}", event_endpoints.delete_endpoint),
    ("POST", "test_helpers/test_clocks", event_endpoints.create_clock),
    (
        "GET",
        "test_helpers/test_clocks",
        _index("test_helpers.test_clock", "test_helpers/test_clocks"),
    ),
    ("GET", "test_helpers/test_clocks/{}", _retrieve("test_helpers.test_clock")),
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
