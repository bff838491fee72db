"""Subscriptions, changes of plan and their audit trail, as rows. Knows no meaning of them.

Whoever writes has a turn (`db/cluster/turns.py`) and looks in the same transaction whether it still
has it, so that what was read from Stripe in it cannot be overwritten by an older reading.
Audit rows are inserted only, once per Stripe event.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec

from db.accounts.users import PlanRow
from db.core.rows import Connection, many, one
from db.core.sealed import Sealed


class BillingRow(msgspec.Struct, frozen=True):
    """What our rows say of a user's plan; free users have no subscription."""

    user_id: UUID
    email: str | None
    plan: str
    plan_in_force: str
    status: str
    interval: str | None
    period_start: dt.datetime | None
    period_end: dt.datetime | None
    stripe_customer_id: str | None
    stripe_subscription_id: str | None
    past_due_since: dt.datetime | None
    entitled_until: dt.datetime | None
    ends_at: dt.datetime | None


class NewState(msgspec.Struct, frozen=True):
    """What a user's rows are to say from now on."""

    plan: str
    status: str
    interval: str | None
    period_start: dt.datetime
    period_end: dt.datetime
    stripe_customer_id: str
    stripe_subscription_id: str | None
    past_due_since: dt.datetime | None
    entitled_until: dt.datetime | None
    ends_at: dt.datetime | None


class ChangeRow(msgspec.Struct, frozen=True):
    """A row of public.plan_changes with its row of app.plan_change_details."""

    id: UUID
    user_id: UUID
    from_plan_id: str
    to_plan_id: str
    change_type: str
    requested_at: dt.datetime
    effective_date: dt.date | None
    status: str
    stripe_subscription_id: str | None
    to_interval: str | None
    takes_effect: str
    is_sent: bool
    by_checkout: bool
    checkout_session_id: str | None


class NewChange(msgspec.Struct, frozen=True):
    """A change about to be asked for."""

    id: UUID
    user_id: UUID
    from_plan_id: str
    to_plan_id: str
    change_type: str
    effective_date: dt.date | None
    stripe_subscription_id: str | None
    to_interval: str | None
    takes_effect: str
    requested_at: dt.datetime
    by_checkout: bool = False
    is_sent: bool = False
    status: str = "pending"
    notes: str | None = None


class PriceRow(msgspec.Struct, frozen=True):
    """A row of app.plan_prices."""

    price_id: str
    plan_id: str
    billing_interval: Literal["monthly", "yearly"]


class AuditEntry(msgspec.Struct, frozen=True):
    """A line of the audit trail, without anything personal in it."""

    user_id: UUID
    event_type: str
    from_plan: str | None = None
    to_plan: str | None = None
    stripe_subscription_id: str | None = None
    stripe_event_id: str | None = None
    stripe_customer_id: str | None = None
    billing_amount: Decimal | None = None
    currency: str = "usd"
    billing_interval: str | None = None
    effective_date: dt.date | None = None
    metadata: dict[str, Any] = {}


_USERS = Sealed("public.users", row=("user_id",), text=("email",))

_READ = """
select u.id as user_id, u.email, u.subscription_plan_id as plan,
    app.plan_in_force(u.id, now()) as plan_in_force, u.subscription_status as status,
    u.billing_interval as interval, u.billing_cycle_start as period_start,
    u.billing_cycle_end as period_end, u.stripe_customer_id, b.stripe_subscription_id,
    b.past_due_since, b.entitled_until, b.ends_at
from public.users u left join app.billing b on b.user_id = u.id
where u.id = $1
"""

_LOCK_USER = "select id from public.users where id = $1 for update"

_FIND_USER = """
select id from public.users
where stripe_customer_id = $1 or (id = any($2::uuid[]) and stripe_customer_id is null)
order by stripe_customer_id nulls last limit 1
"""

_FORGET_CUSTOMER = """
with forgotten as (
    insert into app.former_customers (customer_id, user_id) values ($2, $1) on conflict do nothing
)
update public.users set stripe_customer_id = null where id = $1 and stripe_customer_id = $2
"""

_FORMER_OWNER = "select user_id from app.former_customers where customer_id = $1"
_FORMER_COUNT = "select count(*) from app.former_customers where user_id = $1"

_SET_CUSTOMER = """
update public.users set stripe_customer_id = $2 where id = $1 and stripe_customer_id is null
"""

_UPDATE_USER = """
update public.users set subscription_plan_id = $2, subscription_status = $3, billing_interval = $4,
    billing_cycle_start = $5, billing_cycle_end = $6, stripe_customer_id = $7
where id = $1
"""

_UPSERT_BILLING = """
insert into app.billing (user_id, stripe_subscription_id, past_due_since, entitled_until, ends_at)
values ($1, $2, $3, $4, $5)
on conflict (user_id) do update set stripe_subscription_id = excluded.stripe_subscription_id,
    past_due_since = excluded.past_due_since, entitled_until = excluded.entitled_until,
    ends_at = excluded.ends_at, synced_at = now()
"""

_END_SUBSCRIPTION = """
update public.subscriptions set status = $3, tier = 'free'
where user_id = $1 and stripe_subscription_id = $2 and status <> $3
"""

# A subscription we hold as live that Stripe does not list any more: its customer was deleted.
_END_UNKNOWN = """
update public.subscriptions set status = 'canceled', tier = 'free'
where user_id = $1 and stripe_subscription_id is not null
    and stripe_subscription_id <> all($2::text[])
    and status not in ('canceled', 'incomplete_expired')
"""

# The one live row is the free one, or of a subscription that counts no more: it is taken over.
_UPDATE_LIVE = """
update public.subscriptions set stripe_subscription_id = $2, tier = $3, status = $4,
    current_period_start = $5, current_period_end = $6
where user_id = $1 and status not in ('canceled', 'incomplete_expired')
returning id
"""

_INSERT_LIVE = """
insert into public.subscriptions (user_id, stripe_subscription_id, tier, status,
    current_period_start, current_period_end)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
"""

_AUDIT = """
insert into public.subscription_events (user_id, event_type, from_plan, to_plan,
    stripe_subscription_id, stripe_event_id, stripe_customer_id, billing_amount, currency,
    billing_interval, effective_date, metadata)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (stripe_event_id) do nothing
"""

_PENDING = """
select c.id, c.user_id, c.from_plan_id, c.to_plan_id, c.change_type, c.requested_at,
    c.effective_date, c.status, c.stripe_subscription_id, d.to_interval,
    coalesce(d.takes_effect, 'now') as takes_effect, coalesce(d.is_sent, true) as is_sent,
    coalesce(d.by_checkout, false) as by_checkout, d.checkout_session_id
from public.plan_changes c left join app.plan_change_details d on d.plan_change_id = c.id
where c.user_id = $1 and c.status = 'pending'
"""

_SETTLE_CHANGE = """
update public.plan_changes set status = $2, notes = coalesce($3, notes),
    effective_date = coalesce($4, effective_date)
where id = $1 and status = 'pending' returning true
"""

_INSERT_CHANGE = """
with inserted as (
    insert into public.plan_changes (id, user_id, from_plan_id, to_plan_id, change_type,
        effective_date, stripe_subscription_id, status, notes, requested_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $14)
    on conflict (user_id) where status = 'pending' do nothing returning id
)
insert into app.plan_change_details
    (plan_change_id, to_interval, takes_effect, by_checkout, is_sent)
select id, $10, $11, $12, $13 from inserted returning true
"""

# The lock has whoever puts another change in its place see the session, or is told of it here.
_MARK_SENT = """
with change as (select id, status from public.plan_changes where id = $1 for update)
update app.plan_change_details
set is_sent = true, checkout_session_id = coalesce($2, checkout_session_id)
from change where plan_change_id = change.id returning change.status = 'pending'
"""

_SESSION = "select checkout_session_id from app.plan_change_details where plan_change_id = $1"

_GRACE_OVER = """
select u.stripe_customer_id from app.billing b join public.users u on u.id = b.user_id
where b.entitled_until <= now() and u.subscription_plan_id <> 'free'
    and u.stripe_customer_id is not null
order by b.entitled_until limit $1
"""

_CUSTOMERS = """
select stripe_customer_id from public.users
where stripe_customer_id is not null and stripe_customer_id > $1
order by stripe_customer_id limit $2
"""

_PLANS = """
select id, name, description, stripe_price_id_monthly, stripe_price_id_yearly, phone_calls_limit,
    text_chains_limit, emails_limit, price_monthly, price_yearly, features, is_active, sort_order
from public.subscription_plans order by sort_order
"""

_PRICES = "select price_id, plan_id, billing_interval from app.plan_prices"

# Not for the service, which may not touch what is on offer: for the owner's hand.
_SET_PRICES = """
update public.subscription_plans set stripe_price_id_monthly = $2, stripe_price_id_yearly = $3
where id = $1 and (stripe_price_id_monthly, stripe_price_id_yearly) is distinct from ($2, $3)
"""


async def read(connection: Connection, user_id: UUID, *, lock: bool = False) -> BillingRow | None:
    """The user's billing; with `lock` it stays as read until this transaction ends."""
    if lock:
        await connection.execute(_LOCK_USER, user_id)
    return await _USERS.one(connection, await connection.fetchrow(_READ, user_id), BillingRow)


async def find_user(
    connection: Connection, customer_id: str, candidates: Sequence[UUID]
) -> UUID | None:
    """Whose customer it is: by our own row, else a named user who has no customer yet."""
    user_id: UUID | None = await connection.fetchval(_FIND_USER, customer_id, list(candidates))
    return user_id


async def set_customer(connection: Connection, user_id: UUID, customer_id: str) -> None:
    """Remember the user's customer at Stripe; the first one stays."""
    await connection.execute(_SET_CUSTOMER, user_id, customer_id)


async def forget_customer(connection: Connection, user_id: UUID, customer_id: str) -> None:
    """The customer was deleted at Stripe; the user's next payment makes another one."""
    await connection.execute(_FORGET_CUSTOMER, user_id, customer_id)


async def former_owner(connection: Connection, customer_id: str) -> UUID | None:
    """Whose customer it was before it was deleted at Stripe."""
    user_id: UUID | None = await connection.fetchval(_FORMER_OWNER, customer_id)
    return user_id


async def former_customers(connection: Connection, user_id: UUID) -> int:
    """How many customers the user had that were deleted at Stripe."""
    count: int = await connection.fetchval(_FORMER_COUNT, user_id)
    return count


async def apply(
    connection: Connection,
    user_id: UUID,
    state: NewState,
    *,
    ended: Sequence[tuple[str, str]],
    listed: Sequence[str],
) -> None:
    """Make the user's rows say this. `ended` are (subscription, status) of those that are over,
    `listed` all that Stripe knows of the customer."""
    for subscription_id, status in ended:
        await connection.execute(_END_SUBSCRIPTION, user_id, subscription_id, status)
    await connection.execute(_END_UNKNOWN, user_id, list(listed))
    live = (
        user_id, state.stripe_subscription_id, state.plan, state.status,
        *((state.period_start, state.period_end) if state.stripe_subscription_id else (None, None)),
    )  # fmt: skip
    if await connection.fetchval(_UPDATE_LIVE, *live) is None:
        await connection.execute(_INSERT_LIVE, *live)
    await connection.execute(
        _UPDATE_USER, user_id, state.plan, state.status, state.interval, state.period_start,
        state.period_end, state.stripe_customer_id,
    )  # fmt: skip
    await connection.execute(
        _UPSERT_BILLING, user_id, state.stripe_subscription_id, state.past_due_since,
        state.entitled_until, state.ends_at,
    )  # fmt: skip


async def audit(connection: Connection, entry: AuditEntry) -> bool:
    """Add a line to the audit trail; False for a Stripe event that has its line already."""
    tag: str = await connection.execute(_AUDIT, *msgspec.structs.astuple(entry))
    return tag.endswith("1")


async def pending_change(connection: Connection, user_id: UUID) -> ChangeRow | None:
    """The change the user waits for, if any."""
    return one(await connection.fetchrow(_PENDING, user_id), ChangeRow)


async def insert_change(connection: Connection, new: NewChange) -> bool:
    """Write a change down; False while another one is pending."""
    inserted = await connection.fetchval(
        _INSERT_CHANGE, new.id, new.user_id, new.from_plan_id, new.to_plan_id, new.change_type,
        new.effective_date, new.stripe_subscription_id, new.status, new.notes, new.to_interval,
        new.takes_effect, new.by_checkout, new.is_sent, new.requested_at,
    )  # fmt: skip
    return inserted is True


async def mark_sent(
    connection: Connection, change_id: UUID, *, checkout_session_id: str | None = None
) -> bool:
    """Stripe has been told of the change; whether it is still pending."""
    return await connection.fetchval(_MARK_SENT, change_id, checkout_session_id) is True


async def checkout_session(connection: Connection, change_id: UUID) -> str | None:
    """The payment page of a change, read after the change was resolved."""
    session: str | None = await connection.fetchval(_SESSION, change_id)
    return session


async def resolve_change(
    connection: Connection, change_id: UUID, status: str, *,
    notes: str | None = None, effective_date: dt.date | None = None,
) -> bool:  # fmt: skip
    """End a pending change; True only for the one that did it."""
    done = await connection.fetchval(_SETTLE_CHANGE, change_id, status, notes, effective_date)
    return done is True


async def plans(connection: Connection) -> list[PlanRow]:
    """Every plan, also those no longer on offer that somebody may still have, smallest first."""
    return many(await connection.fetch(_PLANS), PlanRow)


async def prices(connection: Connection) -> list[PriceRow]:
    """Every price id a plan has or ever had."""
    return many(await connection.fetch(_PRICES), PriceRow)


async def grace_over(connection: Connection, limit: int) -> list[str]:
    """Customers whose unpaid plan has just stopped counting."""
    return [row[0] for row in await connection.fetch(_GRACE_OVER, limit)]


async def customers(connection: Connection, after: str, limit: int) -> list[str]:
    """Stripe's customer ids of our users, in order of id, after this one."""
    return [row[0] for row in await connection.fetch(_CUSTOMERS, after, limit)]


async def set_prices(
    connection: Connection, plan: str, monthly: str | None, yearly: str | None
) -> bool:
    """Put a plan's price ids down, as the owner only; True if they are new."""
    tag: str = await connection.execute(_SET_PRICES, plan, monthly, yearly)
    return tag.endswith("1")
