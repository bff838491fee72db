"""Calls: public.calls joined with app.call_details, and the waiting room.

Only talking_service may run these, which it does not narrow: whoever asks for a user passes that
user's id. Knows nothing of how a call is run; what it guards is that a status never goes back and
that only the holder of the current epoch writes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from db.core.clear import Clear
from db.core.rows import Connection
from db.core.sealed import Sealed

CallStatus = Literal[
    "initiating",
    "ringing",
    "answered",
    "waiting",
    "talking",
    "voicemail",
    "ended",
    "busy",
    "no_answer",
    "failed",
    "canceled",
    "lost",
]
RecordingState = Literal["asking", "on", "paused", "stopped", "declined"]
DialState = Literal["intent", "sent", "known", "unknown", "refused"]
Direction = Literal["outbound", "inbound"]
WaitingStatus = Literal["waiting", "processing", "completed"]

SEALED = Sealed("public.calls", text=("user_phone_number", "topic"))
CLEAR = (
    Clear(SEALED),
    Clear(
        Sealed("app.call_details"),
        names={"id": "t.call_id"},
        hashes={"number_hash": "user_phone_number"},
        topics={"topic_hash": "topic"},
        join="join public.calls s on s.id = t.call_id",
        of=SEALED,
    ),
)
COLUMNS = """c.id, c.user_id, c.user_phone_number, c.topic, c.twilio_call_sid, c.status,
    c.initiated_time, c.ringing_time, c.answered_time, c.ended_time, c.duration_seconds,
    c.created_at, c.updated_at,
    d.answered_by, d.end_reason, d.dial_state, d.owner_node, d.epoch as lease_epoch,
    d.lease_until, d.recording, d.direction, d.scheduled_id, d.language"""

# The details go first because they hold the idempotency key; foreign keys are checked at the end.
# $10 is the carrier's name of a call that rings us; of others it has none yet.
_INSERT = f"""
with d as (
    insert into app.call_details (call_id, user_id, idempotency_key, owner_node, lease_until,
        number_hash, topic_hash, scheduled_id, direction, dial_state)
    values ($1, $2, $5, $6, clock_timestamp() + make_interval(secs => $7), $8, $9, $11,
        case when $10::text is null then 'outbound' else 'inbound' end,
        case when $10::text is null then 'intent' else 'known' end)
    on conflict (user_id, idempotency_key) do nothing
    returning *
), c as (
    insert into public.calls (id, user_id, user_phone_number, topic, twilio_call_sid, status,
        ringing_time)
    select d.call_id, d.user_id, $3, $4, $10,
        case when $10::text is null then 'initiating' else 'ringing' end,
        case when $10::text is not null then clock_timestamp() end
    from d
    returning *
)
select {COLUMNS} from c join d on d.call_id = c.id
"""  # noqa: S608 - the columns above

_BY_IDEMPOTENCY_KEY = f"""
select {COLUMNS} from app.call_details d join public.calls c on c.id = d.call_id
where d.user_id = $1 and d.idempotency_key = $2
"""  # noqa: S608

_GET = f"""
select {COLUMNS} from public.calls c join app.call_details d on d.call_id = c.id
where c.id = $1 and ($2::uuid is null or c.user_id = $2)
"""  # noqa: S608

_PAGE_OF_USER = f"""
select {COLUMNS} from public.calls c join app.call_details d on d.call_id = c.id
where c.user_id = $1 and (c.created_at, c.id) < (coalesce($2, 'infinity'::timestamptz),
    coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid))
order by c.created_at desc, c.id desc limit $4
"""  # noqa: S608

_PAGE_OF_ALL = f"""
select {COLUMNS} from public.calls c join app.call_details d on d.call_id = c.id
where (c.created_at, c.id) < (coalesce($1, 'infinity'::timestamptz),
    coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid))
order by c.created_at desc, c.id desc limit $3
"""  # noqa: S608

_AT_ONCE = """
select count(*) from public.calls where user_id = $1
    and status in ('initiating', 'ringing', 'answered', 'waiting', 'talking', 'voicemail')
"""

_TALKED_SINCE = """
select exists (select from public.calls where user_id = $1
    and (answered_time >= $2 or status = 'talking'))
"""

_UNFINISHED = f"""
select {COLUMNS} from public.calls c join app.call_details d on d.call_id = c.id
where c.status in ('initiating', 'ringing', 'answered', 'waiting', 'talking', 'voicemail')
order by c.created_at
"""  # noqa: S608

# The update of the details is the fence: it takes the row's lock and checks the epoch under it.
_APPLY = f"""
with given as (
    select * from unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::timestamptz[],
        $6::timestamptz[], $7::timestamptz[], $8::integer[], $9::text[], $10::text[], $11::text[],
        $12::text[], $13::text[])
        as g (call_id, epoch, status, sid, ringing, answered, ended, seconds, answered_by, reason,
            dialled, recording, language)
), d as (
    update app.call_details d
    set answered_by = coalesce(g.answered_by, d.answered_by),
        end_reason = coalesce(d.end_reason, g.reason),
        dial_state = coalesce(g.dialled, d.dial_state),
        recording = coalesce(g.recording, d.recording),
        language = coalesce(g.language, d.language)
    from given g where d.call_id = g.call_id and d.epoch = g.epoch
    returning d.*
)
update public.calls c
set status = case
        when app.call_status_rank(c.status) < app.call_status_rank('ended')
            and app.call_status_rank(g.status) >= app.call_status_rank(c.status) then g.status
        else c.status
    end,
    twilio_call_sid = coalesce(c.twilio_call_sid, g.sid),
    ringing_time = coalesce(g.ringing, c.ringing_time),
    answered_time = coalesce(g.answered, c.answered_time),
    ended_time = coalesce(c.ended_time, g.ended),
    duration_seconds = coalesce(c.duration_seconds, g.seconds)
from d join given g using (call_id) where c.id = d.call_id
returning {COLUMNS}
"""  # noqa: S608

_SET_DIAL_STATE = """
update app.call_details set dial_state = $3 where call_id = $1 and epoch = $2 returning true
"""

_SET_WAITING = """
insert into public.amd_waiting_room as w (user_id, call_id, status)
select c.user_id, c.id, g.status
from unnest($1::uuid[], $2::text[]) as g (call_id, status) join public.calls c on c.id = g.call_id
order by c.id
on conflict (call_id) do update set status = excluded.status
where array_position($3::text[], excluded.status) > array_position($3::text[], w.status)
"""
_WAITING_ORDER = ("waiting", "processing", "completed")


class NewCall(msgspec.Struct, frozen=True):
    """A call about to be placed by `owner_node`, which leases it for `lease_seconds`."""

    id: UUID
    user_id: UUID
    user_phone_number: str
    topic: str
    owner_node: str
    lease_seconds: float
    idempotency_key: str | None = None
    scheduled_id: UUID | None = None


class CallRow(msgspec.Struct, frozen=True):
    """A row of public.calls and, from answered_by on, its row of app.call_details."""

    id: UUID
    user_id: UUID
    user_phone_number: str
    topic: str
    twilio_call_sid: str | None
    status: CallStatus
    initiated_time: datetime
    ringing_time: datetime | None
    answered_time: datetime | None
    ended_time: datetime | None
    duration_seconds: int | None
    created_at: datetime
    updated_at: datetime
    answered_by: str | None
    end_reason: str | None
    dial_state: DialState
    owner_node: str | None
    lease_epoch: int
    lease_until: datetime | None
    recording: RecordingState | None
    direction: Direction = "outbound"
    scheduled_id: UUID | None = None
    language: str | None = None


class CallChange(msgspec.Struct, frozen=True):
    """What became known of a call; None leaves a column alone."""

    status: CallStatus | None = None
    twilio_call_sid: str | None = None
    ringing_time: datetime | None = None
    answered_time: datetime | None = None
    ended_time: datetime | None = None
    duration_seconds: int | None = None
    answered_by: str | None = None
    end_reason: str | None = None
    dial_state: DialState | None = None
    recording: RecordingState | None = None
    language: str | None = None


async def at_once(connection: Connection, user_id: UUID) -> int:
    """How many calls of the user are not over."""
    count: int = await connection.fetchval(_AT_ONCE, user_id)
    return count


async def talked_since(connection: Connection, user_id: UUID, since: datetime) -> bool:
    """Whether a call of the user was answered since then, or they talk with us just now."""
    talked: bool = await connection.fetchval(_TALKED_SINCE, user_id, since)
    return talked


async def insert_call(
    connection: Connection, call: NewCall, *, inbound_sid: str | None = None
) -> CallRow:
    """Write the intent to call, or the call that rings us (by its SID), leased by its node with
    epoch 1.

    The same idempotency key of the same user gives the first call back: its id is then another.
    """
    keyring = connection.keyring
    number, topic = await SEALED.seal(
        connection, call.user_id, call.id,
        user_phone_number=call.user_phone_number, topic=call.topic,
    )  # fmt: skip
    record = await connection.fetchrow(
        _INSERT, call.id, call.user_id, number, topic, call.idempotency_key, call.owner_node,
        call.lease_seconds, keyring.hash_address(call.user_phone_number),
        keyring.hash_topic(call.user_id, call.topic), inbound_sid, call.scheduled_id,
    )  # fmt: skip
    if record is None:
        record = await connection.fetchrow(_BY_IDEMPOTENCY_KEY, call.user_id, call.idempotency_key)
    return await SEALED.opened(connection, record, CallRow)


async def by_key(connection: Connection, user_id: UUID, key: str) -> CallRow | None:
    """The user's call that was placed under this key."""
    record = await connection.fetchrow(_BY_IDEMPOTENCY_KEY, user_id, key)
    return await SEALED.one(connection, record, CallRow)


async def get(connection: Connection, call_id: UUID, *, user_id: UUID | None) -> CallRow | None:
    """The call if it is that user's; `user_id=None` is for webhooks and administrators."""
    return await SEALED.one(connection, await connection.fetchrow(_GET, call_id, user_id), CallRow)


async def get_any(connection: Connection, call_id: UUID) -> CallRow | None:
    """The call, whoever's it is."""
    return await get(connection, call_id, user_id=None)


async def list_page(
    connection: Connection,
    *,
    user_id: UUID | None,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
) -> list[CallRow]:
    """The newest calls of a user (of everybody: None), older than `before`, a (created_at, id)."""
    created_at, call_id = before or (None, None)
    if user_id is None:
        records = await connection.fetch(_PAGE_OF_ALL, created_at, call_id, limit)
    else:
        records = await connection.fetch(_PAGE_OF_USER, user_id, created_at, call_id, limit)
    return await SEALED.many(connection, records, CallRow)


_GET_MANY = f"""
select {COLUMNS} from public.calls c join app.call_details d on d.call_id = c.id
where c.id = any($1) order by c.created_at desc, c.id desc
"""  # noqa: S608

_LOCK = "select from app.call_details where call_id = $1 for update"

_BY_SID = "select id from public.calls where twilio_call_sid = $1"

# In one snapshot: whoever is written to the one is not read as missing from the other.
_UNCLAIMED = """
select array(select g.sid from unnest($4::text[]) as g (sid)
        where not exists (select from public.calls c where c.twilio_call_sid = g.sid)) as sids,
    exists (select from public.calls c join app.call_details d on d.call_id = c.id
        where c.created_at > $3 and d.number_hash = $2 and c.id <> $1
            and c.twilio_call_sid is null and c.status not in ('failed', 'canceled')) as has_rivals
"""


async def get_many(connection: Connection, call_ids: Sequence[UUID]) -> list[CallRow]:
    """These calls, newest first."""
    return await SEALED.many(connection, await connection.fetch(_GET_MANY, call_ids), CallRow)


async def lock(connection: Connection, call_id: UUID) -> CallRow | None:
    """The call, which nobody else writes to until this transaction ends; None: no such call."""
    await connection.execute(_LOCK, call_id)
    return await get_any(connection, call_id)


async def by_sid(connection: Connection, sid: str) -> UUID | None:
    """The call that the carrier calls by this SID."""
    found: UUID | None = await connection.fetchval(_BY_SID, sid)
    return found


async def unclaimed(
    connection: Connection, call_id: UUID, number: str, since: datetime, sids: Sequence[str]
) -> tuple[list[str], bool]:
    """Which of these carrier SIDs no call of ours has, and whether another may turn out to have one
    of them: one to the number, begun since then, that may be placed and has no SID yet."""
    hashed = connection.keyring.hash_address(number)
    record = await connection.fetchrow(_UNCLAIMED, call_id, hashed, since, sids)
    return record["sids"], record["has_rivals"]


async def unfinished(connection: Connection) -> list[CallRow]:
    """Every call in no terminal status, oldest first."""
    return await SEALED.many(connection, await connection.fetch(_UNFINISHED), CallRow)


async def apply_change(
    connection: Connection, call_id: UUID, change: CallChange, lease_epoch: int
) -> CallRow | None:
    """As `apply_changes`, to one call."""
    changed = await apply_changes(connection, {call_id: (lease_epoch, change)})
    return changed.get(call_id)


async def apply_changes(
    connection: Connection, changes: Mapping[UUID, tuple[int, CallChange]]
) -> dict[UUID, CallRow]:
    """Write in one statement what became known of each call by the holder of an epoch; the calls as
    they are now, without those whose lease has another epoch (by now).

    A status of lower rank, or any after a terminal one, changes nothing. SID, end, duration and end
    reason keep their first value; the others take the last, for the carrier's word on when it rang
    or was answered may come after our own observation.
    """
    rows = [
        (
            call_id,
            lease_epoch,
            change.status,
            change.twilio_call_sid,
            change.ringing_time,
            change.answered_time,
            change.ended_time,
            change.duration_seconds,
            change.answered_by,
            change.end_reason,
            change.dial_state,
            change.recording,
            change.language,
        )
        for call_id, (lease_epoch, change) in changes.items()
    ]
    columns = map(list, zip(*rows, strict=True))
    records = await connection.fetch(_APPLY, *columns) if rows else []
    changed = await SEALED.many(connection, records, CallRow)
    return {row.id: row for row in changed}


async def set_dial_state(
    connection: Connection, call_id: UUID, state: DialState, lease_epoch: int
) -> bool:
    """Note how far dialling came; False if the call's lease has another epoch (by now)."""
    return await connection.fetchval(_SET_DIAL_STATE, call_id, lease_epoch, state) is True


async def set_waiting(connection: Connection, moves: Sequence[tuple[UUID, WaitingStatus]]) -> None:
    """Put calls into the waiting room, or move them on there, never back, in one statement. A call
    may have several moves; one that does not exist is passed over."""
    furthest: dict[UUID, WaitingStatus] = {}
    for call_id, status in moves:
        furthest[call_id] = max(furthest.get(call_id, status), status, key=_WAITING_ORDER.index)
    if furthest:
        await connection.execute(
            _SET_WAITING, list(furthest), list(furthest.values()), _WAITING_ORDER
        )
