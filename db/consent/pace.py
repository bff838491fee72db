"""How often somebody is called, written to or answered, and whose e-mails were called spam.

Keys and numbers stand as their hashes. Knows rows; how often is too often is decided elsewhere.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from db.core.clear import Clear
from db.core.hashed import ADDRESS, PACE, hashed
from db.core.rows import Connection
from db.core.sealed import Sealed

CLEAR = (
    Clear(Sealed("app.strangers", ()), "null::uuid", hashed={"phone_number": ADDRESS}),
    Clear(Sealed("app.velocity", ()), "null::uuid", hashed={"key": PACE}),
)

_PACE = "select app.pace($1, $2, $3, $5) as wait from generate_series(1, $4)"

_COMPLAIN = """
insert into app.complaints (user_id, email_id) values ($1, $2) on conflict do nothing
"""
_COMPLAINTS = """
select count(*) from app.complaints where user_id = $1 and at > now() - make_interval(days => $2)
"""

_STRANGER = """
insert into app.strangers as s (phone_number) select $1
where not exists (select from app.strangers
    where phone_number = $2 and answered_at >= now() - interval '1 day')
on conflict (phone_number) do update set answered_at = now()
where s.answered_at < now() - interval '1 day' returning true
"""


class Pace(msgspec.Struct, frozen=True):
    """At most so many under this key within so many seconds, a day at most."""

    key: str
    most: int
    seconds: int


async def pace(
    connection: Connection, limits: Sequence[Pace], use: UUID | None = None
) -> int | None:
    """Note one more under each key; if one of them has had its number lately, nothing is noted and
    the seconds to wait are returned. The keys are locked until the transaction ends. Where a `use`
    of the plan is named, giving that back takes the notes back."""
    return (await pace_each(connection, limits, 1, use))[0]


async def pace_each(
    connection: Connection, limits: Sequence[Pace], many: int, use: UUID | None = None
) -> list[int | None]:
    """As `pace`, so many times over: for each of them the seconds to wait, None if it is noted."""
    records = await connection.fetch(
        _PACE,
        [hashed(connection, PACE, limit.key) for limit in limits],
        [limit.most for limit in limits],
        [limit.seconds for limit in limits],
        many,
        use,
    )
    return [record["wait"] for record in records]


async def complain(connection: Connection, user_id: UUID, email_id: UUID) -> None:
    """Somebody calls this e-mail of the user's spam; the same e-mail counts once."""
    await connection.execute(_COMPLAIN, user_id, email_id)


async def complaints(connection: Connection, user_id: UUID, days: int) -> int:
    """How many of the user's e-mails were called spam in the last days."""
    count: int = await connection.fetchval(_COMPLAINTS, user_id, days)
    return count


async def answer_stranger(connection: Connection, phone_number: str) -> bool:
    """True once a day for a number."""
    name = hashed(connection, ADDRESS, phone_number)
    return await connection.fetchval(_STRANGER, name, phone_number) is True
