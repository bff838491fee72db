"""What led to the end of a call is in its journal before the phone company is asked to end it."""

import asyncio
from types import SimpleNamespace
from typing import cast

import asyncpg
import msgspec
from aiohttp import web

from db.core.pool import Pools
from media.call import Call, begin
from media.events import Keyed, Requested
from server.calls.carrier import CallCarrier
from server.calls.deps import CallDeps
from server.calls.recorder import Recorder
from server.calls.writing import Entry
from server.live.hub import Hub
from server.vendors.twilio.calls import TwilioCalls
from tests.integration.db.arrange import make_call, make_user
from tests.support.patience import patience
from tests.support.web_server import serving
from tests.support.wiring import bare_node

SID = f"CA{0:032}"


def in_progress(call: Call) -> Call:
    return msgspec.structs.replace(call, facts=msgspec.structs.replace(call.facts, sid=SID))


async def test_a_node_that_dies_after_hanging_up_has_said_why(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    row = await make_call(pools, await make_user(pools))
    node = bare_node(pools)
    recorder = Recorder(node, Hub(), lambda *_: None)
    call = in_progress(begin(node.config.call_settings, Requested("moss"), 0.0)[0])
    journalled: list[list[int]] = []

    async def end(_: web.Request) -> web.Response:
        rows = await owner.fetch(
            "select n as seq from app.call_journal, generate_series(seq, last_seq) n"
            " where call_id = $1 order by n",
            row.id,
        )
        journalled.append([each["seq"] for each in rows])
        return web.json_response({"sid": SID, "status": "completed"})

    app = web.Application()
    app.router.add_post(f"/2010-04-01/Accounts/{{account}}/Calls/{SID}.json", end)
    async with serving(app) as origin, asyncio.TaskGroup() as tasks, patience():
        settings = msgspec.structs.replace(node.config.twilio, base_url=origin)
        twilio = TwilioCalls(settings)
        deps = SimpleNamespace(
            recorder=recorder, twilio=twilio, pools=pools, config=node.config, clock=node.clock
        )
        running = tasks.create_task(recorder.run())
        recorder.submit(Entry(row.id, row.user_id, row.lease_epoch, 1, 1.0, Keyed("1"), ()))
        await CallCarrier(cast("CallDeps", deps), row).hang_up(call)
        running.cancel()
        await twilio.close()
    assert journalled == [[1]]
