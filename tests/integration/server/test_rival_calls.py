"""A call whose placing had no known outcome is looked up by number: it takes no other call's."""

import email.utils
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import msgspec
import pytest
from aiohttp import web

from db import calls
from db.calls import CallChange, CallRow, CallStatus
from db.core.pool import Pools
from media.call import begin
from media.events import CarrierSilent, Dialled, Event, Requested
from server.calls.carrier import CallCarrier
from server.calls.deps import CallDeps
from server.vendors.twilio.calls import TwilioCalls
from tests.integration.db.arrange import make_call, make_user
from tests.support.web_server import serving
from tests.support.wiring import bare_node

SID = f"CA{0:032}"
WAITS = CarrierSilent(answered=False)


async def looked_up(pools: Pools, row: CallRow, **record: Any) -> Event:
    """What the call of this row learns from a carrier that lists one call to its number."""
    node, begun_at = bare_node(pools), row.initiated_time.timestamp()

    async def listed(request: web.Request) -> web.Response:
        assert request.query["To"] == row.user_phone_number
        assert request.query["From"] == node.config.twilio.from_number
        one = {"sid": SID, "date_created": email.utils.formatdate(begun_at), **record}
        return web.json_response({"calls": [one], "page_size": 50})

    app = web.Application()
    app.router.add_get("/2010-04-01/Accounts/{account}/Calls.json", listed)
    async with serving(app) as origin:
        twilio = TwilioCalls(msgspec.structs.replace(node.config.twilio, base_url=origin))
        deps = SimpleNamespace(twilio=twilio, pools=pools, config=node.config)
        call, _ = begin(node.config.call_settings, Requested("moss"), begun_at)
        told = await CallCarrier(cast("CallDeps", deps), row).look_up(call)
        await twilio.close()
    return told


async def test_the_only_call_there_is_is_found(pools: Pools) -> None:
    row = await make_call(pools, await make_user(pools))
    assert await looked_up(pools, row) == Dialled(SID)


async def test_one_that_a_transfer_made_is_not(pools: Pools) -> None:
    row = await make_call(pools, await make_user(pools))
    parent = SID.replace("CA0", "CA9")
    told = await looked_up(pools, row, parent_call_sid=parent, direction="outbound-dial")
    assert told == CarrierSilent(answered=True)


async def test_a_call_that_may_be_another_users_is_waited_for(pools: Pools) -> None:
    """They call one number, of which the carrier took one call and has answered neither yet."""
    row = await make_call(pools, await make_user(pools))
    other = await make_call(pools, await make_user(pools))
    assert [await looked_up(pools, one) for one in (row, other)] == [WAITS, WAITS]
    async with pools.as_service() as connection:
        await calls.apply_change(connection, other.id, CallChange(twilio_call_sid=SID), 1)
    assert await looked_up(pools, row) == CarrierSilent(answered=True)


@pytest.mark.parametrize(
    ("status", "told"), [("lost", WAITS), ("failed", Dialled(SID)), ("canceled", Dialled(SID))]
)
async def test_one_that_surely_was_not_placed_is_no_rival(
    pools: Pools, status: CallStatus, told: Event
) -> None:
    user = await make_user(pools)
    row, other = await make_call(pools, user), await make_call(pools, user)
    async with pools.as_service() as connection:
        await calls.apply_change(connection, other.id, CallChange(status=status), 1)
    assert await looked_up(pools, row) == told


async def test_neither_is_one_of_long_ago(pools: Pools, owner: asyncpg.Connection) -> None:
    user = await make_user(pools)
    row, other = await make_call(pools, user), await make_call(pools, user)
    old = "update public.calls set created_at = created_at - interval '3 minutes' where id = $1"
    await owner.execute(old, other.id)
    assert await looked_up(pools, row) == Dialled(SID)
