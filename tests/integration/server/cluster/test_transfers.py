"""A transfer whose node dies between the carrier's yes and the journal's entry of it."""

import asyncio
from typing import Any

import pytest

from db import calls
from db.history import journal
from media.events import TransferAsked
from tests.integration.server.cluster.nodes import sign_up, until
from tests.integration.server.cluster.phones import GONE, NOT_YET, adopted, calling_nodes, talking
from tests.support.database import Database
from tests.support.nats import NatsServer
from tests.support.patience import patience


@pytest.mark.parametrize("made", [True, False])
async def test_the_next_node_leaves_whoever_was_handed_on_alone_and_takes_others_back(
    database: Database, nats: NatsServer, monkeypatch: pytest.MonkeyPatch, *, made: bool
) -> None:
    async with calling_nodes(database, nats.url, lease_seconds=NOT_YET) as (a, b):
        who = await sign_up(a)
        asked, back = asyncio.Event(), asyncio.Event()

        async def never_answered(*_: Any) -> None:
            asked.set()
            await asyncio.Event().wait()

        async def is_dialled_on(_: str) -> bool:
            return made

        async def taken_back(*_: str) -> None:
            back.set()

        monkeypatch.setattr(a.twilio, "dial_on", never_answered)
        monkeypatch.setattr(b.twilio, "is_dialled_on", is_dialled_on)
        monkeypatch.setattr(b.twilio, "run_twiml", taken_back)
        async with talking(a, who) as phone, patience():
            call_id = phone.live.id
            wanted = TransferAsked("+12125550199", use="u")
            await until(lambda: phone.live.runner.refuses(wanted) is None)  # they know who calls
            phone.live.runner.post(wanted)
            await asked.wait()
            a.live.drop(call_id, phone.live.lease_epoch)
            await phone.live.over.wait()
            async with a.pools.as_service() as connection:
                events = [row.event["type"] for row in await journal.read(connection, call_id)]
                assert events[-1] == "transfer_asked", "written before the carrier was asked"
                await connection.execute(GONE, call_id)
            live = await adopted(b, call_id)
            if made:
                await live.over.wait()
                await b.recorder.settled()
                async with b.pools.as_service() as connection:
                    row = await calls.get_any(connection, call_id)
                assert row is not None
                assert (row.end_reason, back.is_set()) == ("transferred", False)
            else:
                await back.wait()
                phone.live = live
