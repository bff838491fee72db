"""What a phone call leaves in the database: commits, write-ahead log and growth of tables.

A whole node runs the calls, so webhooks, tokens, jobs and the relay count as well as the recorder.
What the same node writes with nobody on the phone is measured first and taken off. A commit counts
when it wrote something (it has a transaction id); the recorder's are those that wrote the journal,
but for the one in which the call was asked for.
Neither autovacuum nor a checkpoint comes in between, and whole pages in the log are left out: what
is counted is the calls' own. Tables are written anew before and after, since the room that an
update leaves, or that a table got in advance, is used later.
"""

import asyncio
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import asyncpg
import msgspec

from server.cluster.relay import UNWATCHED_SECONDS
from tests.bench.carrier import Carrier, carrier
from tests.bench.fanout import premium_user
from tests.bench.load import settled, talk
from tests.bench.machine import load, say, table
from tests.bench.node import SCRIPTED, Node, node
from tests.bench.phone import tone_bursts
from tests.support.processes import free_port

CALL_SECONDS = 25.0
MANY = 20
_IDLE_SECONDS = 15.0
_AFTER_SECONDS = UNWATCHED_SECONDS + 2.0  # what follows a call: the job, the relay's next look
_QUIET = ("autovacuum = off", "full_page_writes = off", "checkpoint_timeout = '1h'")
_READ = """
select pg_current_wal_flush_lsn()::text as place,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint as commits,
    (select count(distinct xmin::text) from app.call_journal) as groups,
    (select sum(pg_relation_size(c.oid)) from pg_class c
        where c.relnamespace in ('app'::regnamespace, 'public'::regnamespace)
            and c.relkind in ('r', 'i'))::bigint as size
"""
# Tables with what is stored beside them, their indexes apart.
_TABLES = """
select relid::regclass::text as name, n_tup_ins as inserted, n_tup_upd as updated,
    pg_table_size(relid) as bytes, pg_indexes_size(relid) as index_bytes
from pg_stat_user_tables where schemaname in ('app', 'public')
"""
_LEAST_BYTES = 50  # a call, for a line of its own
_WAL = "select sum(record_size)::bigint from pg_get_wal_stats($1::text::pg_lsn, $2::text::pg_lsn)"


class Reading(msgspec.Struct, frozen=True):
    """What was written so far: the end of the log, commits, those of the journal, and bytes of
    tables and indexes."""

    place: str
    commits: int
    groups: int
    size: int


class Grown(msgspec.Struct, frozen=True):
    """What a table has, or has got: rows ever written and changed, bytes, those of its indexes."""

    inserted: int
    updated: int
    bytes: int
    index_bytes: int


async def report(data: Path) -> None:
    """Measure one call by itself, then many at once; print."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(carrier(free_port(), tone_bursts()))
        running = await stack.enter_async_context(node(world, data, SCRIPTED))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        owner = await asyncpg.connect(running.owner_dsn)
        stack.push_async_callback(owner.close)
        for setting in _QUIET:
            await owner.execute(f"alter system set {setting}")
        await owner.execute("select pg_reload_conf()")
        await owner.execute("create extension pg_walinspect")
        people = [await premium_user(running.owner_dsn) for _ in range(MANY)]
        before = await _read(owner)
        await asyncio.sleep(_IDLE_SECONDS)  # the span of the measurement
        idle_commits = ((await _read(owner)).commits - before.commits) / _IDLE_SECONDS
        idle_wal = await _wal(owner, before) / _IDLE_SECONDS
        await _calls(http, world, running, people)  # what is written once of a person, first pages
        await owner.execute("vacuum full")
        say(f"Footprint of {CALL_SECONDS:.0f} s calls on a whole node, {load()}")
        say(f"  without calls {idle_commits:.2f} commits/s and {idle_wal:.0f} B of WAL/s")
        tables: dict[str, Grown] = {}
        for many in (1, MANY):
            tables = await _tables(owner)
            before, began_at = await _read(owner), asyncio.get_running_loop().time()
            await _calls(http, world, running, people[:many])
            seconds = asyncio.get_running_loop().time() - began_at
            after = await _read(owner)
            commits = after.commits - before.commits - idle_commits * seconds
            wal = await _wal(owner, before) - idle_wal * seconds
            await owner.execute("vacuum full")
            size = (await _read(owner)).size - before.size
            groups = after.groups - before.groups - many
            say(
                f"  {many} at a time: each {commits / many:.1f} commits"
                f" ({groups / many:.1f} of the recorder), {wal / many / 1000:.1f} kB of WAL,"
                f" {size / many / 1000:.1f} kB of tables and indexes"
            )
        _say_tables(tables, await _tables(owner))


async def _read(owner: asyncpg.Connection) -> Reading:
    return Reading(*await owner.fetchrow(_READ))


async def _tables(owner: asyncpg.Connection) -> dict[str, Grown]:
    return {name: Grown(*rest) for name, *rest in await owner.fetch(_TABLES)}


def _say_tables(before: dict[str, Grown], after: dict[str, Grown]) -> None:
    """What each table has got of each of the many calls, most first."""
    lines = []
    for name, now in after.items():
        was = before[name]
        inserted, updated, size, indexes = (
            (one - other) / MANY
            for one, other in zip(
                msgspec.structs.astuple(now), msgspec.structs.astuple(was), strict=True
            )
        )
        if size + indexes >= _LEAST_BYTES:
            cells = (f"{inserted:.1f}", f"{updated:.1f}", f"{size:.0f}", f"{indexes:.0f}")
            lines.append((size + indexes, (f"  {name}", *cells)))
    heads = ("  of each", "rows", "updates", "table B", "index B")
    table([heads, *(cells for _, cells in sorted(lines, reverse=True))])


async def _wal(owner: asyncpg.Connection, since: Reading) -> float:
    """Bytes of log since then, without whole pages."""
    end = (await _read(owner)).place
    return float(await owner.fetchval(_WAL, since.place, end))


async def _calls(
    http: aiohttp.ClientSession, world: Carrier, running: Node, people: Sequence[uuid.UUID]
) -> None:
    """A call of each at once, hung up on when it is as old as it is to be."""
    began_at = asyncio.get_running_loop().time()
    await talk(http, world, running, people)
    left = began_at + CALL_SECONDS - asyncio.get_running_loop().time()
    await asyncio.sleep(left)  # the length of a call
    await world.hang_up_all()
    await settled(http, running, 0)
    await asyncio.sleep(_AFTER_SECONDS)
