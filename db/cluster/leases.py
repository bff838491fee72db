"""Who runs which live call. A call has an owner and an epoch; the epoch is the fence.

A node holds all of its calls by one lease, which it renews; a call is abandoned once it has no
owner, its owner's lease ran out, or its owner does not run it. Time is the database's clock alone,
so that the nodes' clocks may differ. It knows nothing of what a node does with a call.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from db.core.rows import Connection, many, one

SEEN_SECONDS = 15.0  # longer than a beat looks back for what other nodes were told
_UNFINISHED = "('initiating', 'ringing', 'answered', 'waiting', 'talking', 'voicemail')"

# $1 is the node that asks, $2 the calls that it runs. A call's own time keeps a new or handed over
# one from being taken for abandoned.
_ABANDONED = f"""
    from app.call_details e join public.calls c on c.id = e.call_id
    where c.status in {_UNFINISHED}
        and (e.lease_until is null or e.lease_until < clock_timestamp())
        and case when e.owner_node = $1 then e.call_id <> all($2)
            else not exists (
                select from app.nodes n
                where n.node = e.owner_node and n.lease_until > clock_timestamp()
            ) end
"""

# One that drains, or is gone since, was told of calls as well.
_HOLD = f"""
with beat as (
    insert into app.nodes (node, started_at, lease_until)
    values ($1, now(), clock_timestamp() + make_interval(secs => $4))
    on conflict (node) do update
    set lease_until = excluded.lease_until, seen_at = clock_timestamp()
)
select
    coalesce((select array_agg(d.call_id) from app.call_details d
        join unnest($2::uuid[], $3::integer[]) as held (call_id, epoch) using (call_id, epoch)
        where d.owner_node = $1), '{{}}') as ours,
    (select count(*)::integer from app.nodes n
        where n.node <> $1
            and n.seen_at > clock_timestamp() - make_interval(secs => {SEEN_SECONDS})) as peers,
    exists (select {_ABANDONED}) as has_abandoned,
    coalesce((select n.lease_until < clock_timestamp() + make_interval(secs => $4 / 3)
        from app.nodes n where n.node = $1), true) as was_late
"""  # noqa: S608 - the conditions above

_TAKE = """
update app.call_details d
set owner_node = $1, epoch = d.epoch + 1,
    lease_until = clock_timestamp() + make_interval(secs => $3)
from taken left join app.nodes n on n.node = taken.owner_node
where d.call_id = taken.call_id
returning d.call_id, d.user_id, d.epoch as lease_epoch, taken.owner_node as former,
    n.lease_until - make_interval(secs => $3) as seen_at
"""

# Skipping locked rows lets several nodes share the work.
_CLAIM_ABANDONED = f"""
with taken as (
    select e.call_id, e.owner_node {_ABANDONED}
    order by e.lease_until limit $4 for update of e skip locked
) {_TAKE}
"""

_CLAIM = f"""
with taken as (
    select e.call_id, e.owner_node from app.call_details e
    join public.calls c on c.id = e.call_id
    where e.call_id = $2 and c.status in {_UNFINISHED} for update of e
) {_TAKE}
"""  # noqa: S608

_RELEASE = """
update app.call_details
set owner_node = null, lease_until = clock_timestamp() + make_interval(secs => $4)
where call_id = $2 and epoch = $3 and owner_node = $1
"""

_UNOWNED = f"""
select count(*) from app.call_details d join public.calls c on c.id = d.call_id
where d.call_id = any($1) and d.owner_node is null and c.status in {_UNFINISHED}
"""  # noqa: S608

_FORFEIT = """
update app.call_details set owner_node = null, lease_until = null where owner_node = $1
"""


class Lease(msgspec.Struct, frozen=True):
    """The right to run a call until the node's lease runs out or a higher epoch is given away.

    `former` is who ran it before and `seen_at` when that node was last heard of, if it was.
    """

    call_id: UUID
    user_id: UUID
    lease_epoch: int
    former: str | None = None
    seen_at: datetime | None = None


class Held(msgspec.Struct, frozen=True):
    """What a beat found: which of a node's calls are still its own, how many other nodes were there
    of late, whether there are abandoned calls, and whether the node or the database was late, with
    less than a third of the lease left."""

    ours: set[UUID]
    peers: int
    has_abandoned: bool
    was_late: bool


async def forfeit(connection: Connection, node: str) -> None:
    """Give up whatever a node of this name held in a former life; it has just started."""
    await connection.execute(_FORFEIT, node)


async def hold(
    connection: Connection, node: str, calls: Sequence[tuple[UUID, int]], *, lease_seconds: float
) -> Held:
    """Renew the node's lease on what it runs (ids and epochs). Calls that are not among those still
    its own must fall silent at once."""
    ids, epochs = [call_id for call_id, _ in calls], [epoch for _, epoch in calls]
    record = await connection.fetchrow(_HOLD, node, ids, epochs, lease_seconds)
    return msgspec.convert(dict(record), Held)


async def claim_abandoned(
    connection: Connection, node: str, running: Sequence[UUID], *, lease_seconds: float, limit: int
) -> list[Lease]:
    """Take over unfinished calls nobody runs, each with a new epoch; `running` are our own."""
    found = await connection.fetch(_CLAIM_ABANDONED, node, running, lease_seconds, limit)
    return many(found, Lease)


async def claim(
    connection: Connection, node: str, call_id: UUID, *, lease_seconds: float
) -> Lease | None:
    """Take the call over, whoever runs it; None if there is no such unfinished call."""
    return one(await connection.fetchrow(_CLAIM, node, call_id, lease_seconds), Lease)


async def count_unowned(connection: Connection, call_ids: Sequence[UUID]) -> int:
    """How many of these calls go on and are nobody's."""
    count: int = await connection.fetchval(_UNOWNED, call_ids)
    return count


async def release(connection: Connection, node: str, lease: Lease, *, for_seconds: float) -> None:
    """Give a call up; nobody takes it for abandoned for so long, as somebody is to claim it."""
    await connection.execute(_RELEASE, node, lease.call_id, lease.lease_epoch, for_seconds)
