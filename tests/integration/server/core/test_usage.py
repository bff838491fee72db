"""Usage at the border of two months."""

import datetime as dt
import uuid

from db.cluster import event_streams
from db.core.pool import Pools
from server.core.events import of_metric
from server.usage import actions as usage
from server.usage.actions import Settled
from tests.integration.db.arrange import make_user
from tests.support.wiring import bare_node


async def test_what_was_used_last_month_and_written_late_is_not_told_as_this_months(
    pools: Pools,
) -> None:
    user_id, use, node = await make_user(pools), uuid.uuid4(), bare_node(pools)
    about = of_metric(user_id, "calls")
    async with node.transaction() as tx:
        await usage.reserve(tx, "calls", use, about, 80)
        before = tx.now.replace(day=1) - dt.timedelta(days=1)
        await usage.settle_many(tx, "calls", [Settled(use, about, True, before)])
    async with pools.as_service() as connection:
        told = await event_streams.read_after(connection, user_id, 0, 100)
    last = [event for event in told if event.type == "usage.updated"][-1]
    assert (last.data["calls"]["used"], last.data["calls"]["reserved"]) == (1, 0)
