"""A session that one node learns has ended ends what is open in it at the others."""

import uuid

import msgspec

from server.live import messages
from tests.integration.server.cluster.nodes import open_nodes, sign_up, until, watching
from tests.support.database import Database
from tests.support.nats import NatsServer


async def test_a_dashboard_at_another_node_ends_with_a_sign_out(
    database: Database, nats: NatsServer
) -> None:
    async with open_nodes(database, nats.url) as (a, b):
        who, session = await sign_up(a), str(uuid.uuid4())
        who = msgspec.structs.replace(who, claims={**who.claims, "session_id": session})
        async with watching(b, who, "me") as dashboard:
            a.keys.session_ended(who.user_id, session)
            await until(lambda: dashboard.feed.listener.closed)
            assert dashboard.feed.listener.close_code == messages.TOKEN_EXPIRED
        assert b.sign_ins.has_ended(session)
