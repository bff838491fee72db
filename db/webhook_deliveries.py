"""What goes to people's webhooks: each event once for each of them, in the order of its lane.

The trigger on app.events puts a delivery in with the event, and its lane's job. A lane is attended
to by one at a time, by a claim that ends by itself. Knows nothing of how something is sent.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from db import webhooks
from db.cluster import event_streams
from db.cluster.event_streams import EventRow
from db.core.rows import Connection
from db.core.sealed import Sealed, open_all

SEALED = Sealed("app.webhook_deliveries", text=("body",))
State: TypeAlias = Literal["waiting", "delivered", "failed", "canceled"]
_FILLED_AT_ONCE = 200

_CLAIM = """
update app.webhook_lanes set claimed_by = $2, claimed_until = now() + make_interval(secs => $3)
where id = $1 and (claimed_by = $2 or coalesce(claimed_until < now(), true))
returning webhook_id, subject
"""
_IS_THERE = "select exists (select from app.webhook_lanes where id = $1)"
_RELEASE = """
update app.webhook_lanes set claimed_by = null, claimed_until = null
where id = $1 and claimed_by = $2
"""
_CANCEL = """
update app.webhook_deliveries set state = 'canceled'
where webhook_id = $1 and subject = $2 and state = 'waiting'
"""
_END = "delete from app.webhook_lanes where id = $1"
_EMPTY = """
select id, user_id, event_seq from app.webhook_deliveries
where webhook_id = $1 and subject = $2 and state = 'waiting' and body is null
order by place limit $3
"""
_FILL = """
update app.webhook_deliveries d set body = g.body
from unnest($1::uuid[], $2::text[]) as g (id, body) where d.id = g.id
"""
_GONE = """
update app.webhook_deliveries set state = 'failed', log = log || jsonb_build_object(
    'at', app.rfc3339(now()), 'status', null, 'error', 'event_no_longer_kept', 'took_ms', 0)
where id = any($1)
"""
_HEAD = f"""
select d.id as delivery_id, d.body, d.attempts, d.type,
    greatest(extract(epoch from d.due_at - clock_timestamp()), 0)::float8 as due_in_seconds,
    {webhooks.COLUMNS}
from app.webhook_deliveries d join app.webhooks w on w.id = d.webhook_id
where d.webhook_id = $1 and d.subject = $2 and d.state = 'waiting'
order by d.place limit 1
"""  # noqa: S608 - columns of ours
# Before its deliveries, as whoever disables it does, so that neither waits for the other.
_LOCK_WEBHOOK = "select from app.webhooks where id = $1 for no key update"
_NOTE = """
update app.webhook_deliveries set attempts = attempts + 1, log = log || $2::jsonb,
    state = case when state <> 'waiting' then state else $3 end,
    due_at = now() + make_interval(secs => $4),
    delivered_at = case when $3 = 'delivered' then now() else delivered_at end
where id = $1
"""
_WENT_WELL = (
    "update app.webhooks set failing_since = null where id = $1 and failing_since is not null"
)
_FAILED = """
update app.webhooks set failing_since = coalesce(failing_since, now()) where id = $1
returning extract(epoch from now() - failing_since)::float8 as seconds
"""
_PUT = """
insert into app.webhook_deliveries (id, webhook_id, user_id, subject, type, body)
values ($1, $2, $3, $4, $5, $6)
"""
_ATTEND = "select app.attend_webhook_lane($1, $2, true)"
_AGAIN = """
update app.webhook_deliveries set state = 'waiting', attempts = 0, due_at = now()
where webhook_id = $1 and id = $2 and state <> 'waiting' and body is not null
returning subject
"""
_COLUMNS = """id, webhook_id, type, subject, created_at, state, attempts,
    case when state = 'waiting' then due_at end as due_at, delivered_at, log"""
_GET = f"select {_COLUMNS} from app.webhook_deliveries where webhook_id = $1 and id = $2"  # noqa: S608
_PAGE = f"""
select {_COLUMNS} from app.webhook_deliveries
where webhook_id = $1 and ($2::text is null or state = $2)
    and (created_at, id) < (coalesce($3, 'infinity'::timestamptz),
        coalesce($4, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid))
order by created_at desc, id desc limit $5
"""  # noqa: S608


class Attempt(msgspec.Struct, frozen=True):
    """One try: what came back, or why nothing did."""

    at: str
    status: int | None
    error: str | None
    took_ms: int


class DeliveryRow(msgspec.Struct, frozen=True):
    """A row of app.webhook_deliveries without its body; `due_at` while it waits."""

    id: UUID
    webhook_id: UUID
    type: str
    subject: str
    created_at: dt.datetime
    state: State
    attempts: int
    due_at: dt.datetime | None
    delivered_at: dt.datetime | None
    log: list[Attempt]


class Head(msgspec.Struct, frozen=True):
    """What is next in a lane, due now, and where it goes."""

    delivery_id: UUID
    type: str
    body: str
    attempts: int
    webhook: webhooks.WebhookRow


async def head(
    connection: Connection, lane_id: UUID, by: UUID, *, claim_seconds: float,
    write: Callable[[EventRow], str],
) -> Head | float | None:  # fmt: skip
    """What is next in the lane, which is the caller's for so long; or the seconds until it is worth
    a look again; None: nothing waits, and the lane is gone. `write` makes an event's body.

    To be committed before anything is sent.
    """
    lane = await connection.fetchrow(_CLAIM, lane_id, by, claim_seconds)
    if lane is None:
        return claim_seconds if await connection.fetchval(_IS_THERE, lane_id) else None
    # The lane's row is ours until the commit, so nobody puts anything in meanwhile.
    await _fill(connection, lane["webhook_id"], lane["subject"], write)
    record = await connection.fetchrow(_HEAD, lane["webhook_id"], lane["subject"])
    if record is not None and record["disabled_at"] is not None:  # it was put in at that moment
        await connection.execute(_CANCEL, lane["webhook_id"], lane["subject"])
        record = None
    if record is None:
        await connection.execute(_END, lane_id)
        return None
    if record["due_in_seconds"] > 0:
        await connection.execute(_RELEASE, lane_id, by)
        return float(record["due_in_seconds"])
    (row,) = await open_all(
        connection, [record], webhooks.SEALED,
        Sealed(SEALED.table, ("delivery_id",), SEALED.text),
    )  # fmt: skip
    return Head(
        row["delivery_id"], row["type"], row["body"], row["attempts"],
        msgspec.convert(row, webhooks.WebhookRow),
    )  # fmt: skip


async def release(connection: Connection, lane_id: UUID, by: UUID) -> None:
    """Let somebody else attend to the lane, if it is still the caller's."""
    await connection.execute(_RELEASE, lane_id, by)


async def note(
    connection: Connection, head: Head, attempt: Attempt, state: State, pause_seconds: float
) -> float:
    """Write an attempt down; for how long the webhook has failed by now, 0 after a success."""
    await connection.execute(_LOCK_WEBHOOK, head.webhook.id)
    entry = [msgspec.to_builtins(attempt)]
    await connection.execute(_NOTE, head.delivery_id, entry, state, pause_seconds)
    if state == "delivered":
        await connection.execute(_WENT_WELL, head.webhook.id)
        return 0.0
    seconds: float | None = await connection.fetchval(_FAILED, head.webhook.id)
    return seconds or 0.0


async def put(
    connection: Connection, row: webhooks.WebhookRow, delivery_id: UUID, type_: str, body: str
) -> None:
    """Send this, which is about nothing else."""
    (sealed,) = await SEALED.seal(connection, row.user_id, delivery_id, body=body)
    subject = f"test:{delivery_id}"
    await connection.execute(_PUT, delivery_id, row.id, row.user_id, subject, type_, sealed)
    await connection.execute(_ATTEND, row.id, subject)


async def again(connection: Connection, webhook_id: UUID, delivery_id: UUID) -> bool:
    """Send it once more, with the attempts of a new one; False if it waits or cannot be."""
    subject = await connection.fetchval(_AGAIN, webhook_id, delivery_id)
    if subject is not None:
        await connection.execute(_ATTEND, webhook_id, subject)
    return subject is not None


async def get(connection: Connection, webhook_id: UUID, delivery_id: UUID) -> DeliveryRow | None:
    """One of a webhook's."""
    record = await connection.fetchrow(_GET, webhook_id, delivery_id)
    return None if record is None else msgspec.convert(dict(record), DeliveryRow)


async def page(
    connection: Connection, webhook_id: UUID, *, limit: int, state: State | None,
    before: tuple[dt.datetime, UUID] | None,
) -> list[DeliveryRow]:  # fmt: skip
    """A webhook's, newest first."""
    at, delivery_id = before or (None, None)
    records = await connection.fetch(_PAGE, webhook_id, state, at, delivery_id, limit)
    return [msgspec.convert(dict(record), DeliveryRow) for record in records]


async def _fill(
    connection: Connection, webhook_id: UUID, subject: str, write: Callable[[EventRow], str]
) -> None:
    """Give what waits in a lane its body, while the events are still there."""
    empty: Sequence[Any] = await connection.fetch(_EMPTY, webhook_id, subject, _FILLED_AT_ONCE)
    if not empty:
        return
    user_id = empty[0]["user_id"]
    events = await event_streams.read_some(connection, user_id, [row["event_seq"] for row in empty])
    by_seq = {event.seq: event for event in events}
    key = await connection.keyring.of(user_id)
    filled, gone = [], []
    for row in empty:
        event = by_seq.get(row["event_seq"])
        if event is None:
            gone.append(row["id"])
        else:
            body = SEALED.seal_by(connection.keyring, key, row["id"], body=write(event))
            filled.append((row["id"], *body))
    if filled:
        await connection.execute(_FILL, *map(list, zip(*filled, strict=True)))
    if gone:
        await connection.execute(_GONE, gone)
