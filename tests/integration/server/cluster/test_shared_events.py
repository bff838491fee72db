"""Events at another node than their own: lasting ones soon, passing ones at once, and no loops."""

import asyncio
import uuid

import pytest
from structlog.testing import capture_logs

from media.published import TimerHint
from server.cluster import relay
from server.core.events import of_call, of_plan
from server.core.identity.auth import Identity
from server.core.times import utc
from server.deps import Deps
from server.followup import ServerNotice
from server.live.wire import ephemeral_out
from tests.integration.server.cluster.nodes import open_nodes, sign_up, until, watching
from tests.support.database import Database
from tests.support.nats import NatsServer, until_connected
from tests.support.patience import patience


async def commit(node: Deps, who: Identity, detail: str) -> None:
    async with node.transaction() as tx:
        tx.emit(ServerNotice(about="test", code="test", detail=detail), of_plan(who.user_id))


def hint(
    node: Deps, who: Identity, left_seconds: float, *, at: float | None = None, n: int = 0
) -> None:
    """A passing event of their `n`th call, where only the newest of each matters."""
    about = of_call(who.user_id, uuid.UUID(int=n))
    event = TimerHint(hint="wrap_up", left_seconds=left_seconds)
    node.hub.publish_ephemeral(ephemeral_out(event, about, utc(at or node.clock()), "timer"))


def is_watched(node: Deps, who: Identity) -> bool:
    """Whether the node knows of somebody elsewhere who watches this user."""
    return node.hub.outlet is not None and node.hub.outlet.is_watched(who.user_id)


@pytest.fixture(autouse=True)
def slow_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes in these tests comes by the bus."""
    monkeypatch.setattr(relay, "TICK_SECONDS", 60.0)


async def test_lasting_events_come_at_once_and_by_the_poll_without_a_bus(
    database: Database, nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_nodes(database, nats.url) as (a, b):
        who = await sign_up(a)
        async with watching(b, who, "me") as dashboard:
            for number in range(5):
                await commit(a, who, f"by hint {number}")
            await dashboard.until(lambda: len(dashboard.events("server.notice")) == 5)
            nats.kill()
            await until_connected(a.bus, is_connected=False)
            monkeypatch.setattr(relay, "TICK_SECONDS", 0.5)
            b.hub.has_new_events.set()  # it waits for 60 s otherwise
            await commit(a, who, "by poll")
            await dashboard.until(lambda: len(dashboard.events("server.notice")) == 6)
    seqs = [event["seq"] for event in dashboard.events()]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def test_passing_events_come_once_where_they_are_watched(
    database: Database, nats: NatsServer
) -> None:
    async with open_nodes(database, nats.url, ("a", "b", "c")) as (a, b, c):
        who, other = await sign_up(a), await sign_up(a, admin=True)
        anybody = await sign_up(a)
        assert not is_watched(a, who)
        async with watching(b, who, "me") as dashboard:
            await until(lambda: is_watched(a, who))  # before "all" makes everybody watched
            async with watching(c, other, "me", "all") as every:
                await until(lambda: is_watched(a, anybody) and is_watched(b, anybody))
                hint(a, who, 30.0)
                hint(b, who, 29.0, n=1)
                await dashboard.until(lambda: len(dashboard.events("timer.hint")) >= 2)
                await every.until(lambda: len(every.events("timer.hint")) >= 2)
                hint(a, other, 10.0)
                await every.until(lambda: len(every.events("timer.hint")) >= 4)
        lefts = {event["data"]["left_seconds"] for event in dashboard.events("timer.hint")}
        assert (lefts, len(dashboard.events("timer.hint"))) == ({30.0, 29.0}, 2)
        topics = [event["topic"] for event in every.events("timer.hint")]
        assert sorted(topics) == ["all", "all", "all", "me"]  # none twice
        await until(lambda: not is_watched(a, who))


async def test_of_passing_events_that_overtook_each_other_the_newest_stays(
    database: Database, nats: NatsServer
) -> None:
    async with open_nodes(database, nats.url) as (a, b):
        who = await sign_up(a)
        async with watching(b, who, "me") as dashboard:
            await until(lambda: is_watched(a, who))
            now = a.clock()
            hint(a, who, 2.0, at=now)
            hint(a, who, 1.0, at=now - 1)
            hint(a, who, 0.0, at=now + 1)
            await dashboard.until(
                lambda: [e["data"]["left_seconds"] for e in dashboard.events()] == [2.0, 0.0]
            )


async def test_an_outage_leaves_nothing_behind(database: Database, nats: NatsServer) -> None:
    async with open_nodes(database, nats.url) as (a, b):
        who = await sign_up(a)
        async with watching(b, who, "me") as dashboard:
            await until(lambda: is_watched(a, who))
            with capture_logs() as logs:
                nats.kill()
                for bus in (a.bus, b.bus):
                    await until_connected(bus, is_connected=False)
                hint(a, who, 30.0)
                await commit(a, who, "during the outage")
                nats.start()
                for bus in (a.bus, b.bus):
                    await until_connected(bus)
            async with patience():
                while not dashboard.events("timer.hint"):  # until b is subscribed anew
                    hint(a, who, 20.0)
                    await asyncio.sleep(0.1)
            await commit(a, who, str(uuid.uuid4()))
            await dashboard.until(lambda: len(dashboard.events("server.notice")) == 2)
        assert {e["data"]["left_seconds"] for e in dashboard.events("timer.hint")} == {20.0}
        assert not [line for line in logs if line["event"] == "service_failed"]
