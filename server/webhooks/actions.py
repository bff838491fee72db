"""Webhooks as their owner has them: made, changed, tried out, looked through, removed."""

import datetime as dt
import uuid
from collections.abc import Sequence

import msgspec

from db import webhook_deliveries as deliveries
from db import webhooks
from db.core.rows import Connection
from db.webhook_deliveries import DeliveryRow, State
from db.webhooks import WebhookRow
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.times import rfc3339, utc
from server.webhooks import signing
from server.webhooks.addresses import checked_url

BY_OWNER = "Its owner switched it off."
TEST = "webhook.test"


async def make(deps: Node, who: Identity, url: str, types: Sequence[str]) -> tuple[WebhookRow, str]:
    """A new one with its secret. Raises AppError: bad_request, too_many."""
    settings = deps.config.webhooks
    address = str(checked_url(url, allow_private=settings.allow_private))
    secret = signing.new_secret()
    async with deps.pools.as_service() as connection:
        if await webhooks.count(connection, who.user_id) >= settings.most_per_user:
            raise AppError(
                "too_many", f"You have {settings.most_per_user} webhooks; delete one first.",
                most=settings.most_per_user,
            )  # fmt: skip
        row = await webhooks.insert(
            connection, uuid.uuid4(), who.user_id, address, secret, sorted(set(types))
        )
    return row, secret


async def mine(deps: Node, who: Identity) -> list[WebhookRow]:
    """The asker's, oldest first."""
    async with deps.pools.as_service() as connection:
        return await webhooks.list_of(connection, who.user_id)


async def read(deps: Node, who: Identity, webhook_id: uuid.UUID) -> WebhookRow:
    """One of the asker's. Raises AppError("not_found")."""
    async with deps.pools.as_service() as connection:
        return await _own(connection, who, webhook_id)


async def change(
    deps: Node, who: Identity, webhook_id: uuid.UUID, *, url: str | None,
    types: Sequence[str] | None, enabled: bool | None,
) -> WebhookRow:  # fmt: skip
    """Change what is given. One that is switched on again gets what happens from then on.

    Raises AppError: not_found, bad_request.
    """
    allow_private = deps.config.webhooks.allow_private
    address = None if url is None else str(checked_url(url, allow_private=allow_private))
    chosen = None if types is None else sorted(set(types))
    async with deps.pools.as_service() as connection:
        row = await _own(connection, who, webhook_id, lock=True)
        if address is not None or chosen is not None:
            row = await webhooks.change(connection, row, address, chosen)
        if enabled is True and row.disabled_at is not None:
            row = await webhooks.enable(connection, row.id)
        elif enabled is False:
            row = await webhooks.disable(connection, row.id, BY_OWNER) or row
    return row


async def rotate(
    deps: Node, who: Identity, webhook_id: uuid.UUID, overlap_hours: int | None
) -> tuple[WebhookRow, str]:
    """Another secret; both sign for a while. Raises AppError("not_found")."""
    hours = deps.config.webhooks.overlap_hours if overlap_hours is None else overlap_hours
    secret = signing.new_secret()
    async with deps.pools.as_service() as connection:
        row = await _own(connection, who, webhook_id, lock=True)
        return await webhooks.rotate(connection, row, secret, hours), secret


async def delete(deps: Node, who: Identity, webhook_id: uuid.UUID) -> None:
    """Forget it and all that was sent there. Raises AppError("not_found")."""
    async with deps.pools.as_service() as connection:
        if not await webhooks.delete(connection, who.user_id, webhook_id):
            raise AppError("not_found")


async def test(deps: Node, who: Identity, webhook_id: uuid.UUID) -> DeliveryRow:
    """Send an event that means nothing. Raises AppError: not_found, wrong_state."""
    delivery_id = uuid.uuid4()
    body = {
        "type": TEST, "timestamp": rfc3339(utc(deps.clock())), "subject": f"test:{delivery_id}",
        "seq": None, "rev": None, "data": {"webhook": webhook_id},
    }  # fmt: skip
    async with deps.pools.as_service() as connection:
        row = await _enabled(connection, who, webhook_id)
        text = msgspec.json.encode(body).decode()
        await deliveries.put(connection, row, delivery_id, TEST, text)
        return await _delivery(connection, webhook_id, delivery_id)


async def resend(
    deps: Node, who: Identity, webhook_id: uuid.UUID, delivery_id: uuid.UUID
) -> DeliveryRow:
    """Send one once more, under the same id. Raises AppError: not_found, wrong_state."""
    async with deps.pools.as_service() as connection:
        await _enabled(connection, who, webhook_id)
        await _delivery(connection, webhook_id, delivery_id)
        if not await deliveries.again(connection, webhook_id, delivery_id):
            raise AppError("wrong_state", "It waits to be sent, or was never made up.")
        return await _delivery(connection, webhook_id, delivery_id)


async def sent(
    deps: Node, who: Identity, webhook_id: uuid.UUID, limit: int,
    before: tuple[dt.datetime, uuid.UUID] | None, state: State | None,
) -> list[DeliveryRow]:  # fmt: skip
    """What was sent or waits, newest first, one more than `limit` where there are more."""
    async with deps.pools.as_service() as connection:
        await _own(connection, who, webhook_id)
        return await deliveries.page(
            connection, webhook_id, limit=limit + 1, state=state, before=before
        )


async def _enabled(connection: Connection, who: Identity, webhook_id: uuid.UUID) -> WebhookRow:
    row = await _own(connection, who, webhook_id, lock=True)
    if row.disabled_at is not None:
        raise AppError("wrong_state", "The webhook is switched off; switch it on first.")
    return row


async def _own(
    connection: Connection, who: Identity, webhook_id: uuid.UUID, *, lock: bool = False
) -> WebhookRow:
    row = await webhooks.get(connection, who.user_id, webhook_id, lock=lock)
    if row is None:
        raise AppError("not_found")
    return row


async def _delivery(
    connection: Connection, webhook_id: uuid.UUID, delivery_id: uuid.UUID
) -> DeliveryRow:
    row = await deliveries.get(connection, webhook_id, delivery_id)
    if row is None:
        raise AppError("not_found")
    return row
