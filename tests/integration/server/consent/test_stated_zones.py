"""A zone that a number's owner states counts, and its area code no more."""

import datetime as dt
import uuid

import pytest

from db import contacts, users
from db.core.pool import Pools
from server.accounts import actions as accounts
from server.consent.hours import opens
from server.core.auth import Identity
from server.core.errors import AppError
from tests.support.client import Clients
from tests.support.wiring import bare_node

NUMBER = "+12025550177"  # of Washington, by its area code
MORNING = dt.datetime(2026, 12, 15, 15, 0, tzinfo=dt.UTC)  # 10:00 there, 07:00 in Los Angeles


async def test_quiet_hours_go_by_the_zone_that_the_owner_states(pools: Pools) -> None:
    node = bare_node(pools)
    user_id = uuid.uuid4()
    who = Identity(user_id, None, NUMBER, False, 0.0, {"sub": str(user_id)})
    async with pools.as_service() as connection:
        await users.register(connection, user_id, None)
        await contacts.note_own(connection, user_id, [NUMBER])
        assert await opens(connection, node.config, NUMBER, MORNING) is None
    await accounts.state_zone(node, who, "America/Los_Angeles")
    async with pools.as_service() as connection:
        nine = dt.datetime(2026, 12, 15, 17, 0, tzinfo=dt.UTC)
        assert await opens(connection, node.config, NUMBER, MORNING) == nine
    await accounts.state_zone(node, who, None)
    async with pools.as_service() as connection:
        assert await opens(connection, node.config, NUMBER, MORNING) is None


@pytest.mark.parametrize("name", ["Nowhere/Else", "../etc/passwd", "EST5EDT6"])
async def test_what_is_no_zone_is_refused(pools: Pools, name: str) -> None:
    who = Identity(uuid.uuid4(), None, None, False, 0.0, {})
    with pytest.raises(AppError) as refused:
        await accounts.state_zone(bare_node(pools), who, name)
    assert refused.value.code == "bad_request"


async def test_people_state_their_zone(clients: Clients) -> None:
    user = await clients.sign_up()
    assert (await user.get("/v1/me"))["time_zone"] is None
    changed = await user.ask("PATCH", "/v1/me", {"time_zone": "America/Denver"})
    assert (changed.status, changed.body["time_zone"]) == (200, "America/Denver")
    assert (await user.ask("PATCH", "/v1/me", {"time_zone": "Mars"})).status == 400
    assert (await user.get("/v1/me"))["time_zone"] == "America/Denver"
