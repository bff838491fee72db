"""Webhooks as they came, under the provider's own key, packed and sealed; rows of before have them
in `payload`. It does not know what they mean."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from db.core.clear import Clear
from db.core.rows import Connection
from db.core.sealed import Sealed, open_all, open_each

WEBHOOKS = Sealed("app.inbox", ("provider", "key"), json=("payload",), packed=("form",))
CLEAR = Clear(WEBHOOKS, "(select d.user_id from app.call_details d where d.call_id = t.call_id)")

# A webhook about a call is sealed by the key of whose call it is.
_OWNER = "select user_id from app.call_details where call_id = $1"

_RECORD = """
insert into app.inbox (provider, key, call_id, kind, form) values ($1, $2, $3, $4, $5)
on conflict (provider, key) do nothing returning true
"""

_OF_CALLS = """
select provider, call_id, key, kind, payload, form from app.inbox
where call_id = any($1::uuid[]) and received_at > now() - make_interval(secs => $2)
order by received_at
"""


class Fact(msgspec.Struct, frozen=True):
    """A webhook about a call."""

    call_id: UUID
    key: str
    kind: str
    payload: Mapping[str, Any]


async def of_calls(
    connection: Connection, call_ids: Sequence[UUID], *, last_seconds: float
) -> list[Fact]:
    """What came about these calls of late, in order. What does not open, as its key was destroyed
    or somebody changed it, has an empty payload: no other is to wait for it."""
    records = await connection.fetch(_OF_CALLS, call_ids, last_seconds)
    opened = await open_each(records, lambda some: open_all(connection, some, WEBHOOKS))
    return [
        Fact(record["call_id"], record["key"], record["kind"], _payload(row))
        for record, row in zip(records, opened, strict=True)
    ]


def _payload(row: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if row is None:
        return {}
    payload = row["payload"] if row["form"] is None else row["form"]
    return payload if isinstance(payload, dict) else {}


async def record(
    connection: Connection,
    *,
    provider: str,
    key: str,
    kind: str,
    payload: Any,
    call_id: UUID | None = None,
) -> bool:
    """Keep the webhook; True if it is new, False if the provider has sent it before. Of a call that
    is not there, or no longer, only that it came is kept."""
    owner = None if call_id is None else await connection.fetchval(_OWNER, call_id)
    if call_id is not None and owner is None:
        payload = {}
    sealed = await WEBHOOKS.seal(connection, owner, (provider, key), form=payload)
    return await connection.fetchval(_RECORD, provider, key, call_id, kind, *sealed) is True
