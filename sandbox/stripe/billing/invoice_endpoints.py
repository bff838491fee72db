"""What the product may do with invoices: look, finalize, pay, void.

Endpoints, called within a transaction; the life of an invoice itself is in `invoices`.
"""

from sandbox.stripe.billing import invoices
from sandbox.stripe.billing.payments import usable_method
from sandbox.stripe.billing.settlement import collect, drop_pending, method_for, settle
from sandbox.stripe.billing.settlement import pay as pay_with
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.errors import StripeError, card_error, invalid
from sandbox.stripe.core.listing import matching, page
from sandbox.stripe.core.params import Params


def index(account: Account, params: Params) -> Object:
    """GET /v1/invoices."""
    rows = matching(params, account.all("invoice"), "customer", "status", "collection_method")
    if sub := params.text("subscription"):
        rows = [row for row in rows if invoices.subscription_of(row) == sub]
    return page(params, rows, "/v1/invoices")


def lines(account: Account, params: Params, invoice_id: str) -> Object:
    """GET /v1/invoices/{id}/lines, in the order of the invoice."""
    made = account.get("invoice", invoice_id)
    return page(params, made["lines"]["data"][::-1], made["lines"]["url"])


def update(account: Account, params: Params, invoice_id: str) -> Object:
    """POST /v1/invoices/{id}: its metadata, its card, whether it is collected by itself."""
    before = account.get("invoice", invoice_id)
    fields: Object = {
        "description": params.text_or("description", before["description"]),
        "metadata": params.metadata(before["metadata"]),
    }
    if name := params.text("default_payment_method"):
        fields["default_payment_method"] = account.get(
            "payment_method", name, "default_payment_method"
        )["id"]
    if (advance := params.flag("auto_advance")) is not None:
        fields["auto_advance"] = advance
        if not advance:
            fields |= {"automatically_finalizes_at": None, "next_payment_attempt": None}
    made = account.change(before, **fields)
    account.emit("invoice.updated", made, before)
    return made


def finalize(account: Account, params: Params, invoice_id: str) -> Object:
    """POST /v1/invoices/{id}/finalize, an hour early or after all."""
    made = _payable(account, invoice_id)
    advance = params.flag("auto_advance")
    if made["status"] != "draft":
        raise invalid(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
            code="invoice_not_editable",
        )
    made = invoices.finalize(account, made)
    if made["status"] == "paid":
        settle(account, made)
    elif made["auto_advance"] and advance is not False:
        made = collect(account, made)
    return account.get("invoice", invoice_id)


def pay(account: Account, params: Params, invoice_id: str) -> Object:
    """POST /v1/invoices/{id}/pay. Raises StripeError 402 when the card declines or asks its
    owner; the attempt stays on record."""
    made = _payable(account, invoice_id)
    params.ignore("off_session")
    if made["status"] == "draft":
        made = invoices.finalize(account, made)
    elif made["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    elif made["status"] != "open":
        raise invalid(f"Invoice is {made['status']}", code="invoice_not_payable")
    if params.flag("paid_out_of_band"):
        made = invoices.mark_paid(account, made, attempted=False)
        settle(account, made)
    elif made["status"] == "open":
        made = _pay_by_card(account, params, made)
    return account.get("invoice", invoice_id)


def void(account: Account, _: Params, invoice_id: str) -> Object:
    """POST /v1/invoices/{id}/void; a pending update that waits for it is given up."""
    made = account.get("invoice", invoice_id)
    if made["status"] != "open":
        raise invalid("You can only void open invoices.", code="status_transition_invalid")
    sub = account.find("subscription", invoices.subscription_of(made))
    if sub is not None and account.facts(sub["id"]).get("pending_invoice") == invoice_id:
        drop_pending(account, sub, "customer.subscription.pending_update_expired")
        return account.get("invoice", invoice_id)
    return invoices.void(account, made)


def payments(account: Account, params: Params) -> Object:
    """GET /v1/invoice_payments, by invoice or by the payment intent."""
    rows = matching(params, account.all("invoice_payment"), "invoice", "status")
    if (payment := params.below("payment")) is not None:
        payment.choice("type", "payment_intent", "charge", "payment_record")
        intent = payment.text("payment_intent")
        rows = [row for row in rows if row["payment"]["payment_intent"] == intent]
    return page(params, rows, "/v1/invoice_payments")


def pending_items(account: Account, params: Params) -> Object:
    """GET /v1/invoiceitems."""
    rows = matching(params, account.all("invoiceitem"), "customer", "invoice")
    if (pending := params.flag("pending")) is not None:
        rows = [row for row in rows if (row["invoice"] is None) == pending]
    return page(params, rows, "/v1/invoiceitems")


def _payable(account: Account, invoice_id: str) -> Object:
    made = account.get("invoice", invoice_id)
    if "deleted" in account.get("customer", made["customer"]):
        raise invalid("This invoice's customer has been deleted.", code="customer_deleted")
    return made


def _pay_by_card(account: Account, params: Params, made: Object) -> Object:
    name = params.text("payment_method")
    sub = account.find("subscription", invoices.subscription_of(made))
    if name:
        method: Object | None = usable_method(account, name, "payment_method")
    else:
        method = account.find("payment_method", made["default_payment_method"])
    if method is None and sub is not None:
        method = method_for(account, sub)
    if method is None:
        raise StripeError(
            402,
            "There is no `default_payment_method` set on this Customer or Invoice. Please set a "
            "`default_payment_method`.",
            code="invoice_payment_intent_requires_action",
        )
    made = pay_with(account, made, method)
    if made["status"] == "open":
        intent = invoices.intent_of(account, made)
        asks = {
            "code": "invoice_payment_intent_requires_action",
            "message": "Payment for this invoice requires additional user action before it can "
            "be completed successfully.",
            "type": "card_error",
        }
        raise card_error(intent["last_payment_error"] or asks, keeps=True)
    return made
