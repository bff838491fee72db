"""Work that is due: renewals, attempts, phases of schedules, ends of trials, expiries, notices.

What is due is read off the documents themselves, so nothing is lost when the process restarts, and
done one by one in the order it is due, each at its own moment.
"""

from collections.abc import Callable, Iterator

import msgspec

from sandbox.stripe.billing import invoices
from sandbox.stripe.billing.proration import period_of
from sandbox.stripe.billing.settlement import (
    DAY_SECONDS,
    PENDING_SECONDS,
    collect,
    drop_pending,
    end,
    method_for,
    settle,
)
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.sales import checkout
from sandbox.stripe.subscriptions import schedules
from sandbox.stripe.subscriptions.pauses import paused
from sandbox.stripe.subscriptions.preview import upcoming
from sandbox.stripe.subscriptions.renewals import renew

TRIAL_NOTICE_SECONDS = 3 * DAY_SECONDS
_NOTICE_RANK = 8
Action = Callable[[Account, Object], object]


class Due(msgspec.Struct, frozen=True, order=True):
    """Something to do for an object at a moment; of things due together the lower `rank` comes
    first."""

    at: int
    rank: int
    kind: str
    object_id: str
    action: str = msgspec.field(name="deed")  # as /world/clock shows it


def next_due(account: Account) -> Due | None:
    """What is to be done next, if anything."""
    found = [
        *(due for sub in account.all("subscription") for due in _subscription_due(account, sub)),
        *(due for made in account.all("invoice") for due in _invoice_due(made)),
        *(
            Due(made["current_phase"]["end_date"], 2, made["object"], made["id"], "turn")
            for made in account.all("subscription_schedule")
            if made["status"] == "active"
        ),
        *(
            Due(session["expires_at"], 7, session["object"], session["id"], "expire_session")
            for session in account.all("checkout.session")
            if session["status"] == "open"
        ),
    ]
    return min(found, default=None)


def run_until(account: Account, limit: int) -> list[Due]:
    """Do everything due up to a moment, that moment included, and say what it was."""
    done: list[Due] = []
    while (due := next_due(account)) is not None and due.at <= limit:
        account.moment, account.request = _moment(account, due), None
        try:
            with account.transaction():
                _ACTIONS[due.action](account, account.get(due.kind, due.object_id))
        finally:
            account.moment = None
        done.append(due)
    return done


def _moment(account: Account, due: Due) -> int:
    """The moment work is done for. A notice may become due in the past, as when a cancellation is
    taken back; it is dated no earlier than the last event."""
    if due.rank < _NOTICE_RANK:
        return due.at
    latest: list[int] = [event["created"] for event in account.all("event")[-1:]]
    return max([due.at, *latest])


def _subscription_due(account: Account, sub: Object) -> Iterator[Due]:
    def due(at: int, rank: int, action: str) -> Due:
        return Due(at, rank, "subscription", sub["id"], action)

    status = sub["status"]
    if status in ("canceled", "incomplete_expired"):
        return
    if status == "incomplete":
        yield due(sub["created"] + PENDING_SECONDS, 0, "expire_incomplete")
        return
    ends_at = period_of(sub)[1]
    if sub["pending_update"] is not None:
        yield due(sub["pending_update"]["expires_at"], 0, "expire_pending")
    if sub["pause_collection"] and sub["pause_collection"]["resumes_at"]:
        yield due(sub["pause_collection"]["resumes_at"], 0, "collect_again")
    ends = [sub["cancel_at"]] if sub["cancel_at"] else []
    if sub["cancel_at_period_end"]:
        ends.append(ends_at)
    if ends:
        yield due(min(ends), 1, "cancel")
    if status == "paused":
        return
    facts = account.facts(sub["id"])
    if status == "trialing":
        yield due(sub["trial_end"], 3, "end_trial")
        if facts.get("trial_told") != sub["trial_end"]:
            yield due(sub["trial_end"] - TRIAL_NOTICE_SECONDS, _NOTICE_RANK, "tell_trial_end")
        return
    yield due(ends_at, 4, "renew")
    notice_at = ends_at - account.rules.upcoming_days * DAY_SECONDS
    if facts.get("upcoming_told") != ends_at and not ends and notice_at > period_of(sub)[0]:
        yield due(notice_at, _NOTICE_RANK, "tell_upcoming")


def _invoice_due(made: Object) -> Iterator[Due]:
    if made["status"] == "draft" and made["automatically_finalizes_at"] is not None:
        yield Due(made["automatically_finalizes_at"], 5, "invoice", made["id"], "finalize")
    if made["status"] == "open" and made["next_payment_attempt"] is not None:
        yield Due(made["next_payment_attempt"], 6, "invoice", made["id"], "retry")


def _expire_incomplete(account: Account, sub: Object) -> None:
    made = account.find("invoice", sub["latest_invoice"])
    if made is not None and made["status"] == "open":
        invoices.void(account, made)
    after = account.change(sub, status="incomplete_expired", ended_at=account.now())
    account.emit("customer.subscription.updated", after, sub)


def _expire_pending(account: Account, sub: Object) -> None:
    drop_pending(account, sub, "customer.subscription.pending_update_expired")


def _collect_again(account: Account, sub: Object) -> None:
    after = account.change(sub, pause_collection=None)
    account.emit("customer.subscription.updated", after, sub)


def _cancel(account: Account, sub: Object) -> None:
    if lines := invoices.pending_lines(account, sub):
        made = invoices.draft(account, sub, lines, "subscription_cycle", period=period_of(sub))
        sub = account.change(sub, latest_invoice=made["id"])
        made = invoices.finalize(account, made)
        if made["status"] == "open":
            invoices.attempt(account, made, method_for(account, sub))
    end(account, sub, None)


def _renew(account: Account, sub: Object) -> None:
    renew(account, sub, sub["items"]["data"], before=sub)


def _end_trial(account: Account, sub: Object) -> None:
    without = sub["trial_settings"]["end_behavior"]["missing_payment_method"]
    if method_for(account, sub) is None and without == "cancel":
        end(account, sub, None)
    elif method_for(account, sub) is None and without == "pause":
        paused(account, sub, "trial_end_without_payment_method")
    else:
        after = account.change(sub, status="active")
        renew(account, after, sub["items"]["data"], before=sub)


def _announce_trial_end(account: Account, sub: Object) -> None:
    account.set_facts(sub["id"], trial_told=sub["trial_end"])
    account.emit("customer.subscription.trial_will_end", sub)


def _announce_upcoming(account: Account, sub: Object) -> None:
    account.set_facts(sub["id"], upcoming_told=period_of(sub)[1])
    account.emit("invoice.upcoming", upcoming(account, sub))


def _finalize(account: Account, made: Object) -> None:
    sub = account.find("subscription", invoices.subscription_of(made))
    made = invoices.finalize(account, made)
    if made["status"] == "open" and sub is not None and sub["pause_collection"]:
        invoices.void(account, made)
    elif made["status"] == "open":
        collect(account, made)
    else:
        settle(account, made)


_ACTIONS: dict[str, Action] = {
    "expire_incomplete": _expire_incomplete,
    "expire_pending": _expire_pending,
    "cancel": _cancel,
    "collect_again": _collect_again,
    "turn": schedules.advance_phase,
    "end_trial": _end_trial,
    "renew": _renew,
    "finalize": _finalize,
    "retry": collect,
    "expire_session": checkout.expire_due,
    "tell_trial_end": _announce_trial_end,
    "tell_upcoming": _announce_upcoming,
}
