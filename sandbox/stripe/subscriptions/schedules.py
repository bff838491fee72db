"""Subscription schedules: phases of prices that follow each other, for a running subscription.

Endpoints and the change from one phase to the next. A schedule is made from a subscription and then
given its phases, in two requests (Stripe, "Subscription schedules").
"""

from sandbox.stripe.billing.proration import period_of, recurring_of
from sandbox.stripe.billing.settlement import end
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.errors import invalid
from sandbox.stripe.core.params import Params
from sandbox.stripe.core.periods import Recurring, boundary
from sandbox.stripe.shapes.billing import item, phase, phase_item, schedule
from sandbox.stripe.shapes.catalog import plan_of
from sandbox.stripe.subscriptions.items import sold
from sandbox.stripe.subscriptions.lifecycle import PRORATIONS, not_ended
from sandbox.stripe.subscriptions.renewals import renew
from sandbox.stripe.subscriptions.updates import Switch, switch

KIND = "subscription_schedule"
ANEW = "phase_start"


def create(account: Account, params: Params) -> Object:
    """POST /v1/subscription_schedules with `from_subscription`, which allows nothing else."""
    sub = before = not_ended(account, params.need("from_subscription"))
    if len(params.tree) > 1 + ("expand" in params):
        raise invalid(
            "You cannot set any other parameters if `from_subscription` is set.",
            "from_subscription",
        )
    if sub["schedule"]:
        raise invalid(
            "You cannot migrate a subscription that is already attached to a schedule: "
            f"`{sub['schedule']}`.",
            "from_subscription",
        )
    made = attach_to(account, sub)
    account.emit(f"{KIND}.created", made)
    account.emit("customer.subscription.updated", account.get("subscription", sub["id"]), before)
    return made


def attach_to(account: Account, sub: Object) -> Object:
    """A schedule that holds what the subscription is, until the end of its period."""
    start, until = period_of(sub)
    items = [phase_item(one["price"]["id"], one["quantity"]) for one in sub["items"]["data"]]
    phases = [phase(sub["currency"], items, start, until)]
    made = account.put(schedule(account.new_id("sub_sched"), account.now(), sub, phases))
    account.change(sub, schedule=made["id"])
    return made


def update(account: Account, params: Params, schedule_id: str) -> Object:
    """POST /v1/subscription_schedules/{id}."""
    before = _running(account, schedule_id)
    prorations = params.choice("proration_behavior", "create_prorations", *PRORATIONS)
    params.ignore("default_settings")
    phases = _phases(account, params, before) if "phases" in params else before["phases"]
    made = account.change(
        before,
        end_behavior=params.choice("end_behavior", before["end_behavior"], "release", "cancel"),
        metadata=params.metadata(before["metadata"]),
        phases=phases,
        current_phase={key: phases[0][key] for key in ("end_date", "start_date")},
    )
    account.emit(f"{KIND}.updated", made, before)
    if phases[0]["items"] != before["phases"][0]["items"]:
        sub = account.get("subscription", made["subscription"])
        items = phase_items(account, sub, phases[0])
        how = Switch(at=account.now(), prorations=prorations, by_schedule=True)
        switch(account, sub, items, how, sub)
    return account.get(KIND, schedule_id)


def schedule_change(account: Account, made: Object, sub: Object, price: Object) -> None:
    """Let a fresh schedule change to one price when the period ends; the portal's way."""
    first = made["phases"][0]
    until = boundary(first["end_date"], recurring_of([{"price": price}]), 1)
    then = phase(
        sub["currency"],
        [phase_item(price["id"], sub["items"]["data"][0]["quantity"])],
        first["end_date"],
        until,
        proration_behavior="none",
    )
    made = account.change(made, phases=[first, then])
    account.emit(f"{KIND}.created", made)
    account.emit("customer.subscription.updated", account.get("subscription", sub["id"]), sub)


def release(account: Account, params: Params, schedule_id: str) -> Object:
    """POST /v1/subscription_schedules/{id}/release: the subscription goes on by itself."""
    params.ignore("preserve_cancel_date")
    return detach(account, _running(account, schedule_id))


def detach(account: Account, made: Object) -> Object:
    """Detach a schedule from its subscription."""
    sub = account.get("subscription", made["subscription"])
    after = account.change(
        made,
        status="released",
        released_at=account.now(),
        released_subscription=sub["id"],
        subscription=None,
        current_phase=None,
    )
    account.emit(f"{KIND}.released", after)
    account.emit("customer.subscription.updated", account.change(sub, schedule=None), sub)
    return after


def cancel(account: Account, params: Params, schedule_id: str) -> Object:
    """POST /v1/subscription_schedules/{id}/cancel: the subscription ends now, too."""
    params.ignore("invoice_now", "prorate")
    made = _running(account, schedule_id)
    end(account, account.get("subscription", made["subscription"]), "cancellation_requested")
    return account.get(KIND, schedule_id)


def advance_phase(account: Account, made: Object) -> None:
    """A phase is over: the next one begins, or the schedule ends.

    When the subscription's period ends with the phase, the next period begins with the new prices
    in one step, so that no proration arises. A phase may move the anchor to its start (Stripe,
    `phases.billing_cycle_anchor`): a period that is cut short by that is credited and the new one
    asked for at once.
    """
    sub = account.get("subscription", made["subscription"])
    now = account.now()
    upcoming = [one for one in made["phases"] if one["start_date"] >= now]
    if not upcoming:
        if made["end_behavior"] == "cancel":
            end(account, account.change(sub, schedule=None), None)
            done = account.change(made, status="completed", completed_at=now, current_phase=None)
            account.emit(f"{KIND}.completed", done)
        else:
            detach(account, made)
        return
    following = upcoming[0]
    after = account.change(
        made, current_phase={key: following[key] for key in ("end_date", "start_date")}
    )
    items, anew = phase_items(account, sub, following), following["billing_cycle_anchor"] == ANEW
    if period_of(sub)[1] > now:
        prorations = following["proration_behavior"]
        how = Switch(at=now, prorations=prorations, anew=anew, by_schedule=True)
        switch(account, sub, items, how, sub)
    else:
        anchor = {"billing_cycle_anchor": now, "billing_cycle_anchor_config": None} if anew else {}
        renew(account, account.change(sub, **anchor), items, before=sub)
    account.emit(f"{KIND}.updated", after, made)


def phase_items(account: Account, sub: Object, of: Object) -> list[Object]:
    """A phase's prices as items; those the subscription has keep their ids in turn."""
    old = sub["items"]["data"]
    items = []
    for place, wanted in enumerate(of["items"]):
        price = account.get("price", wanted["price"])
        if place < len(old):
            base = {**old[place], "price": price, "plan": plan_of(price)}
        else:
            base = item(account.new_id("si"), account.now(), sub["id"], price)
        items.append({**base, "quantity": wanted["quantity"]})
    return items


def _running(account: Account, schedule_id: str) -> Object:
    made = account.get(KIND, schedule_id)
    if made["status"] != "active":
        raise invalid(
            f"You cannot change a subscription schedule that is in the `{made['status']}` status."
        )
    return made


def _phases(account: Account, params: Params, made: Object) -> list[Object]:
    sub = account.get("subscription", made["subscription"])
    begins = made["current_phase"]["start_date"]
    phases: list[Object] = []
    for given in params.each("phases"):
        start = account.now() if given.text("start_date") == "now" else given.integer("start_date")
        expected = phases[-1]["end_date"] if phases else begins
        if start not in (None, expected):
            raise invalid(
                "The start date of a phase must be the current phase's or the end date of the "
                "phase before.",
                given.path("start_date"),
            )
        phases.append(_phase(account, sub, given, expected))
    if not phases or phases[-1]["end_date"] <= account.now():
        raise invalid("The last phase must end in the future.", "phases")
    return phases


def _phase(account: Account, sub: Object, given: Params, start: int) -> Object:
    items = []
    recurring = None
    for entry in given.each("items"):
        price = sold(account, entry.text("price"), entry.path("price"))
        recurring = recurring or price["recurring"]
        quantity = entry.integer("quantity")
        entry.metadata()
        items.append(phase_item(price["id"], 1 if quantity is None else quantity))
    if recurring is None:
        raise invalid("Missing required param: items.", given.path("items"), "parameter_missing")
    duration, until = given.below("duration"), given.integer("end_date")
    if duration is not None:
        every = Recurring(duration.need("interval"), duration.integer("interval_count") or 1)
        until = boundary(start, every, 1)
    elif until is None:
        until = boundary(start, Recurring(recurring["interval"], recurring["interval_count"]), 1)
    if until <= start:
        raise invalid("The end date of a phase must be after its start.", given.path("end_date"))
    prorations = given.choice("proration_behavior", "create_prorations", *PRORATIONS)
    given.ignore("collection_method", "currency")
    discounts = [{"discount": entry.need("discount")} for entry in given.each("discounts")]
    return phase(
        sub["currency"],
        items,
        start,
        until,
        discounts=discounts,
        trial_end=until if given.flag("trial") else None,
        billing_cycle_anchor=given.choice("billing_cycle_anchor", "", "automatic", ANEW) or None,
        metadata=given.metadata(),
        proration_behavior=prorations,
    )
