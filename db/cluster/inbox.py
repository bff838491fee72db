"""Webhooks as they came, under the provider's own key. It does not know what they mean."""

from typing import Any
from uuid import UUID

from db.core.rows import Connection

_RECORD = """
insert into app.inbox (provider, key, call_id, kind, payload) values ($1, $2, $3, $4, $5)
on conflict (provider, key) do nothing returning true
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
