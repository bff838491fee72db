"""People who are being forgotten, and were: how far it came, and the deleting itself.

The service may delete none of it by its own right: two functions of the owner do, for whoever has a
row here. Knows rows; what must happen elsewhere, and in which order, is decided above.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from db.accounts import users
from db.core.hashed import ADDRESS, PACE, forms, hashed
from db.core.rows import Connection, one
from db.core.sealed import open_all

_BEGIN = """
insert into app.erasures (user_id, asked_by) values ($1, $2) on conflict do nothing returning true
"""
_GET = """
select user_id, asked_by, asked_at, steps, remarks, done_at from app.erasures where user_id = $1
"""
_IS_BEGUN = "select exists (select from app.erasures where user_id = $1)"
_DO = """
update app.erasures set steps = steps || $2::text,
    remarks = case when $3::text is null then remarks else remarks || $3 end
where user_id = $1 and $2 <> all(steps) returning true
"""
_TAKE_BACK = "update app.erasures set steps = array_remove(steps, $2) where user_id = $1"
_FINISH = """
update app.erasures set done_at = now() where user_id = $1 and done_at is null returning true
"""
_RECENT = """
select user_id from app.erasures where done_at > now() - make_interval(days => $1) order by user_id
"""
_ERASE_ROWS = "select app.erase_rows($1, $2, $3, $4, $5, $6)"
_ERASE_PERSON = "select app.erase_person($1)"
_OPEN_CALLS = """
select id from public.calls where user_id = $1
    and status in ('initiating', 'ringing', 'answered', 'waiting', 'talking', 'voicemail')
"""
# By what they proved to be theirs, or where nobody sealed it yet.
_BY_EMAIL = """
select id, email from public.users where lower(email) = lower($2)
    or id = any(select user_id from app.own_addresses where address_hash = $1) order by id
"""


class ErasureRow(msgspec.Struct, frozen=True):
    """A row of app.erasures."""

    user_id: UUID
    asked_by: UUID | None
    asked_at: datetime
    steps: tuple[str, ...]
    remarks: tuple[str, ...]
    done_at: datetime | None


async def begin(connection: Connection, user_id: UUID, asked_by: UUID | None) -> bool:
    """The person is to be forgotten; False if that was asked before."""
    return await connection.fetchval(_BEGIN, user_id, asked_by) is True


async def get(connection: Connection, user_id: UUID) -> ErasureRow | None:
    """How far it came; None: nobody asked for it."""
    return one(await connection.fetchrow(_GET, user_id), ErasureRow)


async def is_begun(connection: Connection, user_id: UUID) -> bool:
    """Whether the person is being forgotten, or was."""
    begun: bool = await connection.fetchval(_IS_BEGUN, user_id)
    return begun


async def note_step(
    connection: Connection, user_id: UUID, step: str, remark: str | None = None
) -> bool:
    """The step is done; True only for the first who says so. `remark`: what could not be done."""
    return await connection.fetchval(_DO, user_id, step, remark) is True


async def take_back_step(connection: Connection, user_id: UUID, step: str) -> None:
    """The step is not done after all."""
    await connection.execute(_TAKE_BACK, user_id, step)


async def finish(connection: Connection, user_id: UUID) -> bool:
    """Everything is done; True only the first time."""
    return await connection.fetchval(_FINISH, user_id) is True


async def recent(connection: Connection, days: int) -> list[UUID]:
    """Who was forgotten in the last days."""
    return [row["user_id"] for row in await connection.fetch(_RECENT, days)]


async def erase_rows(
    connection: Connection, user_id: UUID, own: Sequence[str], paces: Sequence[str], limit: int
) -> int:
    """Delete some of what is held of somebody with a row here, whose `own` addresses these are, and
    who is counted under these `paces`; 0 when nothing is left. That one of the addresses wants no
    contact stays known by its hash."""
    digests = [connection.keyring.hash_address(address) for address in own]
    hidden = [hashed(connection, ADDRESS, address) for address in own]
    keys = [form for key in paces for form in forms(connection, PACE, key)]
    gone: int = await connection.fetchval(_ERASE_ROWS, user_id, limit, own, digests, hidden, keys)
    return gone


async def erase_person(connection: Connection, user_id: UUID) -> None:
    """Empty the rows that stay for good."""
    await connection.execute(_ERASE_PERSON, user_id)


async def open_calls(connection: Connection, user_id: UUID) -> list[UUID]:
    """The person's calls that are not over."""
    return [row["id"] for row in await connection.fetch(_OPEN_CALLS, user_id)]


async def by_email(connection: Connection, email: str) -> list[UUID]:
    """Whose address it is; several where it was registered twice."""
    digest = connection.keyring.hash_address(email)
    rows = await open_all(
        connection, await connection.fetch(_BY_EMAIL, digest, email), users.SEALED
    )
    folded = email.casefold()
    return [row["id"] for row in rows if (row["email"] or "").casefold() == folded]
