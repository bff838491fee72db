"""Metering: reserve before an activity, settle after it. Knows counters, not what they pay for.

usage_tracking counts the committed rows of the ledger app.reservations; one row lock per user and
month makes check and count one step.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import msgspec

from db.core.rows import Connection, many

Metric = Literal["calls", "texts", "emails"]

_RESERVE = """
select accepted, "limit", used, reserved, plan, cheapest, is_new
from app.reserve_usage($1, $2, $3, $4)
"""

# Row by row in this order, which is that of the locks.
_SETTLE = """
select subject, app.settle_usage($1, subject, is_used) as settled
from unnest($2::uuid[], $3::boolean[]) as given (subject, is_used)
"""

_READ = """
select u.id as user_id, m.metric, m.used, m."limit", (
    select count(*) from app.reservations r
    where r.user_id = u.id and r.metric = m.metric and r.month_year = $2 and r.state = 'reserved'
) as reserved
from public.users u
join public.subscription_plans p on p.id = app.plan_in_force(u.id, now())
left join public.usage_tracking t on t.user_id = u.id and t.month_year = $2
cross join lateral (values
    (1, 'calls', coalesce(t.calls_used, 0), p.phone_calls_limit),
    (2, 'texts', coalesce(t.texts_used, 0), p.text_chains_limit),
    (3, 'emails', coalesce(t.emails_used, 0), p.emails_limit)
) as m (place, metric, used, "limit")
where u.id = any($1) order by u.id, m.place
"""

_PLAN = "select app.plan_in_force($1, now())"

# As the user: row level security shows nobody else's; an administrator asks for their own, too.
_BY_DAY = """
with calls as (
    select width_bucket(created_at, $2::timestamptz[]) as place, count(*) as calls,
        count(answered_time) as answered, sum(duration_seconds) as seconds
    from public.calls where user_id = $1 and created_at >= $2[1] group by 1
), texts as (
    select width_bucket(created_at, $2::timestamptz[]) as place, count(*) as texts
    from public.sms_messages where user_id = $1 and created_at >= $2[1] group by 1
), emails as (
    select width_bucket(created_at, $2::timestamptz[]) as place, count(*) as emails
    from public.emails where user_id = $1 and created_at >= $2[1] group by 1
)
select coalesce(calls, 0) as calls, coalesce(answered, 0) as answered,
    coalesce(seconds, 0) as seconds, coalesce(texts, 0) as texts, coalesce(emails, 0) as emails
from generate_series(1, cardinality($2)) as place
left join calls using (place) left join texts using (place) left join emails using (place)
order by place
"""

_OUTCOMES = """
select status, count(*) as calls from public.calls
where user_id = $1 and created_at >= $2 group by status order by calls desc, status
"""

_STALE = """
select user_id, metric, subject_id, reserved_at from app.reservations
where state = 'reserved' and reserved_at < now() - make_interval(secs => $1)
order by reserved_at limit $2
"""


class UsageAnswer(msgspec.Struct, frozen=True):
    """Whether one more was granted, with the numbers of that moment; a limit of -1: unlimited.

    `plan` is the one in force; a refusal names the `cheapest` that would allow it, if any does.
    `is_new` is False for a subject that had its answer before.
    """

    accepted: bool
    limit: int
    used: int
    reserved: int
    plan: str = "free"
    cheapest: str | None = None
    is_new: bool = False


class UsageRow(msgspec.Struct, frozen=True):
    """One metric of one month; a limit of -1 means unlimited."""

    metric: Metric
    used: int
    reserved: int
    limit: int


class ReservationRow(msgspec.Struct, frozen=True):
    """A reservation nobody has settled yet."""

    user_id: UUID
    metric: Metric
    subject_id: UUID
    reserved_at: datetime


def month_year(now: datetime) -> str:
    """The usage window of `now`: the UTC calendar month, YYYY-MM."""
    return f"{now.astimezone(UTC):%Y-%m}"


async def reserve(
    connection: Connection, user_id: UUID, metric: Metric, subject_id: UUID, month: str
) -> UsageAnswer:
    """Hold one use for the subject if the plan's limit allows; asked again, it answers the same.

    A subject that was released stays refused: try again under a new one. Raises asyncpg's
    ForeignKeyViolationError for an unknown user, UniqueViolationError for another's subject.
    """
    record = await connection.fetchrow(_RESERVE, user_id, metric, subject_id, month)
    return msgspec.convert(dict(record), UsageAnswer)


async def settle(
    connection: Connection, metric: Metric, subject_id: UUID, *, is_used: bool
) -> bool:
    """As `settle_many`; True if this did it."""
    return bool(await settle_many(connection, metric, [(subject_id, is_used)]))


async def settle_many(
    connection: Connection, metric: Metric, subjects: Sequence[tuple[UUID, bool]]
) -> set[UUID]:
    """Count each subject's reservation (True) or give it back, in one statement; those that this
    settled, for only the first word on one counts.

    Counters are locked in the order given, so whoever settles for many users sorts them.
    """
    ids, used = [subject for subject, _ in subjects], [is_used for _, is_used in subjects]
    records = await connection.fetch(_SETTLE, metric, ids, used)
    return {record["subject"] for record in records if record["settled"]}


async def read(connection: Connection, user_id: UUID, month: str) -> list[UsageRow]:
    """Calls, texts and e-mails of the month, in this order; empty for an unknown user."""
    return (await read_many(connection, [user_id], month)).get(user_id, [])


async def read_many(
    connection: Connection, user_ids: Sequence[UUID], month: str
) -> dict[UUID, list[UsageRow]]:
    """The same of many users, in one statement."""
    found: dict[UUID, list[UsageRow]] = {}
    for record in await connection.fetch(_READ, user_ids, month):
        fields = dict(record)
        found.setdefault(fields.pop("user_id"), []).append(msgspec.convert(fields, UsageRow))
    return found


async def plan_in_force(connection: Connection, user_id: UUID) -> str:
    """The plan whose limits hold for the user now."""
    plan: str = await connection.fetchval(_PLAN, user_id)
    return plan


class DayRow(msgspec.Struct, frozen=True):
    """What somebody did on a day; `seconds` are those of their calls."""

    calls: int
    answered: int
    seconds: int
    texts: int
    emails: int


class OutcomeRow(msgspec.Struct, frozen=True):
    """How many calls stand at, or ended with, a status."""

    status: str
    calls: int


async def by_day(connection: Connection, user_id: UUID, starts: Sequence[datetime]) -> list[DayRow]:
    """A row for each day that starts then; the last one goes on until now."""
    return many(await connection.fetch(_BY_DAY, user_id, list(starts)), DayRow)


async def outcomes(connection: Connection, user_id: UUID, since: datetime) -> list[OutcomeRow]:
    """The user's calls since then by their status, the most frequent first."""
    return many(await connection.fetch(_OUTCOMES, user_id, since), OutcomeRow)


async def stale(
    connection: Connection, *, older_than_seconds: float, limit: int
) -> list[ReservationRow]:
    """Reservations that nobody settled for so long, oldest first."""
    return many(await connection.fetch(_STALE, older_than_seconds, limit), ReservationRow)
