"""Customers and their payment methods.

Endpoints, called within a transaction. Deleting a customer cancels their subscriptions at once.
"""

from typing import Any

from sandbox.stripe.billing.payments import attach as attach_to
from sandbox.stripe.billing.payments import card_numbered, new_method, usable_method
from sandbox.stripe.billing.settlement import end
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.cards import BY_TOKEN
from sandbox.stripe.core.errors import StripeError, invalid
from sandbox.stripe.core.listing import matching, page
from sandbox.stripe.core.params import Params
from sandbox.stripe.shapes.catalog import customer

_TEXTS = ("description", "email", "name", "phone")


def new_customer(account: Account, fields: dict[str, Any]) -> Object:
    """A new customer, kept but not emitted."""
    customer_id = account.new_id("cus")
    prefix = customer_id[-8:].upper()
    return account.put(customer(customer_id, account.now(), prefix, **fields))


def create(account: Account, params: Params) -> Object:
    """POST /v1/customers."""
    clock = params.text_or("test_clock", None)
    if clock:
        account.get("test_helpers.test_clock", clock, "test_clock")
    made = new_customer(account, {"test_clock": clock})
    token = params.text("payment_method")
    made = account.change(made, **_fields(params, made))
    place, named = len(account.new_events), {}
    if token:
        method = attach_to(account, usable_method(account, token, "payment_method"), made)
        named[token] = method["id"]
    made = account.change(made, invoice_settings=_settings(account, params, made, named))
    account.emit("customer.created", made, at=place)
    return made


def update(account: Account, params: Params, customer_id: str) -> Object:
    """POST /v1/customers/{id}."""
    before = _alive(account, customer_id)
    made = account.change(before, **_fields(params, before))
    made = account.change(made, invoice_settings=_settings(account, params, made, {}))
    if made != before:
        account.emit("customer.updated", made, before)
    return made


def index(account: Account, params: Params) -> Object:
    """GET /v1/customers."""
    rows = [row for row in account.all("customer") if "deleted" not in row]
    return page(params, matching(params, rows, "email", "test_clock"), "/v1/customers")


def delete(account: Account, _: Params, customer_id: str) -> Object:
    """DELETE /v1/customers/{id}."""
    made = _alive(account, customer_id)
    for sub in account.all("subscription"):
        if sub["customer"] == customer_id and sub["status"] not in _GONE:
            end(account, sub, "cancellation_requested")
    for method in account.all("payment_method"):
        if method["customer"] == customer_id:
            account.change(method, customer=None)
    account.emit("customer.deleted", made)
    return account.put({"id": customer_id, "object": "customer", "deleted": True})


def create_method(account: Account, params: Params) -> Object:
    """POST /v1/payment_methods: a test card by its number or token."""
    params.choice("type", "card")
    card = params.below("card")
    if card is None:
        raise invalid("Missing required param: card.", "card", "parameter_missing")
    card.ignore("exp_month", "exp_year", "cvc")
    params.ignore("billing_details", "allow_redisplay")
    token = card.text("token")
    if token and token.replace("tok_", "pm_card_") not in BY_TOKEN:
        raise invalid(f"No such token: '{token}'", "card[token]", "resource_missing")
    kind = (
        BY_TOKEN[token.replace("tok_", "pm_card_")] if token else card_numbered(card.need("number"))
    )
    return new_method(account, kind, metadata=params.metadata())


def attach(account: Account, params: Params, method: str) -> Object:
    """POST /v1/payment_methods/{id}/attach."""
    to = _alive(account, params.need("customer"), "customer")
    return attach_to(account, usable_method(account, method, "id"), to)


def detach(account: Account, _: Params, method_id: str) -> Object:
    """POST /v1/payment_methods/{id}/detach: nobody's default any more."""
    before = account.get("payment_method", method_id)
    if before["customer"] is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible."
        )
    owner = account.get("customer", before["customer"])
    settings = owner["invoice_settings"]
    if settings["default_payment_method"] == method_id:
        account.change(owner, invoice_settings={**settings, "default_payment_method": None})
    for sub in account.all("subscription"):
        if sub["default_payment_method"] == method_id:
            account.change(sub, default_payment_method=None)
    method = account.change(before, customer=None)
    account.emit("payment_method.detached", method, before)
    return method


def methods(account: Account, params: Params) -> Object:
    """GET /v1/payment_methods of a customer."""
    return customer_methods(account, params, params.need("customer"))


def customer_methods(account: Account, params: Params, customer_id: str) -> Object:
    """GET /v1/customers/{id}/payment_methods."""
    _alive(account, customer_id)
    params.ignore("allow_redisplay")
    rows = [row for row in account.all("payment_method") if row["customer"] == customer_id]
    return page(
        params, matching(params, rows, "type"), f"/v1/customers/{customer_id}/payment_methods"
    )


_GONE = ("canceled", "incomplete_expired")


def _alive(account: Account, customer_id: str, param: str = "id") -> Object:
    found = account.get("customer", customer_id, param)
    if "deleted" in found:
        raise StripeError(
            404 if param == "id" else 400,
            f"No such customer: '{customer_id}'; it has been deleted.",
            code="resource_missing",
            param=param,
        )
    return found


def _fields(params: Params, made: Object) -> Object:
    fields = {name: params.text_or(name, made[name]) for name in _TEXTS}
    address = params.below("address")
    if address is not None:
        fields["address"] = {  # type: ignore[assignment] # a document among texts
            name: address.text_or(name, None)
            for name in ("city", "country", "line1", "line2", "postal_code", "state")
        }
    balance = params.integer("balance")
    locales = params.texts("preferred_locales")
    return {
        **fields,
        "metadata": params.metadata(made["metadata"]),
        "balance": made["balance"] if balance is None else balance,
        "preferred_locales": locales or made["preferred_locales"],
    }


def _settings(account: Account, params: Params, made: Object, named: dict[str, str]) -> Object:
    settings: Object = made["invoice_settings"]
    given = params.below("invoice_settings")
    if given is None or "default_payment_method" not in given:
        return settings
    name = given.text_or("default_payment_method", None)
    if name is not None:
        name, param = named.get(name, name), given.path("default_payment_method")
        method = usable_method(account, name, param)
        if name in BY_TOKEN:
            method = attach_to(account, method, made)
        elif method["customer"] != made["id"]:
            raise invalid(
                f"The customer does not have a payment method with the ID {name}. The payment "
                "method must be attached to the customer.",
                param,
                "resource_missing",
            )
        name = method["id"]
    return {**settings, "default_payment_method": name}
