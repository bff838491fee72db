"""A new period of a subscription: its items move on and its invoice is drafted.

The draft is finalized an hour later by time passing, as Stripe does, so a period that has ended
says nothing yet about a payment.
"""

from sandbox.stripe.billing import invoices
from sandbox.stripe.billing.proration import (
    in_period,
    part_lines,
    period_from,
    period_of,
    plan_change,
    whole_lines,
)
from sandbox.stripe.billing.settlement import apply, debits, items_list, names
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.shapes.billing import Line

DRAFT_SECONDS = 3600


def renew(account: Account, sub: Object, items: list[Object], before: Object) -> Object:
    """Begin the next period at this moment with these items; what changed since `before` is one
    event, followed by that of the draft."""
    now, previous = account.now(), period_of(sub)
    plan = plan_change(sub, items, debits(account, sub), names(account), at=now, prorated=False)
    sub = apply(account, sub, plan)
    sub, lines = _next_period(account, sub)
    drafts_only = (sub["pause_collection"] or {}).get("behavior") == "keep_as_draft"
    collects = sub["status"] != "unpaid" and not drafts_only
    place = len(account.new_events)
    made = invoices.draft(
        account,
        sub,
        invoices.pending_lines(account, sub) + lines,
        "subscription_cycle",
        period=previous,
        finalizes_at=now + DRAFT_SECONDS if collects else None,
        auto_advance=collects,
    )
    sub = account.change(sub, latest_invoice=made["id"])
    account.emit("customer.subscription.updated", sub, before, at=place)
    return sub


def _next_period(account: Account, sub: Object) -> tuple[Object, list[Line]]:
    now, items, anchor = account.now(), sub["items"]["data"], sub["billing_cycle_anchor"]
    if anchor > now:  # a trial has ended before the day every period shall begin with
        start, end = period_from(sub, items, anchor - 1)
        period = (now, anchor)
        lines = part_lines(items, period, end - start, free=False, names=names(account))
    else:
        period = period_from(sub, items, now)
        lines = whole_lines(items, period, names(account))
    items = in_period(items, period)
    return account.change(sub, items=items_list(sub["id"], items)), lines
