"""Users and the plans they may have. Knows rows only; who may ask is decided elsewhere."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from db.core import sealing
from db.core.clear import Clear
from db.core.rows import Connection, many
from db.core.sealed import Sealed

SEALED = Sealed("public.users", text=("email",))
PROFILES = Sealed("app.profiles", ("user_id",), text=("name",))
ERASED = "@erased.invalid"  # the end of what stands in place of a forgotten person's address
CLEAR = (
    Clear(SEALED, "t.id", only="t.email not like '%@erased.invalid'"),
    Clear(PROFILES),
)

_REGISTER = "select app.register_user($1, $2)"
_EMAIL = "select email from public.users where id = $1"
_SEAL_EMAIL = "select app.seal_email($1, $2, $3)"
_UNSEALED = """
select id, email from public.users
where email not like E'\\x1e%' and email not like '%@erased.invalid' and id > $1
order by id limit $2
"""

_GET = """
select id, email, subscription_plan_id, subscription_status, billing_cycle_start,
    billing_cycle_end, stripe_customer_id, billing_interval, created_at, updated_at
from public.users where id = $1
"""

_PROFILE = "select user_id, name, language, time_zone from app.profiles where user_id = $1"
_STATE = """
insert into app.profiles (user_id, name, language, time_zone) values ($1, $2, $3, $4)
on conflict (user_id) do update set name = excluded.name, language = excluded.language,
    time_zone = excluded.time_zone
"""

_LIST_PLANS = """
select id, name, description, stripe_price_id_monthly, stripe_price_id_yearly, phone_calls_limit,
    text_chains_limit, emails_limit, price_monthly, price_yearly, features, is_active, sort_order
from public.subscription_plans where is_active order by sort_order
"""


class UserRow(msgspec.Struct, frozen=True):
    """A row of public.users; once the person was erased, the email is at erased.invalid."""

    id: UUID
    email: str | None
    subscription_plan_id: str
    subscription_status: str
    billing_cycle_start: datetime | None
    billing_cycle_end: datetime | None
    stripe_customer_id: str | None
    billing_interval: str | None
    created_at: datetime
    updated_at: datetime


class Profile(msgspec.Struct, frozen=True):
    """What somebody says of themselves: a row of app.profiles, or nothing."""

    name: str | None = None
    language: str | None = None
    time_zone: str | None = None


class PlanRow(msgspec.Struct, frozen=True):
    """A row of public.subscription_plans; a limit of -1 means unlimited."""

    id: str
    name: str
    description: str | None
    stripe_price_id_monthly: str | None
    stripe_price_id_yearly: str | None
    phone_calls_limit: int
    text_chains_limit: int
    emails_limit: int
    price_monthly: Decimal
    price_yearly: Decimal
    features: tuple[str, ...]
    is_active: bool
    sort_order: int


async def register(connection: Connection, user_id: UUID, email: str | None) -> bool:
    """Make the user's rows (user, free subscription, usage, event) once; True if it was now.

    Where the database itself made them, when somebody signed up, the address is sealed now.
    """
    (sealed,) = await SEALED.seal(connection, user_id, user_id, email=email)
    is_new: bool = await connection.fetchval(_REGISTER, user_id, sealed)
    if not is_new:
        await seal_email(connection, user_id, await connection.fetchval(_EMAIL, user_id))
    return is_new


async def seal_email(connection: Connection, user_id: UUID, email: str | None) -> None:
    """Seal the address that stands in the user's row, if it is to be and is not."""
    if email is not None and not sealing.is_sealed(email) and not email.endswith(ERASED):
        (sealed,) = await SEALED.seal(connection, user_id, user_id, email=email)
        if sealed != email:
            await connection.execute(_SEAL_EMAIL, user_id, email, sealed)


async def unsealed(connection: Connection, after: UUID, limit: int) -> list[tuple[UUID, str]]:
    """Users whose address nobody sealed, in order of id."""
    rows = await connection.fetch(_UNSEALED, after, limit)
    return [(row["id"], row["email"]) for row in rows]


async def get(connection: Connection, user_id: UUID) -> UserRow | None:
    """The user, or None."""
    return await SEALED.one(connection, await connection.fetchrow(_GET, user_id), UserRow)


async def profile(connection: Connection, user_id: UUID) -> Profile:
    """What the user says of themselves."""
    record = await connection.fetchrow(_PROFILE, user_id)
    return await PROFILES.one(connection, record, Profile) or Profile()


async def state(connection: Connection, user_id: UUID, said: Profile) -> None:
    """Keep what the user says of themselves, in place of what they said before."""
    (name,) = await PROFILES.seal(connection, user_id, user_id, name=said.name)
    await connection.execute(_STATE, user_id, name, said.language, said.time_zone)


async def list_plans(connection: Connection) -> list[PlanRow]:
    """The plans on offer, in display order."""
    return many(await connection.fetch(_LIST_PLANS), PlanRow)


# Not for the service, which has no right to change plans outside billing: for the owner's hand.
_GIVE_PLAN = """
with changed as (
    update public.users set subscription_plan_id = $2 where id = $1 and subscription_plan_id <> $2
    returning id
), subscribed as (
    update public.subscriptions s set tier = $2 from changed where s.user_id = changed.id
)
insert into public.subscription_events (user_id, event_type, to_plan, effective_date)
select id, 'plan.given', $2, current_date from changed
"""


async def give_plan(connection: Connection, user_id: UUID, plan: str) -> None:
    """Put the user on a plan without payment, with a line in the audit trail; as the owner only."""
    await connection.execute(_GIVE_PLAN, user_id, plan)
