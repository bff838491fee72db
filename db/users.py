"""Users and the plans they may have. Knows rows only; who may ask is decided elsewhere."""

from uuid import UUID

from db.rows import Connection, PlanRow, UserRow, many, one

_REGISTER = "select app.register_user($1, $2)"

_GET = """
select id, email, subscription_plan_id, subscription_status, billing_cycle_start,
    billing_cycle_end, stripe_customer_id, billing_interval, created_at, updated_at
from public.users where id = $1
"""

_LIST_PLANS = """
select id, name, description, stripe_price_id_monthly, stripe_price_id_yearly, phone_calls_limit,
    text_chains_limit, emails_limit, price_monthly, price_yearly, features, is_active, sort_order
from public.subscription_plans where is_active order by sort_order
"""


async def register(connection: Connection, user_id: UUID, email: str | None) -> bool:
    """Make the user's rows (user, free subscription, usage, event) once; True if it was now."""
    is_new: bool = await connection.fetchval(_REGISTER, user_id, email)
    return is_new


async def get(connection: Connection, user_id: UUID) -> UserRow | None:
    """The user, or None."""
    return one(await connection.fetchrow(_GET, user_id), UserRow)


async def list_plans(connection: Connection) -> list[PlanRow]:
    """The plans on offer, in display order."""
    return many(await connection.fetch(_LIST_PLANS), PlanRow)
