"""Stripe's webhooks as they came, which is the queue of their work too. Knows no meaning of them.

Taking an event moves its next attempt into the future, further each time: a worker that dies
loses nothing, and an event nobody can make sense of yet is retried for ever and never dropped.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from db.rows import Connection, many

_RECORD = """
insert into app.stripe_events (event_id, type, api_version, created, customer_id, payload)
values ($1, $2, $3, $4, $5, $6) on conflict (event_id) do nothing returning true
"""

# All due events of a customer are taken together: one look at Stripe answers them all.
_TAKE = """
with due as (
    select event_id from app.stripe_events
    where processed_at is null and next_attempt_at <= now()
    order by next_attempt_at limit $1 for update skip locked
)
update app.stripe_events e set attempts = e.attempts + 1, next_attempt_at = now()
    + make_interval(secs => least(power(2, least(e.attempts, 20)) * $2, $3))
from due where e.event_id = due.event_id
returning e.event_id, e.type, e.api_version, e.created, e.customer_id, e.payload, e.attempts
"""

_FINISH = """
update app.stripe_events set processed_at = now(), error = null
where event_id = any($1::text[]) and processed_at is null
"""

_FAIL = """
update app.stripe_events set error = $2
where event_id = any($1::text[]) and processed_at is null
"""

_WAITING = "select count(*) from app.stripe_events where processed_at is null"

_HELD = """
select event_id, error, attempts from app.stripe_events
where processed_at is null and error is not null order by created limit $1
"""


class StripeEvent(msgspec.Struct, frozen=True):
    """A webhook; `attempts` counts this one."""

    event_id: str
    type: str
    api_version: str | None
    created: dt.datetime
    customer_id: str | None
    payload: dict[str, Any]
    attempts: int = 0


class HeldEvent(msgspec.Struct, frozen=True):
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


async def take(
    connection: Connection, *, limit: int, first_retry_seconds: float, longest_retry_seconds: float
) -> list[StripeEvent]:
    """Due events, no longer due; they come again after a pause unless they are finished."""
    taken = await connection.fetch(_TAKE, limit, first_retry_seconds, longest_retry_seconds)
    return many(taken, StripeEvent)


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


async def held(connection: Connection, limit: int) -> list[HeldEvent]:
    """Events that failed at least once, oldest first."""
    return many(await connection.fetch(_HELD, limit), HeldEvent)
