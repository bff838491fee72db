"""Whose turn it is to work on a customer, among nodes, and until when. Knows no work."""

from uuid import UUID

from db.core.rows import Connection

_TAKE = """
insert into app.billing_turns as turn (customer_id, holder, until)
values ($1, $2, now() + make_interval(secs => $3))
on conflict (customer_id) do update set holder = excluded.holder, until = excluded.until
where turn.until < now()
returning true
"""
_HOLDS = """
select true from app.billing_turns
where customer_id = $1 and holder = $2 and until > now() for update
"""
_GIVE_BACK = "select app.give_back_turn($1, $2)"


async def take(connection: Connection, customer_id: str, holder: UUID, seconds: float) -> bool:
    """Have the customer for so long, if nobody else does."""
    return await connection.fetchval(_TAKE, customer_id, holder, seconds) is True


async def holds(connection: Connection, customer_id: str, holder: UUID) -> bool:
    """Whether the customer is the holder's, and stays so until this transaction ends."""
    return await connection.fetchval(_HOLDS, customer_id, holder) is True


async def give_back(connection: Connection, customer_id: str, holder: UUID) -> None:
    """The next one may have the customer."""
    await connection.execute(_GIVE_BACK, customer_id, holder)
