"""What a phone call leaves in the database: commits, write-ahead log and growth of tables.

A whole node runs the calls, so webhooks, tokens, jobs and the relay count as well as the recorder.
What the same node writes with nobody on the phone is measured first and taken off. A commit counts
when it wrote something (it has a transaction id). Neither autovacuum nor a checkpoint comes in
between, and pages are not logged whole: what is counted is the calls' own.
"""

import asyncio
import uuid
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import asyncpg
import msgspec

from tests.bench.carrier import Carrier, carrier
from tests.bench.load import settled, talk
from tests.bench.machine import load, say
from tests.bench.node import SCRIPTED, Node, node
from tests.bench.phone import tone_bursts
from tests.support.processes import free_port

CALL_SECONDS = 25.0
MANY = 20
_IDLE_SECONDS = 15.0
_AFTER_SECONDS = 3.0  # what follows a call: the job, the relay's next look
_READ = """
select pg_current_wal_insert_lsn() - '0/0' as wal,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint as commits,
    (select sum(pg_relation_size(c.oid)) from pg_class c
        where c.relnamespace in ('app'::regnamespace, 'public'::regnamespace)
            and c.relkind in ('r', 'i'))::bigint as size
"""


class Footprint(msgspec.Struct, frozen=True):
    """What was written so far, or between two readings: bytes of log and of tables, commits."""

    wal: float
    commits: float
    size: float

    def since(self, other: "Footprint") -> "Footprint":
        """What was written in between."""
        return Footprint(self.wal - other.wal, self.commits - other.commits, self.size - other.size)

    def less(self, idle: "Footprint", share: float) -> "Footprint":
        """Without what the node writes anyway."""
        return Footprint(
            self.wal - idle.wal * share, self.commits - idle.commits * share, self.size
        )


async def report(data: Path) -> None:
    """Measure one call by itself, then many at once; print."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(carrier(free_port(), tone_bursts()))
        running = await stack.enter_async_context(node(world, data, SCRIPTED))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        owner = await asyncpg.connect(running.owner_dsn)
        stack.push_async_callback(owner.close)
        for setting in ("autovacuum = off", "full_page_writes = off", "checkpoint_timeout = '1h'"):
            await owner.execute(f"alter system set {setting}")
        await owner.execute("select pg_reload_conf()")
        await _calls(http, world, running, 1)  # first rows of tables and caches of plans
        idle = await _idle(owner)
        say(f"Footprint of {CALL_SECONDS:.0f} s calls on a whole node, {load()}")
        say(
            f"  nobody on the phone: {idle.commits / _IDLE_SECONDS:.2f} commits/s,"
            f" {idle.wal / _IDLE_SECONDS:.0f} B of WAL/s"
        )
        for calls in (1, MANY):
            before, began_at = await _read(owner), asyncio.get_running_loop().time()
            await _calls(http, world, running, calls)
            took = asyncio.get_running_loop().time() - began_at
            left = (await _read(owner)).since(before).less(idle, took / _IDLE_SECONDS)
            say(
                f"  {calls} at a time: each {left.commits / calls:.1f} commits,"
                f" {left.wal / calls / 1000:.1f} kB of WAL,"
                f" {left.size / calls / 1000:.1f} kB of tables and indexes"
            )


async def _read(owner: asyncpg.Connection) -> Footprint:
    return Footprint(*map(float, await owner.fetchrow(_READ)))


async def _idle(owner: asyncpg.Connection) -> Footprint:
    before = await _read(owner)
    await asyncio.sleep(_IDLE_SECONDS)  # the span of the measurement
    return (await _read(owner)).since(before)


async def _calls(http: aiohttp.ClientSession, world: Carrier, running: Node, calls: int) -> None:
    """So many calls at once, each hung up on when it is as old as it is to be."""
    began_at = asyncio.get_running_loop().time()
    await talk(http, world, running, [uuid.uuid4() for _ in range(calls)])
    left = began_at + CALL_SECONDS - asyncio.get_running_loop().time()
    await asyncio.sleep(left)  # the length of a call
    await world.hang_up_all()
    await settled(http, running, 0)
    await asyncio.sleep(_AFTER_SECONDS)
