"""A user's plan and its coming change as clients see them. Knows no requests and no sockets."""

import uuid
from typing import TypeVar

import msgspec

from db.billing.subscriptions import BillingRow, ChangeRow
from server.core.events import Event
from server.core.times import rfc3339


class ChangeOut(msgspec.Struct, frozen=True):
    """A change of plan that was asked for and has not happened yet."""

    id: uuid.UUID
    plan: str
    interval: str | None
    change_type: str
    takes_effect: str
    effective_date: str | None
    requested_at: str | None


class SubscriptionOut(msgspec.Struct, frozen=True):
    """A user's plan. `plan_in_force` is the one whose limits hold: an unpaid plan stops counting
    at `entitled_until`. `ends_at`: it was cancelled and ends then."""

    plan: str
    plan_in_force: str
    status: str
    interval: str | None
    period_start: str | None
    period_end: str | None
    ends_at: str | None
    past_due_since: str | None
    entitled_until: str | None
    pending: ChangeOut | None


def change_out(row: ChangeRow) -> ChangeOut:
    """A pending change as clients see it."""
    return ChangeOut(
        id=row.id,
        plan=row.to_plan_id,
        interval=row.to_interval,
        change_type=row.change_type,
        takes_effect=row.takes_effect,
        effective_date=None if row.effective_date is None else row.effective_date.isoformat(),
        requested_at=rfc3339(row.requested_at),
    )


Shape = TypeVar("Shape", bound=SubscriptionOut)


def subscription_out(row: BillingRow, pending: ChangeRow | None) -> SubscriptionOut:
    """A user's plan as clients see it."""
    return plan_event(SubscriptionOut, row, pending)


def plan_event(shape: type[Shape], row: BillingRow, pending: ChangeRow | None) -> Shape:
    """An event of a user's plan, which carries it whole."""
    return shape(
        plan=row.plan,
        plan_in_force=row.plan_in_force,
        status=row.status,
        interval=row.interval,
        period_start=rfc3339(row.period_start),
        period_end=rfc3339(row.period_end),
        ends_at=rfc3339(row.ends_at),
        past_due_since=rfc3339(row.past_due_since),
        entitled_until=rfc3339(row.entitled_until),
        pending=None if pending is None else change_out(pending),
    )


class PlanChanging(SubscriptionOut, Event, frozen=True):
    type = "plan.changing"
    tells = "A change of plan is to come, or no longer"
    schema = "SubscriptionOut"


class PlanChanged(SubscriptionOut, Event, frozen=True):
    type, tells, schema = "plan.changed", "Another plan is in force", "SubscriptionOut"
