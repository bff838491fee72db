"""Stripe's webhooks as they came, until and after they are done. Knows no meaning of them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from db.core.rows import Connection, many, one

_RECORD = """
insert into app.stripe_events (event_id, type, api_version, created, customer_id, payload)
values ($1, $2, $3, $4, $5, $6) on conflict (event_id) do nothing returning true
"""

_UNFINISHED = """
select event_id, type, api_version, created, customer_id, payload, attempts
from app.stripe_events where event_id = $1 and processed_at is null
"""
_OF_CUSTOMER = """
select event_id, type, api_version, created, customer_id, payload, attempts
from app.stripe_events
where customer_id = $1 and processed_at is null order by created, event_id limit $2
"""
_ALL_UNFINISHED = """
select event_id from app.stripe_events where processed_at is null order by created, event_id
"""
_NAME_CUSTOMER = "update app.stripe_events set customer_id = $2 where event_id = $1"

_FINISH = """
update app.stripe_events set processed_at = now(), error = null
where event_id = any($1::text[]) and processed_at is null
"""

_FAIL = """
update app.stripe_events set error = $2, attempts = attempts + 1
where event_id = any($1::text[]) and processed_at is null
"""

_WAITING = "select count(*) from app.stripe_events where processed_at is null"

_FAILED = """
select event_id, error, attempts from app.stripe_events
where processed_at is null and error is not null order by created limit $1
"""


class StripeEvent(msgspec.Struct, frozen=True):
    """A webhook; `attempts` counts those that failed."""

    event_id: str
    type: str
    api_version: str | None
    created: dt.datetime
    customer_id: str | None
    payload: dict[str, Any]
    attempts: int = 0


class FailedEvent(msgspec.Struct, frozen=True):
    """An event that waits for something: `error` says for what."""

    event_id: str
    error: str
    attempts: int


async def record(connection: Connection, event: StripeEvent) -> bool:
    """Keep the event; True if it is new."""
    new = await connection.fetchval(
        _RECORD, event.event_id, event.type, event.api_version, event.created, event.customer_id,
        event.payload,
    )  # fmt: skip
    return new is True


async def unfinished(connection: Connection, event_id: str) -> StripeEvent | None:
    """The event, unless it is done or was never kept."""
    return one(await connection.fetchrow(_UNFINISHED, event_id), StripeEvent)


async def all_unfinished(connection: Connection) -> list[str]:
    """The ids of all events that are not done, oldest first."""
    return [row["event_id"] for row in await connection.fetch(_ALL_UNFINISHED)]


async def of_customer(connection: Connection, customer: str, limit: int) -> list[StripeEvent]:
    """A customer's events that are not done, oldest first."""
    return many(await connection.fetch(_OF_CUSTOMER, customer, limit), StripeEvent)


async def name_customer(connection: Connection, event_id: str, customer: str) -> None:
    """Note whose event it is, when the event itself does not say so."""
    await connection.execute(_NAME_CUSTOMER, event_id, customer)


async def finish(connection: Connection, event_ids: Sequence[str]) -> None:
    """These are done."""
    await connection.execute(_FINISH, list(event_ids))


async def fail(connection: Connection, event_ids: Sequence[str], error: str) -> None:
    """These could not be done yet, for this reason; no payload and nothing personal in it."""
    await connection.execute(_FAIL, list(event_ids), error)


async def waiting(connection: Connection) -> int:
    """How many events are not done."""
    count: int = await connection.fetchval(_WAITING)
    return count


async def failed(connection: Connection, limit: int) -> list[FailedEvent]:
    """Events that failed at least once, oldest first."""
    return many(await connection.fetch(_FAILED, limit), FailedEvent)
