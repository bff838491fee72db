"""Stripe's webhooks as they came, until and after they are done; sealed by the key of whose
customer they are about, if that is known. Knows no meaning of them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from db.core.clear import Clear
from db.core.rows import Connection, many
from db.core.sealed import Sealed

EVENTS = Sealed("app.stripe_events", ("event_id",), json=("payload",))
CLEAR = Clear(
    EVENTS, "(select u.id from public.users u where u.stripe_customer_id = t.customer_id)"
)

_OWNER = "select id from public.users where stripe_customer_id = $1"

_RECORD = """
insert into app.stripe_events (event_id, type, api_version, created, customer_id, payload)
values ($1, $2, $3, $4, $5, $6) on conflict (event_id) do nothing returning true
"""

_UNFINISHED = """
select event_id, type, api_version, created, customer_id, payload, attempts, retry_at, set_aside_at
from app.stripe_events where event_id = $1 and processed_at is null
"""
_OF_CUSTOMER = """
select event_id, type, api_version, created, customer_id, payload, attempts, retry_at, set_aside_at
from app.stripe_events
where customer_id = $1 and processed_at is null
order by set_aside_at is not null, created, event_id limit $2
"""
# What was set aside is taken up again once its customer is somebody's.
_ALL_UNFINISHED = """
select event_id, customer_id from app.stripe_events e
where processed_at is null and (set_aside_at is null
    or exists (select from public.users u where u.stripe_customer_id = e.customer_id))
order by created, event_id
"""
_NAME_CUSTOMER = "update app.stripe_events set customer_id = $2 where event_id = $1"

_FINISH = """
update app.stripe_events set processed_at = now(), error = null
where event_id = any($1::text[]) and processed_at is null
"""

_FAIL = """
update app.stripe_events set error = $2, attempts = attempts + 1, retry_at = $3
where event_id = any($1::text[]) and processed_at is null
"""
_SET_ASIDE = """
update app.stripe_events set set_aside_at = now()
where event_id = any($1::text[]) and processed_at is null and set_aside_at is null
    and received_at < now() - make_interval(secs => $2)
"""

_WAITING = "select count(*) from app.stripe_events where processed_at is null"

_OLDEST_WAITING = """
select min(received_at) from app.stripe_events where processed_at is null and set_aside_at is null
"""

_FAILED = """
select event_id, error, attempts, type, customer_id, received_at, set_aside_at
from app.stripe_events
where processed_at is null and error is not null
order by set_aside_at is not null, created limit $1
"""


class StripeEvent(msgspec.Struct, frozen=True):
    """A webhook; `attempts` counts those that failed. Not before `retry_at` is it looked at again,
    and by itself no more once it is set aside."""

    event_id: str
    type: str
    api_version: str | None
    created: dt.datetime
    customer_id: str | None
    payload: dict[str, Any]
    attempts: int = 0
    retry_at: dt.datetime | None = None
    set_aside_at: dt.datetime | None = None


class FailedEvent(msgspec.Struct, frozen=True):
    """An event that waits for something: `error` says for what."""

    event_id: str
    error: str
    attempts: int
    type: str
    customer_id: str | None
    received_at: dt.datetime
    set_aside_at: dt.datetime | None


async def record(connection: Connection, event: StripeEvent) -> bool:
    """Keep the event; True if it is new."""
    owner = await connection.fetchval(_OWNER, event.customer_id)
    sealed = await EVENTS.seal(connection, owner, event.event_id, payload=event.payload)
    new = await connection.fetchval(
        _RECORD, event.event_id, event.type, event.api_version, event.created, event.customer_id,
        *sealed,
    )  # fmt: skip
    return new is True


async def unfinished(connection: Connection, event_id: str) -> StripeEvent | None:
    """The event, unless it is done or was never kept."""
    record = await connection.fetchrow(_UNFINISHED, event_id)
    return await EVENTS.one(connection, record, StripeEvent)


async def all_unfinished(connection: Connection) -> list[tuple[str, str | None]]:
    """All events that are not done nor set aside, and whose they are; oldest first."""
    rows = await connection.fetch(_ALL_UNFINISHED)
    return [(row["event_id"], row["customer_id"]) for row in rows]


async def of_customer(connection: Connection, customer: str, limit: int) -> list[StripeEvent]:
    """A customer's events that are not done, oldest first."""
    records = await connection.fetch(_OF_CUSTOMER, customer, limit)
    return await EVENTS.many(connection, records, StripeEvent)


async def name_customer(connection: Connection, event_id: str, customer: str) -> None:
    """Note whose event it is, when the event itself does not say so."""
    await connection.execute(_NAME_CUSTOMER, event_id, customer)


async def finish(connection: Connection, event_ids: Sequence[str]) -> None:
    """These are done."""
    await connection.execute(_FINISH, list(event_ids))


async def fail(
    connection: Connection,
    event_ids: Sequence[str],
    error: str,
    retry_at: dt.datetime | None = None,
) -> None:
    """These could not be done yet, for this reason; no payload and nothing personal in it."""
    await connection.execute(_FAIL, list(event_ids), error, retry_at)


async def set_aside(
    connection: Connection, event_ids: Sequence[str], older_than_seconds: float
) -> bool:
    """Look at these no more that have waited for so long; whether there were any."""
    done: str = await connection.execute(_SET_ASIDE, list(event_ids), older_than_seconds)
    return done != "UPDATE 0"


async def oldest_waiting(connection: Connection) -> dt.datetime | None:
    """When the oldest event came that is not done, those set aside left out."""
    found: dt.datetime | None = await connection.fetchval(_OLDEST_WAITING)
    return found


async def waiting(connection: Connection) -> int:
    """How many events are not done."""
    count: int = await connection.fetchval(_WAITING)
    return count


async def failed(connection: Connection, limit: int) -> list[FailedEvent]:
    """Events that failed at least once, oldest first."""
    return many(await connection.fetch(_FAILED, limit), FailedEvent)
