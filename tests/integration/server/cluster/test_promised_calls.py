"""A call whose sound begins at another node, between its owner's and that one's hold on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.deps import Deps
from server.ownership import adoption, handover, leases
from tests.integration.server.cluster.nodes import sign_up
from tests.integration.server.cluster.phones import Phone, calling_nodes, talking
from tests.support.database import Database
from tests.support.nats import NatsServer
from tests.support.patience import patience

OLD = "update app.call_details set lease_until = null where call_id = $1"


@asynccontextmanager
async def let_go(database: Database, nats: NatsServer) -> AsyncIterator[tuple[Deps, Deps, Phone]]:
    """Two nodes, and a call that the first has just let go of as another node asked for it."""
    async with calling_nodes(database, nats.url) as (a, b):
        who = await sign_up(a)
        async with talking(a, who) as phone, patience():
            async with a.pools.as_service() as connection:
                await connection.execute(OLD, phone.live.id)
            await handover.release(a, phone.live.id.bytes)
            yield a, b, phone


async def test_its_former_owner_does_not_have_it_called_back(
    database: Database, nats: NatsServer
) -> None:
    async with let_go(database, nats) as (a, b, phone):
        assert phone.live.over.is_set()
        assert not (await leases.beat(a)).has_abandoned
        assert await adoption.adopt_abandoned(a) == 0
        await phone.move(b)
        assert phone.live is b.live.get(phone.live.id)


async def test_one_that_nobody_claims_is_taken_back(
    database: Database, nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "CLAIM_SECONDS", 0.0)
    async with let_go(database, nats) as (a, _, phone):
        assert await adoption.adopt_abandoned(a) == 1
        live = a.live.get(phone.live.id)
        assert live is not None
        phone.live = live
        phone.connect()
