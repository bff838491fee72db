"""A node that is late keeps what it runs, and takes nothing from others that were as late."""

import datetime as dt

import asyncpg

from tests.integration.server.cluster.nodes import open_nodes, sign_up, until
from tests.integration.server.cluster.phones import GONE, accepting_carrier, talking
from tests.support.database import Database
from tests.support.patience import patience

LEASE_SECONDS = 1.0
CLAIMED = "select lease_until from app.call_details where call_id = $1 and owner_node = 'a'"
LATE = "update app.nodes set lease_until = now() - interval '1 second' returning clock_timestamp()"
RENEWED = "select lease_until from app.nodes where node = 'a'"


async def test_a_late_node_keeps_its_lease_and_lets_others_come_back_first(
    database: Database, owner: asyncpg.Connection
) -> None:
    async def later_than(statement: str, at: dt.datetime | None, *of: object) -> dt.datetime:
        while True:
            found: dt.datetime | None = await owner.fetchval(statement, *of)
            if found is not None and (at is None or found > at):
                return found

    settings = {"CLUSTER__LEASE_SECONDS": str(LEASE_SECONDS)}
    async with (
        accepting_carrier() as carrier,
        open_nodes(database, "", ("a",), TWILIO__BASE_URL=carrier, **settings) as (node,),
        talking(node, await sign_up(node)) as phone,
        patience(),
    ):
        call_id = phone.live.id

        def runs_under(lease_epoch: int) -> bool:
            phone.live = node.live.get(call_id) or phone.live
            return phone.live.lease_epoch == lease_epoch and not phone.live.over.is_set()

        async with node.live.lock(call_id):  # as while a stream of it is being opened
            await owner.execute(GONE, call_id)
            await later_than(CLAIMED, None, call_id)
            for _ in range(4):
                await later_than(RENEWED, await owner.fetchval(RENEWED))
        await until(lambda: runs_under(2))

        async with owner.transaction():  # the database was away from all nodes for so long
            late_at = await owner.fetchval(LATE)
            await owner.execute(GONE, call_id)
        claimed_until = await later_than(CLAIMED, None, call_id)
        assert (claimed_until - late_at).total_seconds() >= 2 * LEASE_SECONDS
        await until(lambda: runs_under(3))
