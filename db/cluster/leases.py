"""Who runs which live call. A lease is a node, an epoch and a time; the epoch is the fence.

Time is the database's clock alone, so that the nodes' clocks may differ. It knows nothing of what
a node does with a call.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from db.core.rows import Connection, many

# An unfinished call nobody holds. Skipping locked rows lets several nodes share the work.
_CLAIM_EXPIRED = """
update app.call_details d
set owner_node = $1, epoch = d.epoch + 1,
    lease_until = clock_timestamp() + make_interval(secs => $2)
where d.call_id in (
    select e.call_id from app.call_details e join public.calls c on c.id = e.call_id
    where (e.lease_until is null or e.lease_until < clock_timestamp())
        and c.status in ('initiating', 'ringing', 'answered', 'waiting', 'talking', 'voicemail')
    order by e.lease_until limit $3 for update of e skip locked
)
returning d.call_id, d.user_id, d.epoch as lease_epoch
"""

# Locked in the order in which the journal locks them, so that the two cannot deadlock.
_RENEW = """
with ours as (
    select d.call_id from app.call_details d
    join unnest($2::uuid[], $3::integer[]) as held (call_id, epoch) using (call_id, epoch)
    where d.owner_node = $1 order by d.call_id for no key update of d
)
update app.call_details d
set lease_until = clock_timestamp() + make_interval(secs => $4)
from ours where d.call_id = ours.call_id
returning d.call_id
"""

_RELEASE = """
update app.call_details d set owner_node = null, lease_until = null
from unnest($2::uuid[], $3::integer[]) as held (call_id, epoch)
where d.call_id = held.call_id and d.epoch = held.epoch and d.owner_node = $1
"""


_FORFEIT = """
update app.call_details set owner_node = null, lease_until = null where owner_node = $1
"""


class Lease(msgspec.Struct, frozen=True):
    """The right to run a call until the lease runs out or a higher epoch is given away."""

    call_id: UUID
    user_id: UUID
    lease_epoch: int


async def forfeit(connection: Connection, node: str) -> None:
    """Give up whatever a node of this name held in a former life; it has just started."""
    await connection.execute(_FORFEIT, node)


async def claim_expired(
    connection: Connection, node: str, *, lease_seconds: float, limit: int
) -> list[Lease]:
    """Take over unfinished calls whose lease ran out or was given up, each with a new epoch."""
    return many(await connection.fetch(_CLAIM_EXPIRED, node, lease_seconds, limit), Lease)


async def renew(
    connection: Connection, node: str, leases: Sequence[Lease], *, lease_seconds: float
) -> set[UUID]:
    """Hold on to these calls; returns those still ours. The others must fall silent at once."""
    records = await connection.fetch(_RENEW, node, *_columns(leases), lease_seconds)
    return {record["call_id"] for record in records}


async def release(connection: Connection, node: str, leases: Sequence[Lease]) -> None:
    """Give these calls up, so that another node may claim them without waiting."""
    await connection.execute(_RELEASE, node, *_columns(leases))


def _columns(leases: Sequence[Lease]) -> tuple[list[UUID], list[int]]:
    return [lease.call_id for lease in leases], [lease.lease_epoch for lease in leases]
