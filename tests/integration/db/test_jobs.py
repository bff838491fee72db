"""Durable jobs: they exist with what they follow from, are done once, and outlive their worker."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence import qb
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings
from pgqueuer.ports.driver import NotifyCallback

from db.cluster import jobs
from db.cluster.jobs import NewJob
from db.core.pool import Pools, open_pools
from tests.support.database import MASTERS, Database
from tests.support.patience import patience

SETTINGS = DBSettings(db_schema="app")
Work = Callable[[str, int], Awaitable[None]]


async def put(pools: Pools, *subjects: str, after_seconds: float = 0.0) -> None:
    async with pools.as_service() as connection:
        wanted = [NewJob("look", subject, after_seconds) for subject in subjects]
        await jobs.enqueue(connection, wanted)


async def left(pools: Pools) -> int:
    async with pools.as_service() as connection:
        return await jobs.waiting(connection, "look")


async def until_done(pools: Pools, *works: Work, can_listen: bool = True) -> None:
    """Run one worker for each handler until no job is left."""
    async with patience(), asyncio.TaskGroup() as group:
        workers = [
            group.create_task(
                jobs.run(
                    pools.queue,
                    {"look": work},
                    {},
                    poll_seconds=0.1,
                    at_once=4,
                    can_listen=can_listen,
                )
            )
            for work in works
        ]
        while await left(pools):  # noqa: ASYNC110 - the condition is the database's
            await asyncio.sleep(0.02)
        for worker in workers:
            worker.cancel()


async def test_a_job_is_done_once_by_one_of_two_workers(pools: Pools) -> None:
    done: list[str] = []

    async def work(subject: str, _: int) -> None:
        done.append(subject)

    subjects = [f"s{number}" for number in range(40)]
    await put(pools, *subjects)
    await until_done(pools, work, work)
    assert sorted(done) == sorted(subjects)


async def test_a_job_of_a_transaction_that_fails_never_was(pools: Pools) -> None:
    async def fail() -> None:
        async with pools.as_service() as connection:
            await jobs.enqueue(connection, [NewJob("look", "never")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await left(pools) == 0


async def test_a_job_that_cannot_be_done_yet_comes_again_and_knows_how_often(pools: Pools) -> None:
    seen: list[int] = []

    async def work(_: str, attempts: int) -> None:
        seen.append(attempts)
        if attempts < 2:
            raise jobs.again(0.01, "not yet")

    await put(pools, "slow")
    await until_done(pools, work)
    assert seen == [0, 1, 2]


async def test_a_job_for_later_waits_its_time(pools: Pools) -> None:
    done: list[str] = []

    async def work(subject: str, _: int) -> None:
        done.append(subject)

    await put(pools, "later", after_seconds=2.0)
    await put(pools, "sooner")
    await until_done(pools, work)
    assert done == ["sooner", "later"]


async def test_a_job_whose_worker_vanished_is_another_ones(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    """What a killed process leaves behind: a job picked by a worker that beats no more."""
    await put(pools, "orphan")
    await owner.execute(
        "update app.pgqueuer set status = 'picked', queue_manager_id = gen_random_uuid(),"
        " heartbeat = now() - interval '16 seconds'"
    )
    done: list[str] = []

    async def work(subject: str, _: int) -> None:
        done.append(subject)

    await until_done(pools, work)
    assert done == ["orphan"]


@pytest.fixture
def soon_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_STALE", dt.timedelta(seconds=1))


@pytest.mark.usefixtures("soon_stale")
async def test_a_job_that_the_database_did_not_put_back_comes_again(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    """As when it stops between a job's failure and the note to try it again."""
    await owner.execute(
        "create function pg_temp.away() returns trigger language plpgsql as"
        " $$ begin raise 'away' using errcode = '57P01'; end $$;"
        "create trigger away before update on app.pgqueuer for each row"
        " when (old.status = 'picked' and new.status = 'queued') execute function pg_temp.away()"
    )
    tried: list[str] = []

    async def work(subject: str, _: int) -> None:
        tried.append(subject)
        if len(tried) == 1:
            raise jobs.again(0.01, "not yet")

    await put(pools, "one")
    await until_done(pools, work)
    assert tried == ["one", "one"]


@pytest.mark.usefixtures("soon_stale")
async def test_a_job_that_is_broken_off_comes_again(pools: Pools) -> None:
    """As when another of a worker's connections is cut while it waits for that."""
    begun = asyncio.Event()

    async def hang(_: str, __: int) -> None:
        begun.set()
        await asyncio.Event().wait()

    await put(pools, "one")
    async with patience(), asyncio.TaskGroup() as group:
        run = jobs.run(pools.queue, {"look": hang}, {}, poll_seconds=0.1, at_once=4)
        worker = group.create_task(run)
        await begun.wait()
        while not worker.done():  # at first it waits for what it has begun
            worker.cancel()
            await asyncio.wait({worker}, timeout=0.1)
    done: list[str] = []

    async def work(subject: str, _: int) -> None:
        done.append(subject)

    await until_done(pools, work)
    assert done == ["one"]


async def test_jobs_run_behind_a_transaction_pooler_too(database: Database) -> None:
    pools = await open_pools(database.request_dsn, database.worker_dsn, MASTERS, pooled=True)
    done: list[str] = []

    async def work(subject: str, _: int) -> None:
        done.append(subject)

    await put(pools, "one", "two")
    await until_done(pools, work, can_listen=False)
    assert sorted(done) == ["one", "two"]
    await pools.close()


async def test_the_workers_login_reaches_the_queue_and_nothing_else(pools: Pools) -> None:
    assert await pools.queue.fetchval("select count(*) from app.pgqueuer") == 0
    for table in ("public.users", "app.stripe_events", "app.reservations"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pools.queue.fetchval(f"select count(*) from {table}")


async def test_the_library_finds_its_tables_as_it_wants_them(owner: asyncpg.Connection) -> None:
    """A newer release with other tables fails here first: it needs a migration of ours."""
    builders = (
        qb.QueryBuilderEnvironment(SETTINGS),
        qb.QueryQueueBuilder(SETTINGS),
        qb.QuerySchedulerBuilder(SETTINGS),
    )
    plan = await Queries(AsyncpgDriver(owner), *builders).plan_upgrade()
    ours = "app.fn_pgqueuer_changed"  # the same in fewer words
    assert [line for line in plan.statements if ours not in line] == []


async def test_nothing_is_told_before_it_is_listened_to(
    pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the first probe of the listener gets lost, and work stops ten seconds later."""
    seen: list[str] = []
    listen, notify = AsyncpgPoolDriver.add_listener, AsyncpgPoolDriver.notify
    probed = asyncio.Event()

    async def slow(self: AsyncpgPoolDriver, channel: str, callback: NotifyCallback) -> None:
        await asyncio.sleep(0)  # whoever wants to tell something now does
        seen.append("listens")
        await listen(self, channel, callback)

    async def probe(self: AsyncpgPoolDriver, channel: str, payload: str) -> None:
        seen.append("told")
        probed.set()
        await notify(self, channel, payload)

    monkeypatch.setattr(AsyncpgPoolDriver, "add_listener", slow)
    monkeypatch.setattr(AsyncpgPoolDriver, "notify", probe)
    async with patience(), asyncio.TaskGroup() as group:
        worker = group.create_task(jobs.run(pools.queue, {}, {}, poll_seconds=0.1, at_once=4))
        await probed.wait()
        worker.cancel()
    assert seen == ["listens", "told"]


async def test_a_worker_without_work_asks_for_it_once_and_once_when_there_will_be(
    pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library asks three times for the second, which doubles what an idle node costs."""
    asked: list[str] = []
    has_looked_thrice = asyncio.Event()
    fetch = AsyncpgPoolDriver.fetch

    async def note(self: AsyncpgPoolDriver, query: str, *args: object) -> list[dict[str, object]]:
        found = await fetch(self, query, *args)
        if "'queued'" in query and "pgqueuer_schedules" not in query:
            asked.append("jobs" if "update" in query.lower() else "when")
        if asked.count("jobs") > 3:
            has_looked_thrice.set()
        return found

    monkeypatch.setattr(AsyncpgPoolDriver, "fetch", note)
    async with patience(), asyncio.TaskGroup() as group:
        worker = group.create_task(
            jobs.run(pools.queue, {"look": _nothing}, {}, poll_seconds=0.05, at_once=4)
        )
        await has_looked_thrice.wait()
        worker.cancel()
    assert asked[:6] == ["jobs", "when"] * 3


async def _nothing(_: str, __: int) -> None:
    pass
