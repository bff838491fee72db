"""The invoice a subscription would get, now or at the end of its period. Nothing is kept.

One endpoint, and the document of `invoice.upcoming`.
"""

from sandbox.stripe.billing import invoices
from sandbox.stripe.billing.proration import in_period, period_from, period_of, whole_lines
from sandbox.stripe.billing.settlement import names
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.errors import invalid
from sandbox.stripe.core.params import Params
from sandbox.stripe.shapes.billing import Line
from sandbox.stripe.subscriptions.items import edit_items
from sandbox.stripe.subscriptions.lifecycle import begin, not_ended
from sandbox.stripe.subscriptions.updates import Switch, read_switch, work_out


def create_preview(account: Account, params: Params) -> Object:
    """POST /v1/invoices/create_preview: of a change of a subscription, of its next renewal, or of
    a new subscription."""
    given = params.below("subscription_details") or Params({}, "subscription_details")
    params.choice("preview_mode", "next")
    params.ignore("currency")
    if "subscription" not in params:
        customer = account.get("customer", params.need("customer"), "customer")
        sub, lines = begin(account, _as_creation(given), customer)
        account.drop(sub)
        return _document(account, {**sub, "id": ""}, lines_now=lines)
    sub = not_ended(account, params.need("subscription"))
    if params.text("customer", sub["customer"]) != sub["customer"]:
        raise invalid("The subscription does not belong to the customer.", "customer")
    how = read_switch(account, given, sub)
    items = edit_items(account, sub["items"]["data"], given, sub["id"])
    given.ignore("cancel_at", "cancel_at_period_end", "trial_end")
    return change_preview(account, sub, items, how)


def change_preview(account: Account, sub: Object, items: list[Object], how: Switch) -> Object:
    """What a change would bring: its own invoice if it makes one, else the next renewal with it."""
    plan = work_out(account, sub, items, how)
    waiting = invoices.pending_lines(account, sub)
    if plan.resets or (plan.lines and how.prorations == "always_invoice"):
        return _document(account, sub, lines_now=waiting + plan.lines)
    end = period_of(sub)[1]
    period = period_from(sub, plan.items, end)
    renewal = whole_lines(in_period(plan.items, period), period, names(account))
    lines = waiting + plan.lines + renewal
    made = invoices.build(
        account, sub, lines, "upcoming", period=period_of(sub), invoice_id=_temporary(account)
    )
    return {**made, "created": end, "next_payment_attempt": end + 3600, "auto_advance": True}


def upcoming(account: Account, sub: Object) -> Object:
    """The next renewal as things stand."""
    return change_preview(account, sub, sub["items"]["data"], Switch(at=account.now()))


def _document(account: Account, sub: Object, *, lines_now: list[Line]) -> Object:
    made = invoices.build(account, sub, lines_now, "upcoming", invoice_id=_temporary(account))
    return {**made, "next_payment_attempt": account.now()}


def _temporary(account: Account) -> str:
    return account.new_id("upcoming_in")


def _as_creation(given: Params) -> Params:
    """A preview names the anchor as an object, a creation as a number."""
    tree = dict(given.tree)
    anchor = given.below("billing_cycle_anchor")
    if anchor is not None:
        tree.pop("billing_cycle_anchor")
        if anchor.choice("type", "timestamp", "now") == "timestamp":
            tree["billing_cycle_anchor"] = anchor.need("timestamp")
    given.ignore(*given.tree)
    return Params(tree, "subscription_details")
