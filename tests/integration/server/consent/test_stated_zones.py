"""A zone that a number's owner states counts, and its area code no more."""

import datetime as dt
import uuid

from db.accounts import users
from db.accounts.users import Profile
from db.consent import contacts
from db.core.pool import Pools
from server.consent.hours import opens
from tests.support.client import Clients
from tests.support.wiring import bare_node

NUMBER = "+12025550177"  # of Washington, by its area code
MORNING = dt.datetime(2026, 12, 15, 15, 0, tzinfo=dt.UTC)  # 10:00 there, 07:00 in Los Angeles


async def test_quiet_hours_go_by_the_zone_that_the_owner_states(pools: Pools) -> None:
    node = bare_node(pools)
    user_id = uuid.uuid4()
    async with pools.as_service() as connection:
        await users.register(connection, user_id, None)
        await contacts.note_own(connection, user_id, [NUMBER])
        assert await opens(connection, node.config, NUMBER, MORNING) is None
        await users.state(connection, user_id, Profile(time_zone="America/Los_Angeles"))
        nine = dt.datetime(2026, 12, 15, 17, 0, tzinfo=dt.UTC)
        assert await opens(connection, node.config, NUMBER, MORNING) == nine
        await users.state(connection, user_id, Profile())
        assert await opens(connection, node.config, NUMBER, MORNING) is None


async def test_people_state_their_zone(clients: Clients) -> None:
    user = await clients.sign_up()
    assert (await user.get("/v1/me"))["time_zone"] is None
    changed = await user.ask("PATCH", "/v1/me", {"time_zone": "America/Denver"})
    assert (changed.status, changed.body["time_zone"]) == (200, "America/Denver")
    assert (await user.ask("PATCH", "/v1/me", {"time_zone": "Mars"})).status == 400
    assert (await user.get("/v1/me"))["time_zone"] == "America/Denver"
