"""Webhooks as they came, under the provider's own key. It does not know what they mean."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from db.core.rows import Connection, many

_RECORD = """
insert into app.inbox (provider, key, call_id, kind, payload) values ($1, $2, $3, $4, $5)
on conflict (provider, key) do nothing returning true
"""

_OF_CALLS = """
select call_id, key, kind, payload from app.inbox
where call_id = any($1::uuid[]) and received_at > now() - make_interval(secs => $2)
order by received_at
"""

_FORGET = """
with old as (
    delete from app.inbox where (provider, key) in (
        select provider, key from app.inbox
        where received_at < now() - make_interval(days => $1) order by received_at limit $2
    ) returning 1
)
select count(*) from old
"""


class Fact(msgspec.Struct, frozen=True):
    """A webhook about a call."""

    call_id: UUID
    key: str
    kind: str
    payload: Any


async def of_calls(
    connection: Connection, call_ids: Sequence[UUID], *, last_seconds: float
) -> list[Fact]:
    """What came about these calls of late, in order."""
    return many(await connection.fetch(_OF_CALLS, call_ids, last_seconds), Fact)


async def forget(connection: Connection, *, older_than_days: int, limit: int) -> int:
    """Drop some of what no provider brings again any more, the oldest first; how many."""
    deleted: int = await connection.fetchval(_FORGET, older_than_days, limit)
    return deleted


async def record(
    connection: Connection,
    *,
    provider: str,
    key: str,
    kind: str,
    payload: Any,
    call_id: UUID | None = None,
) -> bool:
    """Keep the webhook; True if it is new, False if the provider has sent it before."""
    return await connection.fetchval(_RECORD, provider, key, call_id, kind, payload) is True
