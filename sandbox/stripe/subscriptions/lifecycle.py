"""Subscriptions: begun, looked up, canceled, resumed. Their changes are in `updates`.

Endpoints, called within a transaction.
"""

from sandbox.stripe.billing import invoices
from sandbox.stripe.billing.payments import attach, usable_method
from sandbox.stripe.billing.proration import (
    in_period,
    part_lines,
    period_of,
    plan_change,
    recurring_of,
    trial_lines,
    whole_lines,
)
from sandbox.stripe.billing.settlement import (
    DAY_SECONDS,
    debits,
    end,
    items_list,
    method_for,
    method_to_keep,
    names,
)
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.errors import card_error, invalid, missing
from sandbox.stripe.core.listing import matching, page
from sandbox.stripe.core.params import Params
from sandbox.stripe.core.periods import AnchorConfig, first_anchor, period_at
from sandbox.stripe.shapes.billing import Line, subscription
from sandbox.stripe.subscriptions.items import edit_items

BEHAVIORS = ("default_incomplete", "error_if_incomplete", "pending_if_incomplete")
PRORATIONS = ("always_invoice", "none")
Money = tuple[Object, list[Line]]


def create(account: Account, params: Params) -> Object:
    """POST /v1/subscriptions."""
    customer = account.get("customer", params.need("customer"), "customer")
    behavior = params.choice("payment_behavior", "allow_incomplete", *BEHAVIORS)
    if behavior == "pending_if_incomplete":
        raise invalid("Cannot use `pending_if_incomplete` when creating.", "payment_behavior")
    params.choice("collection_method", "charge_automatically")
    params.ignore("off_session")
    sub, lines = begin(account, params, customer)
    method = params.text("default_payment_method")
    if method:
        chosen = account.get("payment_method", method, "default_payment_method")
        sub = account.change(sub, default_payment_method=chosen["id"])
        if chosen["customer"] != customer["id"]:
            raise missing("payment_method", method, "default_payment_method")
    return open_with_invoice(account, sub, lines, behavior)


def begin(account: Account, params: Params, customer: Object) -> Money:
    """A new subscription as asked for, kept but neither emitted nor invoiced, and what it costs to
    begin with."""
    now = account.now()
    sub_id = account.new_id("sub")
    items = edit_items(account, [], params, sub_id)
    if not items:
        raise invalid("Missing required param: items.", "items", "parameter_missing")
    trial_end = _trial_end(params, now)
    config, anchor = _anchor(params, trial_end or now)
    anchor = anchor or trial_end or now
    free = params.choice("proration_behavior", "create_prorations", *PRORATIONS) == "none"
    day = config.day_of_month if config else None
    whole = period_at(anchor, recurring_of(items), anchor - (1 if anchor > now else 0), day)
    if anchor > now and not trial_end and whole[0] > now:
        raise invalid(
            "billing_cycle_anchor cannot be later than next natural billing date",
            "billing_cycle_anchor",
        )
    if trial_end:
        items = in_period(items, (now, trial_end))
        lines = trial_lines(items, (now, trial_end), names(account))
    elif anchor > now:
        items = in_period(items, (now, anchor))
        seconds = whole[1] - whole[0]
        lines = part_lines(items, (now, anchor), seconds, free=free, names=names(account))
    else:
        items = in_period(items, whole)
        lines = whole_lines(items, whole, names(account))
    made = subscription(
        sub_id,
        now,
        billing_cycle_anchor=anchor,
        billing_cycle_anchor_config=_config_document(config),
        currency=items[0]["price"]["currency"],
        customer=customer["id"],
        items=items_list(sub_id, items),
        test_clock=customer["test_clock"],
        trial_start=now if trial_end else None,
        trial_end=trial_end,
        **_common(params, now),
    )
    return account.put({**made, **cancellation(account, params, made)}), lines


def open_with_invoice(
    account: Account,
    sub: Object,
    lines: list[Line],
    behavior: str,
    *,
    authenticated: bool = False,
) -> Object:
    """Invoice a new subscription and try to collect it, emitting events in Stripe's order."""
    first = len(account.new_events)
    customer = account.get("customer", sub["customer"])
    if customer["currency"] is None:
        account.change(customer, currency=sub["currency"])
    method = method_for(account, sub)
    made = invoices.draft(account, sub, lines, "subscription_create")
    sub = account.change(sub, latest_invoice=made["id"])
    if method is None and behavior != "default_incomplete" and made["amount_due"]:
        raise invalid(
            "This customer has no attached payment source or default payment method. Please "
            "consider adding a default payment method. For more information, visit "
            "https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
            code="resource_missing",
        )
    made = invoices.finalize(account, made)
    if made["status"] == "open" and behavior != "default_incomplete":
        made = invoices.attempt(account, made, method, authenticated=authenticated)
        if made["status"] == "open":
            account.emit("invoice.payment_failed", made)
    if made["status"] == "open" and behavior == "error_if_incomplete":
        raise payment_failed(account, made)
    status = "incomplete" if made["status"] == "open" else "active"
    if status == "active" and sub["trial_end"]:
        status = "trialing"
    own = (
        method_to_keep(account, sub, made) if status == "active" else sub["default_payment_method"]
    )
    sub = account.change(sub, status=status, default_payment_method=own)
    account.emit("customer.subscription.created", sub, at=first)
    if sub["trial_end"] and sub["trial_end"] - account.now() < 3 * DAY_SECONDS:
        account.emit("customer.subscription.trial_will_end", sub)
        account.set_facts(sub["id"], trial_told=sub["trial_end"])
    return sub


def payment_failed(account: Account, made: Object) -> Exception:
    """The refusal that `error_if_incomplete` asks for."""
    intent = invoices.intent_of(account, made)
    error = intent["last_payment_error"] or {
        "code": "subscription_payment_intent_requires_action",
        "message": "Payment for this subscription requires additional user action before it can "
        "be completed successfully.",
        "type": "card_error",
    }
    return card_error(error, keeps=False)


def index(account: Account, params: Params) -> Object:
    """GET /v1/subscriptions; canceled ones only when asked for."""
    status = params.text("status")
    rows = matching(params, account.all("subscription"), "customer", "test_clock")
    gone = ("canceled", "incomplete_expired")
    if status == "ended":
        rows = [row for row in rows if row["status"] in gone]
    elif not status:
        rows = [row for row in rows if row["status"] not in gone]
    elif status != "all":
        rows = [row for row in rows if row["status"] == status]
    if price := params.text("price"):
        rows = [
            row
            for row in rows
            if any(item["price"]["id"] == price for item in row["items"]["data"])
        ]
    return page(params, rows, "/v1/subscriptions")


def credit_rest(account: Account, sub: Object) -> None:
    """What is left of the paid period is credited on the next invoice."""
    credits_ = plan_change(
        sub,
        sub["items"]["data"],
        debits(account, sub),
        names(account),
        at=account.now(),
        prorated=True,
        anew=True,
    ).lines
    invoices.add_pending_lines(account, sub, [line for line in credits_ if line.amount < 0])


def cancel(account: Account, params: Params, sub_id: str) -> Object:
    """DELETE /v1/subscriptions/{id}: now. Credits only with `prorate`, billed with
    `invoice_now`."""
    sub = not_ended(account, sub_id)
    prorate, invoice_now = params.flag("prorate"), params.flag("invoice_now")
    details = params.below("cancellation_details")
    comment = details and details.text("comment")
    feedback = details and details.text("feedback")
    if prorate:
        credit_rest(account, sub)
    if invoice_now and (lines := invoices.pending_lines(account, sub)):
        made = invoices.draft(account, sub, lines, "subscription_update")
        sub = account.change(sub, latest_invoice=made["id"])
        made = invoices.finalize(account, made)
        if made["status"] == "open":
            invoices.attempt(account, made, method_for(account, sub))
    return end(account, sub, "cancellation_requested", comment=comment, feedback=feedback)


def not_ended(account: Account, sub_id: str) -> Object:
    """A subscription that has not ended. Raises StripeError as Stripe does for ended ones."""
    sub = account.get("subscription", sub_id)
    if sub["status"] in ("canceled", "incomplete_expired"):
        raise missing("subscription", sub_id, "id")
    return sub


def cancellation(account: Account, params: Params, sub: Object) -> Object:
    """The fields that a requested end changes. The flag alone ends with the period; `cancel_at` is
    a time, or the word for the end of the period, which becomes a time at once."""
    fields: Object = {}
    at_end = params.flag("cancel_at_period_end")
    if at_end is not None:
        fields["cancel_at_period_end"] = at_end
    if "cancel_at" in params:
        word = params.text("cancel_at")
        if word in ("min_period_end", "max_period_end"):
            fields["cancel_at"] = period_of(sub)[1]
        else:
            fields["cancel_at"] = params.integer("cancel_at")
        if fields["cancel_at"] and fields["cancel_at"] <= account.now():
            raise invalid("`cancel_at` must be in the future.", "cancel_at")
        if fields["cancel_at"] and at_end:
            raise invalid("You may only pass one of `cancel_at` and `cancel_at_period_end`.")
    details = params.below("cancellation_details")
    given = {
        name: details.text_or(name, sub["cancellation_details"][name])
        for name in ("comment", "feedback")
    } if details is not None else {}  # fmt: skip
    if not fields and not given:
        return {}
    after = {**sub, **fields}
    ends = after["cancel_at_period_end"] or after["cancel_at"] is not None
    return {
        **fields,
        "canceled_at": (sub["canceled_at"] or account.now()) if ends else None,
        "cancellation_details": {
            **sub["cancellation_details"],
            **given,
            "reason": "cancellation_requested" if ends else None,
        },
    }


def attached_default(account: Account, params: Params, sub: Object) -> str | None:
    """The subscription's own card after an update."""
    name = params.text_or("default_payment_method", sub["default_payment_method"])
    if name is None or name == sub["default_payment_method"]:
        return name
    customer = account.get("customer", sub["customer"])
    method = attach(account, usable_method(account, name, "default_payment_method"), customer)
    return str(method["id"])


def _common(params: Params, now: int) -> Object:
    settings = params.below("payment_settings")
    trial = params.below("trial_settings")
    ends = trial and trial.below("end_behavior")
    mode = params.below("billing_mode")
    saves = (
        settings.choice("save_default_payment_method", "off", "on_subscription")
        if settings
        else "off"
    )
    if settings:
        settings.ignore("payment_method_options", "payment_method_types")
    classic = mode is not None and mode.choice("type", "flexible", "classic") == "classic"
    if mode is not None:
        mode.ignore("flexible")
    missing_method = (
        ends.choice("missing_payment_method", "create_invoice", "cancel", "pause")
        if ends
        else "create_invoice"
    )
    return {
        "billing_mode": {"flexible": None, "type": "classic"}
        if classic
        else {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "description": params.text_or("description", None),
        "metadata": params.metadata(),
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": saves,
        },
        "trial_settings": {"end_behavior": {"missing_payment_method": missing_method}},
        "start_date": now,
    }


def _trial_end(params: Params, now: int) -> int | None:
    days, at = params.integer("trial_period_days"), params.text("trial_end")
    if at == "now" or not (days or at):
        return None
    ends = params.integer("trial_end") if at else now + (days or 0) * DAY_SECONDS
    if ends is None or ends <= now:
        raise invalid(
            "Invalid timestamp: must be an integer Unix timestamp in the future", "trial_end"
        )
    return ends


def _anchor(params: Params, earliest: int) -> tuple[AnchorConfig | None, int | None]:
    at, given = params.integer("billing_cycle_anchor"), params.below("billing_cycle_anchor_config")
    if given is None:
        if at is not None and at < earliest:
            raise invalid("Invalid timestamp: must be in the future", "billing_cycle_anchor")
        return None, at
    if at is not None:
        raise invalid("You may only pass one of billing_cycle_anchor and its config.")
    day = given.integer("day_of_month")
    if day is None or not 1 <= day <= 31:
        raise invalid("Invalid day_of_month: must be between 1 and 31", given.path("day_of_month"))
    config = AnchorConfig(
        day_of_month=day,
        month=given.integer("month"),
        hour=given.integer("hour"),
        minute=given.integer("minute"),
        second=given.integer("second"),
    )
    return config, first_anchor(earliest, config)


def _config_document(config: AnchorConfig | None) -> Object | None:
    return (
        None
        if config is None
        else {name: getattr(config, name) for name in config.__struct_fields__}
    )
