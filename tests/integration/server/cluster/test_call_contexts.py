"""What a call knows of the request that began it: nothing, and so it cannot keep it either."""

from contextvars import ContextVar
from typing import Any

import pytest

from tests.integration.server.cluster.nodes import sign_up
from tests.integration.server.cluster.phones import calling_nodes, talking
from tests.support.database import Database
from tests.support.nats import NatsServer
from tests.support.patience import patience

_request: ContextVar[str | None] = ContextVar("request", default=None)


async def test_a_call_does_its_work_in_no_requests_context(
    database: Database, nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with calling_nodes(database, nats.url, ("a",)) as (a,), patience():
        who = await sign_up(a)
        found: list[str | None] = []
        dial = a.twilio.create

        async def dialled(**fields: Any) -> str:
            found.append(_request.get())
            return await dial(**fields)

        monkeypatch.setattr(a.twilio, "create", dialled)
        token = _request.set("somebody's")
        async with talking(a, who):
            _request.reset(token)
            assert found == [None]
