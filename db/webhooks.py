"""Webhooks of people's own: where their events go, signed by which secrets, and whether they do.

Address and secrets are sealed. Knows nothing of how something is sent.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from db.core.rows import Connection
from db.core.sealed import Sealed

SEALED = Sealed("app.webhooks", text=("url", "secret", "former_secret"))

COLUMNS = """w.id, w.user_id, w.url, w.types, w.secret,
    case when w.former_until > now() then w.former_secret end as former_secret, w.created_at,
    w.failing_since, w.disabled_at, w.disabled_reason"""

_LOCK_USER = "select from public.users where id = $1 for update"
_COUNT = "select count(*) from app.webhooks where user_id = $1"
_INSERT = f"""
insert into app.webhooks as w (id, user_id, url, secret, types) values ($1, $2, $3, $4, $5)
returning {COLUMNS}
"""  # noqa: S608 - the columns above
_LIST = f"select {COLUMNS} from app.webhooks w where user_id = $1 order by created_at, id"  # noqa: S608
_GET = f"select {COLUMNS} from app.webhooks w where user_id = $1 and id = $2"  # noqa: S608
_LOCK = f"{_GET} for no key update"  # what is put in for it meanwhile does not wait
_CHANGE = f"""
update app.webhooks w set url = coalesce($2, url), types = coalesce($3, types) where id = $1
returning {COLUMNS}
"""  # noqa: S608
_ROTATE = f"""
update app.webhooks w set former_secret = $2, secret = $3,
    former_until = now() + make_interval(hours => $4)
where id = $1 returning {COLUMNS}
"""  # noqa: S608
_ENABLE = f"""
update app.webhooks w set disabled_at = null, disabled_reason = null, failing_since = null
where id = $1 returning {COLUMNS}
"""  # noqa: S608
_DISABLE = f"""
update app.webhooks w set disabled_at = now(), disabled_reason = $2
where id = $1 and disabled_at is null returning {COLUMNS}
"""  # noqa: S608
_CANCEL = """
update app.webhook_deliveries set state = 'canceled' where webhook_id = $1 and state = 'waiting'
"""
_DELETE = "delete from app.webhooks where user_id = $1 and id = $2 returning true"


class WebhookRow(msgspec.Struct, frozen=True):
    """A row of app.webhooks, opened; `former_secret` while it still signs."""

    id: UUID
    user_id: UUID
    url: str
    types: list[str]
    secret: str
    former_secret: str | None
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None


async def count(connection: Connection, user_id: UUID) -> int:
    """How many the person has; nobody else makes one until this transaction ends."""
    await connection.execute(_LOCK_USER, user_id)
    many: int = await connection.fetchval(_COUNT, user_id)
    return many


async def insert(
    connection: Connection, webhook_id: UUID, user_id: UUID, url: str, secret: str,
    types: Sequence[str],
) -> WebhookRow:  # fmt: skip
    """Keep a new one; it gets what happens from now on."""
    sealed = await SEALED.seal(connection, user_id, webhook_id, url=url, secret=secret)
    record = await connection.fetchrow(_INSERT, webhook_id, user_id, *sealed, types)
    return await _one(connection, record)


async def list_of(connection: Connection, user_id: UUID) -> list[WebhookRow]:
    """The person's, oldest first."""
    return await SEALED.many(connection, await connection.fetch(_LIST, user_id), WebhookRow)


async def get(
    connection: Connection, user_id: UUID, webhook_id: UUID, *, lock: bool = False
) -> WebhookRow | None:
    """One of the person's."""
    query = _LOCK if lock else _GET
    record = await connection.fetchrow(query, user_id, webhook_id)
    return await SEALED.one(connection, record, WebhookRow)


async def change(
    connection: Connection, row: WebhookRow, url: str | None, types: Sequence[str] | None
) -> WebhookRow:
    """Another address, or other types; None leaves it."""
    (sealed,) = await SEALED.seal(connection, row.user_id, row.id, url=url)
    return await _one(connection, await connection.fetchrow(_CHANGE, row.id, sealed, types))


async def rotate(
    connection: Connection, row: WebhookRow, secret: str, overlap_hours: int
) -> WebhookRow:
    """Another secret; the one of before signs as well for so long."""
    sealed = await SEALED.seal(
        connection, row.user_id, row.id, former_secret=row.secret, secret=secret
    )
    return await _one(
        connection, await connection.fetchrow(_ROTATE, row.id, *sealed, overlap_hours)
    )


async def enable(connection: Connection, webhook_id: UUID) -> WebhookRow:
    """Send again, what happens from now on."""
    await connection.execute(_CANCEL, webhook_id)
    return await _one(connection, await connection.fetchrow(_ENABLE, webhook_id))


async def disable(connection: Connection, webhook_id: UUID, reason: str) -> WebhookRow | None:
    """Send nothing any more, nor what waits; None if that is so already."""
    record = await connection.fetchrow(_DISABLE, webhook_id, reason)
    if record is None:
        return None
    await connection.execute(_CANCEL, webhook_id)
    return await _one(connection, record)


async def delete(connection: Connection, user_id: UUID, webhook_id: UUID) -> bool:
    """Forget one of the person's, with all that was sent there; False if there is no such."""
    return await connection.fetchval(_DELETE, user_id, webhook_id) is True


async def _one(connection: Connection, record: Any) -> WebhookRow:
    return await SEALED.opened(connection, record, WebhookRow)
