"""The life of an invoice: drafted, finalized, paid or not, voided.

Takes lines as given and does not know why they are there; what a payment means to a subscription
is in `settlement`.
"""

from sandbox.stripe.billing.payments import cancel_intent, confirm, new_intent
from sandbox.stripe.core.account import Account, Object, listed
from sandbox.stripe.core.money import least_charge
from sandbox.stripe.shapes.billing import Line, invoice, invoice_item, line
from sandbox.stripe.shapes.money import invoice_payment

DESCRIPTIONS = {
    "subscription_create": "Subscription creation",
    "subscription_update": "Subscription update",
}


def build(
    account: Account,
    sub: Object,
    lines: list[Line],
    reason: str,
    *,
    period: tuple[int, int] | None = None,
    invoice_id: str = "",
) -> Object:
    """A draft of an invoice that is not kept; enough for a preview."""
    customer = account.get("customer", sub["customer"])
    invoice_id = invoice_id or account.new_id("in")
    total = sum(what.amount for what in lines)
    start, end = period or (account.now(), account.now())
    documents = [line(account.new_id("il"), invoice_id, sub["id"] or None, what) for what in lines]
    due, balance = due_now(total, customer["balance"], sub["currency"])
    return invoice(
        invoice_id,
        account.now(),
        amount_due=due,
        amount_remaining=due,
        billing_reason=reason,
        currency=sub["currency"],
        customer=customer["id"],
        customer_address=customer["address"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        customer_phone=customer["phone"],
        description=None,
        ending_balance=balance if reason == "upcoming" else None,
        lines=listed(documents, f"/v1/invoices/{invoice_id}/lines"),
        parent={
            "quote_details": None,
            "subscription_details": {
                "metadata": sub["metadata"],
                "subscription": sub["id"] or None,
            },
            "type": "subscription_details",
        },
        period_end=end,
        period_start=start,
        starting_balance=customer["balance"],
        subtotal=total,
        subtotal_excluding_tax=total,
        test_clock=customer["test_clock"],
        total=total,
        total_excluding_tax=total,
    )


def draft(
    account: Account,
    sub: Object,
    lines: list[Line],
    reason: str,
    *,
    period: tuple[int, int] | None = None,
    finalizes_at: int | None = None,
    auto_advance: bool = True,
) -> Object:
    """A new draft, kept and emitted; with `finalizes_at` it is finalized then."""
    made = build(account, sub, lines, reason, period=period)
    made = account.put(
        {**made, "automatically_finalizes_at": finalizes_at, "auto_advance": auto_advance}
    )
    for what in lines:
        if what.invoice_item is not None:
            account.change(account.get("invoiceitem", what.invoice_item), invoice=made["id"])
    account.emit("invoice.created", made)
    return made


def add_pending_lines(account: Account, sub: Object, lines: list[Line]) -> None:
    """Lines that the subscription's next invoice will have."""
    for what in lines:
        kept = account.put(invoice_item(account.new_id("ii"), account.now(), sub, what))
        account.set_facts(kept["id"], line=_line_facts(what))
        account.emit("invoiceitem.created", kept)


def pending_lines(account: Account, sub: Object) -> list[Line]:
    """What was kept for the next invoice of a subscription."""
    return [
        Line(**account.facts(kept["id"])["line"], invoice_item=kept["id"])
        for kept in account.all("invoiceitem")
        if kept["invoice"] is None
        and kept["parent"]["subscription_details"]["subscription"] == sub["id"]
    ]


def finalize(account: Account, made: Object) -> Object:
    """Open a draft: number it, settle it with the customer's balance, make its intent. What asks
    for no money is paid at once."""
    customer = account.get("customer", made["customer"])
    due, balance = due_now(made["total"], customer["balance"], made["currency"])
    number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}"
    account.change(
        customer, balance=balance, next_invoice_sequence=customer["next_invoice_sequence"] + 1
    )
    now, url = account.now(), f"{account.rules.base_url}/pay/{made['id']}"
    made = account.change(
        made,
        status="open",
        number=number,
        amount_due=due,
        amount_remaining=due,
        starting_balance=customer["balance"],
        ending_balance=balance,
        effective_at=now,
        automatically_finalizes_at=None,
        hosted_invoice_url=url,
        invoice_pdf=f"{url}/pdf",
        status_transitions={**made["status_transitions"], "finalized_at": now},
    )
    account.emit("invoice.finalized", made)
    if due == 0:
        return mark_paid(account, made, attempted=True)
    reason = DESCRIPTIONS.get(made["billing_reason"], "Subscription update")
    intent = new_intent(account, made["customer"], due, made["currency"], reason)
    account.put(invoice_payment(account.new_id("inpay"), now, made, intent["id"]))
    return made


def attempt(
    account: Account, made: Object, method: Object | None, *, authenticated: bool = False
) -> Object:
    """Try once to pay an open invoice. Comes back paid, or open with its failure emitted; the
    intent says which kind of failure."""
    payment = default_payment(account, made)
    intent = account.get("payment_intent", payment["payment"]["payment_intent"])
    if method is not None:
        intent = confirm(account, intent, method, authenticated=authenticated)
    if intent["status"] == "succeeded":
        return mark_paid(account, made, attempted=True)
    made = account.change(
        made, attempted=True, attempt_count=made["attempt_count"] + 1, next_payment_attempt=None
    )
    if intent["status"] == "requires_action":
        account.emit("invoice.payment_action_required", made)
    return made


def mark_paid(account: Account, made: Object, *, attempted: bool) -> Object:
    """An invoice is paid: by an attempt, or outside of the service (`attempted` false)."""
    now = account.now()
    made = account.change(
        made,
        status="paid",
        amount_paid=made["amount_due"] if attempted else 0,
        amount_remaining=0,
        attempted=True,
        attempt_count=made["attempt_count"] + (1 if attempted and made["amount_due"] else 0),
        auto_advance=False,
        next_payment_attempt=None,
        status_transitions={**made["status_transitions"], "paid_at": now},
    )
    payment = default_payment(account, made) if made["amount_due"] else None
    if payment is not None and not attempted:
        _cancel_payment(account, payment, "void_invoice")
    account.emit("invoice.paid", made)
    if attempted:
        account.emit("invoice.payment_succeeded", made)
    if payment is not None and attempted:
        payment = account.change(
            payment,
            status="paid",
            amount_paid=made["amount_due"],
            status_transitions={"canceled_at": None, "paid_at": now},
        )
        account.emit("invoice_payment.paid", payment)
    return made


def void(account: Account, made: Object) -> Object:
    """Take a finalized invoice back; its balance returns to the customer."""
    customer = account.get("customer", made["customer"])
    owed = made["total"] - made["amount_due"]
    account.change(customer, balance=customer["balance"] - owed)
    if made["amount_due"]:
        _cancel_payment(account, default_payment(account, made), "void_invoice")
    made = account.change(
        made,
        status="void",
        auto_advance=False,
        next_payment_attempt=None,
        status_transitions={**made["status_transitions"], "voided_at": account.now()},
    )
    account.emit("invoice.voided", made)
    return made


def default_payment(account: Account, made: Object) -> Object:
    """The invoice's own payment."""
    for payment in account.all("invoice_payment"):
        if payment["invoice"] == made["id"]:
            return payment
    return account.get("invoice_payment", made["id"])


def intent_of(account: Account, made: Object) -> Object:
    """The intent that pays an open invoice."""
    payment = default_payment(account, made)
    return account.get("payment_intent", payment["payment"]["payment_intent"])


def subscription_of(made: Object) -> str | None:
    """The id of the subscription an invoice is for."""
    parent = made["parent"] or {}
    found = (parent.get("subscription_details") or {}).get("subscription")
    return None if found is None else str(found)


def due_now(total: int, balance: int, currency: str) -> tuple[int, int]:
    """What is to be paid and what stays on the balance; too little to charge stays there too."""
    owed = total + balance
    if owed < least_charge(currency):
        return 0, owed
    return owed, 0


def _cancel_payment(account: Account, payment: Object, reason: str) -> None:
    account.change(
        payment,
        status="canceled",
        status_transitions={"canceled_at": account.now(), "paid_at": None},
    )
    intent = account.get("payment_intent", payment["payment"]["payment_intent"])
    if intent["status"] not in ("succeeded", "canceled"):
        cancel_intent(account, intent, reason)


def _line_facts(what: Line) -> Object:
    return {name: getattr(what, name) for name in what.__struct_fields__ if name != "invoice_item"}
