"""Changing a running subscription: prices, quantity, anchor, trial, cancellation, settings.

One endpoint with four payment behaviours; `switch` is the same change as the portal and schedules
make it.
"""

import msgspec

from sandbox.stripe.billing import invoices
from sandbox.stripe.billing.proration import Plan, period_of, plan_change
from sandbox.stripe.billing.settlement import (
    PENDING_SECONDS,
    apply,
    debits,
    drop_pending,
    items_list,
    method_for,
    method_to_keep,
    names,
    unpaid,
)
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.errors import StripeError, invalid
from sandbox.stripe.core.params import Params
from sandbox.stripe.subscriptions.items import edit_items
from sandbox.stripe.subscriptions.lifecycle import (
    BEHAVIORS,
    PRORATIONS,
    attached_default,
    cancellation,
    not_ended,
    payment_failed,
)

# Stripe, "Pending updates": nothing else may come with `pending_if_incomplete`.
_PENDING_ALLOWS = frozenset(
    (
        "items", "payment_behavior", "proration_behavior", "proration_date",
        "billing_cycle_anchor", "trial_end", "trial_from_plan", "add_invoice_items", "expand",
        "off_session",
    )
)  # fmt: skip


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """How a change of items is made: `at` is the moment prorations count from, `by_schedule` says
    that a schedule makes it and need not follow."""

    at: int
    behavior: str = "allow_incomplete"
    prorations: str = "create_prorations"
    anew: bool = False
    by_schedule: bool = False


def update(account: Account, params: Params, sub_id: str) -> Object:
    """POST /v1/subscriptions/{id}."""
    sub = before = not_ended(account, sub_id)
    how = read_switch(account, params, sub)
    params.ignore("off_session")
    if how.behavior == "pending_if_incomplete":
        _check_pending(params)
    _check_schedule(params, sub)
    items = edit_items(account, sub["items"]["data"], params, sub_id)
    if not items:
        raise invalid("A subscription must have at least one item.", "items")
    settings = params.below("payment_settings")
    fields = cancellation(account, params, sub)
    if settings is not None:
        saves = settings.choice("save_default_payment_method", "off", "on_subscription")
        settings.ignore("payment_method_options", "payment_method_types")
        fields["payment_settings"] = {
            **sub["payment_settings"],
            "save_default_payment_method": saves,
        }
    sub = account.change(
        sub,
        default_payment_method=attached_default(account, params, sub),
        description=params.text_or("description", sub["description"]),
        metadata=params.metadata(sub["metadata"]),
        pause_collection=_pause_collection(params, sub),
        **fields,
    )
    sub, how = _new_trial(account, params, sub, how)
    if "items" in params or how.anew:
        return switch(account, sub, items, how, before)
    if sub != before:
        account.emit("customer.subscription.updated", sub, before)
    return sub


def _pause_collection(params: Params, sub: Object) -> Object | None:
    """An empty one takes the pause back; of the behaviours two are known here."""
    if "pause_collection" not in params:
        found: Object | None = sub["pause_collection"]
        return found
    given = params.below("pause_collection")
    if given is None:
        return None
    given.need("behavior")
    return {
        "behavior": given.choice("behavior", "void", "keep_as_draft"),
        "resumes_at": given.integer("resumes_at"),
    }


def read_switch(account: Account, params: Params, sub: Object) -> Switch:
    """The parameters that say how items change; also those of a preview."""
    date, anchor = params.integer("proration_date"), params.below("billing_cycle_anchor")
    now = account.now()
    start, end = period_of(sub)
    if date is not None and not start <= date <= end:
        raise invalid(
            "Invalid proration_date: must be within the current billing period.",
            params.path("proration_date"),
        )
    if date is not None and sub["status"] == "trialing":
        date = None
    return Switch(
        at=now if date is None else date,
        behavior=params.choice("payment_behavior", "allow_incomplete", *BEHAVIORS),
        prorations=params.choice("proration_behavior", "create_prorations", *PRORATIONS),
        anew=anchor is not None and anchor.choice("type", "unchanged", "now") == "now",
    )


def work_out(account: Account, sub: Object, items: list[Object], how: Switch) -> Plan:
    """What a change would cost and leave."""
    return plan_change(
        sub,
        items,
        debits(account, sub),
        names(account),
        at=how.at,
        prorated=how.prorations != "none",
        anew=how.anew,
    )


def switch(
    account: Account, sub: Object, items: list[Object], how: Switch, before: Object
) -> Object:
    """Change a subscription's items and collect what must be collected at once."""
    if sub["pending_update"] is not None:
        sub = drop_pending(account, sub)
    plan = work_out(account, sub, items, how)
    lines = plan.lines
    if not (plan.resets or (lines and how.prorations == "always_invoice")):
        invoices.add_pending_lines(account, sub, lines)
        return _changed(account, apply(account, sub, plan), before, how)
    waiting = invoices.pending_lines(account, sub)
    made = invoices.draft(account, sub, waiting + lines, "subscription_update")
    made = invoices.finalize(account, made)
    if made["status"] == "open" and how.behavior != "default_incomplete":
        made = invoices.attempt(account, made, method_for(account, sub))
    sub = account.change(sub, latest_invoice=made["id"])
    if made["status"] == "paid":
        sub = account.change(sub, default_payment_method=method_to_keep(account, sub, made))
        return _changed(account, apply(account, sub, plan), before, how)
    if how.behavior == "error_if_incomplete":
        raise payment_failed(account, made)
    if how.behavior != "default_incomplete":
        account.emit("invoice.payment_failed", made)
    if how.behavior == "pending_if_incomplete":
        return _set_pending(account, sub, plan, made, before)
    sub = _changed(account, apply(account, sub, plan), before, how)
    unpaid(account, sub, made)
    return account.get("subscription", sub["id"])


def _changed(account: Account, sub: Object, before: Object, how: Switch) -> Object:
    if sub != before:
        account.emit("customer.subscription.updated", sub, before)
    schedule = account.find("subscription_schedule", sub["schedule"])
    if schedule is not None and not how.by_schedule and sub["items"] != before["items"]:
        account.emit("subscription_schedule.updated", mirror(account, schedule, sub), schedule)
    return sub


def mirror(account: Account, schedule: Object, sub: Object) -> Object:
    """The running phase of a schedule follows a change made to its subscription directly."""
    current = schedule["current_phase"]["start_date"]
    items = [
        {"price": item["price"]["id"], "plan": item["price"]["id"], "quantity": item["quantity"]}
        for item in sub["items"]["data"]
    ]
    blank = schedule["phases"][0]["items"][0]
    phases = [
        {**phase, "items": [{**blank, **item} for item in items]}
        if phase["start_date"] == current
        else phase
        for phase in schedule["phases"]
    ]
    return account.change(schedule, phases=phases)


def _set_pending(account: Account, sub: Object, plan: Plan, made: Object, before: Object) -> Object:
    expires_at = account.now() + PENDING_SECONDS
    account.set_facts(
        sub["id"],
        pending_invoice=made["id"],
        pending_plan={"items": plan.items, "anchor": plan.anchor, "resets": plan.resets},
    )
    after = account.change(
        sub,
        pending_update={
            "billing_cycle_anchor": plan.anchor if plan.resets else None,
            "expires_at": expires_at,
            "subscription_items": plan.items,
            "trial_end": None,
            "trial_from_plan": None,
        },
    )
    account.emit("customer.subscription.updated", after, before)
    return after


def _new_trial(account: Account, params: Params, sub: Object, how: Switch) -> tuple[Object, Switch]:
    if "trial_end" not in params:
        return sub, how
    now = account.now()
    if params.text("trial_end") == "now":
        if sub["status"] != "trialing":
            return sub, how
        sub = account.change(sub, trial_end=now, status="active")
        return sub, msgspec.structs.replace(how, anew=True, at=now)
    ends = params.integer("trial_end")
    if sub["status"] != "trialing" or ends is None or ends <= now:
        raise invalid("The sandbox only moves the end of a running trial.", "trial_end")
    items = [{**item, "current_period_end": ends} for item in sub["items"]["data"]]
    sub = account.change(
        sub, trial_end=ends, billing_cycle_anchor=ends, items=items_list(sub["id"], items)
    )
    return sub, how


def _check_pending(params: Params) -> None:
    for name in params.tree:
        if name not in _PENDING_ALLOWS:
            raise invalid(
                "When `payment_behavior` is set to `pending_if_incomplete`, you can only pass "
                f"{', '.join(sorted(_PENDING_ALLOWS - {'off_session'}))}.",
                name,
            )


def _check_schedule(params: Params, sub: Object) -> None:
    if sub["schedule"] and ("cancel_at" in params or "cancel_at_period_end" in params):
        raise StripeError(
            400,
            f"The subscription is managed by the subscription schedule `{sub['schedule']}`, and "
            "updating any cancelation behavior directly is not allowed. Please update the "
            "schedule instead.",
        )
