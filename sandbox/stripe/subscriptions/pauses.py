"""Pausing a subscription, which then is neither billed nor of use, and going on with it.

Endpoints. Pausing the collection of its invoices is another thing, and a setting of the
subscription: it stays active.
"""

from sandbox.stripe.billing import invoices
from sandbox.stripe.billing.proration import in_period, period_from, whole_lines
from sandbox.stripe.billing.settlement import items_list, method_for, names, settle, unpaid
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.errors import invalid
from sandbox.stripe.core.params import Params
from sandbox.stripe.subscriptions.lifecycle import PRORATIONS, credit_rest, not_ended


def pause(account: Account, params: Params, sub_id: str) -> Object:
    """POST /v1/subscriptions/{id}/pause: now; what is left of the period is credited later."""
    sub = not_ended(account, sub_id)
    params.choice("type", "subscription")
    params.choice("invoicing_behavior", "pending_invoice_item")
    if sub["schedule"]:
        raise invalid("You cannot pause a subscription with an attached schedule.")
    if sub["status"] not in ("active", "trialing", "past_due"):
        raise invalid(f"You cannot pause a subscription with status `{sub['status']}`.")
    credit_rest(account, sub)
    return paused(account, sub, "pause_requested")


def paused(account: Account, sub: Object, reason: str) -> Object:
    """The subscription becomes paused."""
    details = {
        "subscription": {"type": reason},
        "transitioned_at": account.now(),
        "type": "subscription",
    }
    after = account.change(sub, status="paused", status_details={"paused": details})
    account.emit("customer.subscription.paused", after, sub)
    return after


def resume(account: Account, params: Params, sub_id: str) -> Object:
    """POST /v1/subscriptions/{id}/resume: go on after a pause, in a new period unless told to
    keep the old one."""
    sub = account.get("subscription", sub_id)
    if sub["status"] != "paused":
        raise invalid("You can only resume a subscription with status `paused`.")
    anchor = params.below("billing_cycle_anchor")
    anew = anchor is None or anchor.choice("type", "now", "unchanged") == "now"
    params.choice("proration_behavior", "create_prorations", *PRORATIONS)
    params.ignore("payment_behavior", "proration_date")
    now, items = account.now(), sub["items"]["data"]
    if anew:
        sub = account.change(sub, billing_cycle_anchor=now, billing_cycle_anchor_config=None)
    period = period_from(sub, items, now)
    items = in_period(items, period)
    made = invoices.draft(
        account,
        sub,
        invoices.pending_lines(account, sub) + whole_lines(items, period, names(account)),
        "subscription_update",
    )
    sub = account.change(
        sub,
        status="active",
        status_details=None,
        latest_invoice=made["id"],
        items=items_list(sub["id"], items),
    )
    account.emit("customer.subscription.resumed", sub)
    made = invoices.finalize(account, made)
    if made["status"] == "open":
        made = invoices.attempt(account, made, method_for(account, sub))
    if made["status"] == "open":
        account.emit("invoice.payment_failed", made)
        unpaid(account, sub, made)
    else:
        settle(account, made)
    return account.get("subscription", sub_id)
