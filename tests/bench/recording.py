"""The recorder on a real PostgreSQL: how many events of live calls it can commit.

Entries are what calls hand over, with what rows and dashboards learn from them. Knows no sockets
and no sound.
"""

import asyncio
import time
import uuid
from pathlib import Path

from db import calls, users
from db.calls import NewCall
from db.core import embedded
from db.core.migrate import migrate
from db.core.pool import Pools, login_dsn, open_pools
from media.call import begin, step
from media.effects import Publish, Record, Settle
from media.events import Requested, Tick
from media.settings import Settings
from server.calls.recorder import Entry, Recorder
from server.core.clock import steady_clock
from server.live.hub import Hub
from tests.bench.machine import load, percentile, say
from tests.bench.micro import conversation
from tests.support.wiring import bare_node

_CALLS = 60
_ROUNDS = 10


async def report(data: Path) -> None:
    """Measure and print."""
    server = await embedded.start(data, durable=True)
    try:
        owner = server.dsn()
        await migrate(owner, request_password="", worker_password="")
        pools = await open_pools(
            login_dsn(owner, "talking_request", ""), login_dsn(owner, "talking_worker", "")
        )
        try:
            await _measure(pools)
        finally:
            await pools.close()
    finally:
        await server.stop()


async def _measure(pools: Pools) -> None:
    lost: list[uuid.UUID] = []
    hub = Hub()
    node = bare_node(pools, hub)
    recorder = Recorder(node, hub, lost.append)
    entries = [_entries(*ids) for ids in await _calls(pools)]
    waves = list(zip(*entries, strict=True))  # one entry of each call
    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(recorder.run())
        latencies_ms = []
        half = len(waves) // 2
        for wave in waves[:half]:
            began_at = time.perf_counter()
            for entry in wave:
                recorder.submit(entry)
            await recorder.settled()
            latencies_ms.append((time.perf_counter() - began_at) * 1000)
        began_at, cpu_at = time.perf_counter(), time.process_time()
        for wave in waves[half:]:
            for entry in wave:
                recorder.submit(entry)
        await recorder.settled()
        took = time.perf_counter() - began_at
        cpu = time.process_time() - cpu_at
        writing.cancel()
    async with pools.as_service() as connection:
        written = await connection.fetchval("select count(*) from app.call_journal")
    if lost or written != len(waves) * _CALLS:
        raise RuntimeError(f"{written} of {len(waves) * _CALLS} events were written")
    backlog = (len(waves) - half) * _CALLS
    say(f"Recorder: {_CALLS} calls, embedded PostgreSQL with fsync, {load()}")
    say(
        f"  one event of each call at once: committed after p50 {percentile(latencies_ms, 0.5):.0f}"
        f", p99 {percentile(latencies_ms, 0.99):.0f} ms, 20 of them to gather a group"
    )
    say(
        f"  a backlog of {backlog} events: {backlog / took:.0f} events/s,"
        f" {cpu / backlog * 1e6:.0f} us of the node's CPU each"
    )


async def _calls(pools: Pools) -> list[tuple[uuid.UUID, uuid.UUID, int]]:
    """Rows for the calls, one user each: call, user and epoch."""
    ids = []
    async with pools.as_service() as connection:
        for _ in range(_CALLS):
            user_id = uuid.uuid4()
            await users.register(connection, user_id, f"{user_id}@example.com")
            new = NewCall(uuid.uuid4(), user_id, "+12025550100", "load", "bench", 600)
            row = await calls.insert_call(connection, new)
            ids.append((row.id, row.user_id, row.lease_epoch))
    return ids


def _entries(call_id: uuid.UUID, user_id: uuid.UUID, epoch: int) -> list[Entry]:
    """A call's journal as the runner hands it over."""
    clock = steady_clock()
    now = clock()
    call, _ = begin(Settings(), Requested("load"), now)
    entries = []
    for seq, event in enumerate(conversation(call_id.hex, _ROUNDS), 1):
        now += 1.3 if isinstance(event, Tick) else 0.01
        call, effects = step(call, event, now)
        told = tuple(effect for effect in effects if isinstance(effect, Record | Settle | Publish))
        entries.append(Entry(call_id, user_id, epoch, seq, now, event, told))
    return entries
