"""What was written down at a node that died before the call heard of it."""

from email.utils import format_datetime

from db import calls
from db.cluster import inbox
from media.phases.ending import Ending
from server.calls import actions
from server.calls.unwritten import CarrierFact
from server.core.times import utc
from server.ownership import callbacks
from server.ownership.facts import event_of
from tests.integration.server.cluster.nodes import sign_up
from tests.integration.server.cluster.phones import GONE, NOT_YET, adopted, calling_nodes, talking
from tests.support.database import Database
from tests.support.nats import NatsServer
from tests.support.patience import patience


async def test_a_call_that_is_over_still_learns_of_it(database: Database, nats: NatsServer) -> None:
    async with calling_nodes(database, nats.url, ("a",)) as (a,), patience():
        async with talking(a, await sign_up(a)) as phone:
            call_id = phone.live.id
        await phone.live.over.wait()
        said_at = format_datetime(utc(a.clock() - 5))
        form = {"CallSid": phone.sid, "CallStatus": "ringing", "Timestamp": said_at}
        fact = CarrierFact(call_id, "status", form)
        async with a.pools.as_service() as connection:
            await inbox.record(
                connection, provider="twilio", key=event_of("status", form)[0], kind="status",
                payload=form, call_id=call_id,
            )  # fmt: skip
        for _ in range(2):
            await callbacks.record(a, fact)
            async with a.pools.as_service() as connection:
                row = await calls.get_any(connection, call_id)
            assert row is not None
            assert row.ringing_time is not None


async def test_whoever_was_told_that_a_call_is_hung_up_has_it_hung_up(
    database: Database, nats: NatsServer
) -> None:
    async with calling_nodes(database, nats.url, lease_seconds=NOT_YET) as (a, b), patience():
        who = await sign_up(a)
        async with talking(a, who) as phone:
            await actions.hang_up(a, who, phone.live.id)
            a.live.drop(phone.live.id, phone.live.lease_epoch)  # before its journal has it
            await phone.live.over.wait()
            async with a.pools.as_service() as connection:
                await connection.execute(GONE, phone.live.id)
            live = await adopted(b, phone.live.id)
            assert isinstance(live.runner.call.phase, Ending)
            phone.live = live
