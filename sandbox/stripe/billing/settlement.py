"""What a payment, or the lack of one, means to the subscription it was for.

Between invoices, which know no subscriptions, and everything that starts a payment. Also works out
what was debited and applies a change that was worked out.
"""

from typing import Literal

from sandbox.stripe.billing import invoices
from sandbox.stripe.billing.payments import card_of
from sandbox.stripe.billing.proration import Debit, Plan, in_period, period_of
from sandbox.stripe.core.account import Account, Object, listed

PENDING_SECONDS = 23 * 3600
DAY_SECONDS = 86_400

Outcome = Literal["paid", "asks", "declined"]


def names(account: Account) -> dict[str, str]:
    """Products' names by id, for invoice lines."""
    return {product["id"]: product["name"] for product in account.all("product")}


def items_list(subscription_id: str, items: list[Object]) -> Object:
    """The list document a subscription has its items in."""
    return listed(items, f"/v1/subscription_items?subscription={subscription_id}")


def method_for(account: Account, sub: Object) -> Object | None:
    """The card that pays for a subscription: its own, else its customer's default."""
    customer = account.get("customer", sub["customer"])
    default = customer["invoice_settings"]["default_payment_method"]
    return account.find("payment_method", sub["default_payment_method"] or default)


def debits(account: Account, sub: Object) -> dict[str, Debit]:
    """What was last debited for each item up to the end of its period, on an invoice that stands
    or waiting for the next one."""
    end = sub["items"]["data"][0]["current_period_end"]
    found: dict[str, Debit] = {}
    for made in account.all("invoice"):
        if invoices.subscription_of(made) != sub["id"] or made["status"] == "void":
            continue
        if made["id"] == account.facts(sub["id"]).get("pending_invoice"):
            continue
        for line in made["lines"]["data"]:
            item = line["parent"]["subscription_item_details"]["subscription_item"]
            if line["amount"] >= 0 and line["period"]["end"] == end:
                start = line["period"]["start"]
                found[item] = Debit(line["amount"], start, end, made["id"], line["id"])
    for line in invoices.pending_lines(account, sub):
        if line.amount >= 0 and line.end == end:
            found[line.item_id] = Debit(line.amount, line.start, end, "", line.invoice_item or "")
    return found


def apply(account: Account, sub: Object, plan: Plan, **more: object) -> Object:
    """Give a subscription the items of a plan."""
    config = None if plan.resets else sub["billing_cycle_anchor_config"]
    return account.change(
        sub,
        items=items_list(sub["id"], plan.items),
        billing_cycle_anchor=plan.anchor,
        billing_cycle_anchor_config=config,
        **more,
    )


def outcome(account: Account, made: Object) -> Outcome:
    """How the last attempt on an invoice went."""
    if made["status"] == "paid":
        return "paid"
    asks = invoices.intent_of(account, made)["status"] == "requires_action"
    return "asks" if asks else "declined"


def collect(account: Account, made: Object) -> Object:
    """Try to pay an open invoice as the service does by itself, and let the subscription know; a
    renewal that fails is tried again later."""
    sub = account.find("subscription", invoices.subscription_of(made))
    chosen = account.find("payment_method", made["default_payment_method"])
    if chosen is None and sub is not None:
        chosen = method_for(account, sub)
    hopeless = chosen is not None and chosen["id"] == account.facts(made["id"]).get("hopeless")
    if not hopeless:
        made = invoices.attempt(account, made, chosen)
    if made["status"] == "paid":
        settle(account, made)
        return made
    if chosen is not None and card_of(account, chosen).hard:
        account.set_facts(made["id"], hopeless=chosen["id"])
    made = account.change(made, next_payment_attempt=_next_attempt(account, made))
    if not hopeless:
        account.emit("invoice.payment_failed", made)
    if sub is not None:
        unpaid(account, account.get("subscription", sub["id"]), made)
    return made


def pay(
    account: Account, made: Object, method: Object | None, *, authenticated: bool = False
) -> Object:
    """Try to pay an open invoice because somebody asks for it; retries go on as they were."""
    planned = made["next_payment_attempt"]
    made = invoices.attempt(account, made, method, authenticated=authenticated)
    if made["status"] == "paid":
        settle(account, made)
        return made
    made = account.change(made, next_payment_attempt=planned)
    account.emit("invoice.payment_failed", made)
    return made


def settle(account: Account, made: Object) -> None:
    """An invoice was paid: what was waiting for that happens."""
    sub = account.find("subscription", invoices.subscription_of(made))
    if sub is None or sub["status"] in ("canceled", "incomplete_expired"):
        return
    customer = account.get("customer", sub["customer"])
    if customer["delinquent"]:
        account.emit("customer.updated", account.change(customer, delinquent=False), customer)
    if account.facts(sub["id"]).get("pending_invoice") == made["id"]:
        apply_pending(account, sub)
    elif _is_latest_standing(account, sub, made) and sub["status"] in (
        "incomplete", "past_due", "unpaid",
    ):  # fmt: skip
        own = method_to_keep(account, sub, made)
        after = account.change(sub, status="active", default_payment_method=own)
        account.emit("customer.subscription.updated", after, sub)


def _is_latest_standing(account: Account, sub: Object, made: Object) -> bool:
    """Whether an invoice is the latest that stands: with a pending update, or after one, the
    subscription goes on "as if no update request was made" (Stripe, "Pending updates")."""
    pending = account.facts(sub["id"]).get("pending_invoice")
    standing = [
        one["id"]
        for one in account.all("invoice")
        if invoices.subscription_of(one) == sub["id"]
        and one["status"] != "void"
        and one["id"] != pending
    ]
    return standing[-1:] == [made["id"]]


def method_to_keep(account: Account, sub: Object, made: Object) -> str | None:
    """The subscription's own card once an invoice is paid: the one that paid, if it has none and
    its settings say so."""
    own: str | None = sub["default_payment_method"]
    saves = sub["payment_settings"]["save_default_payment_method"] == "on_subscription"
    if own is None and saves and made["amount_due"]:
        own = invoices.intent_of(account, made)["payment_method"]
    return own


def apply_pending(account: Account, sub: Object) -> Object:
    """A pending update is paid for and comes into force."""
    update = account.facts(sub["id"])["pending_plan"]
    account.set_facts(sub["id"], pending_plan=None, pending_invoice=None)
    items, resets = update["items"], update["resets"]
    items = items if resets else in_period(items, period_of(sub))
    anchor = update["anchor"] if resets else sub["billing_cycle_anchor"]
    plan = Plan(items=items, anchor=anchor, lines=[], resets=resets)
    after = apply(account, sub, plan, pending_update=None)
    account.emit("customer.subscription.pending_update_applied", after)
    account.emit("customer.subscription.updated", after, sub)
    return after


def drop_pending(account: Account, sub: Object, event: str = "") -> Object:
    """A pending update is over, by time or by a newer one; its invoice is void."""
    made = account.get("invoice", account.facts(sub["id"])["pending_invoice"])
    account.set_facts(sub["id"], pending_plan=None, pending_invoice=None)
    if made["status"] == "open":
        invoices.void(account, made)
    after = account.change(sub, pending_update=None)
    if event:
        account.emit(event, after)
    return after


def _next_attempt(account: Account, made: Object) -> int | None:
    """When a renewal is tried again; nothing else is tried again by itself."""
    retries = account.rules.retry_days
    used = account.facts(made["id"]).get("retries", 0)
    if made["billing_reason"] != "subscription_cycle" or used >= len(retries):
        return None
    account.set_facts(made["id"], retries=used + 1)
    return account.now() + retries[used] * DAY_SECONDS


def unpaid(account: Account, sub: Object, made: Object) -> None:
    """The latest invoice could not be collected: the subscription is past due, or it ends."""
    if not _is_latest_standing(account, sub, made) or sub["status"] not in ("active", "past_due"):
        return
    customer = account.get("customer", sub["customer"])
    if not customer["delinquent"]:
        account.emit("customer.updated", account.change(customer, delinquent=True), customer)
    gives_up = (
        made["billing_reason"] == "subscription_cycle" and made["next_payment_attempt"] is None
    )
    if gives_up and account.rules.after_retries == "cancel":
        end(account, sub, "payment_failed")
        return
    stays = not (gives_up and account.rules.after_retries == "unpaid")
    after = account.change(sub, status="past_due" if stays else "unpaid")
    if after != sub:
        account.emit("customer.subscription.updated", after, sub)


def end(account: Account, sub: Object, reason: str | None, **details: object) -> Object:
    """The subscription is over, now; open invoices are not collected any more."""
    now = account.now()
    schedule = account.find("subscription_schedule", sub["schedule"])
    if sub["pending_update"] is not None:
        sub = drop_pending(account, sub)
    for made in account.all("invoice"):
        if invoices.subscription_of(made) == sub["id"] and made["status"] in ("draft", "open"):
            account.change(
                made,
                auto_advance=False,
                next_payment_attempt=None,
                automatically_finalizes_at=None,
            )
    given = {key: value for key, value in details.items() if value is not None}
    after = account.change(
        sub,
        status="canceled",
        ended_at=now,
        canceled_at=sub["canceled_at"] or now,
        schedule=None,
        cancellation_details={
            **sub["cancellation_details"],
            **({"reason": reason} if reason else {}),
            **given,
        },
    )
    account.emit("customer.subscription.deleted", after)
    if schedule is not None and schedule["status"] == "active":
        closed = account.change(schedule, status="canceled", canceled_at=now, current_phase=None)
        account.emit("subscription_schedule.canceled", closed)
    return after
