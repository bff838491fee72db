"""The recorder on a real PostgreSQL: how many events of live calls it can commit, and how soon all
is written when many calls begin or end at once.

Entries are what calls hand over, with what rows and dashboards learn from them. Knows no sockets
and no sound.
"""

import asyncio
import itertools
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from db import calls
from db.accounts import users
from db.billing import usage
from db.calls import NewCall
from db.core import embedded
from db.core.keyring import KEPT_SECONDS, Mode
from db.core.migrate import migrate
from db.core.pool import Pools, login_dsn, open_pools
from media.call import begin, step
from media.effects import Publish, Record, Settle
from media.events import CarrierStatus, Requested, Tick
from media.settings import Settings
from server.calls.recorder import Recorder
from server.calls.writing import Entry, write
from server.core.settings.costs import Costs
from server.core.times import steady_clock, utc
from server.live.hub import Hub
from tests.bench.machine import load, percentile, say
from tests.bench.micro import conversation
from tests.support.database import MASTERS
from tests.support.wiring import bare_node

_CALLS = 60
_ROUNDS = 10
_AT_ONCE = 100
_OPENING = 6  # events until the conversation begins
_SEALING_REPEATS = 15


async def report(data: Path) -> None:
    """Measure and print."""
    server = await embedded.start(data, durable=True)
    try:
        owner = server.dsn()
        await migrate(owner, request_password="", worker_password="")
        logins = (
            login_dsn(owner, "talking_request", ""),
            login_dsn(owner, "talking_worker", ""),
        )
        pools = await open_pools(*logins, MASTERS)
        try:
            await _measure(pools)
            await _at_once(pools)
        finally:
            await pools.close()
        await _sealing(*logins)
    finally:
        await server.stop()


async def _measure(pools: Pools) -> None:
    lost: list[uuid.UUID] = []
    hub = Hub()
    node = bare_node(pools, hub)
    recorder = Recorder(node, hub, lambda call_id, _: lost.append(call_id))
    entries = [_entries(*ids) for ids in await _calls(pools, _CALLS)]
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
        written = await connection.fetchval(
            "select sum(last_seq - seq + 1)::integer from app.call_journal"
        )
    if lost or written != len(waves) * _CALLS:
        raise RuntimeError(f"{written} of {len(waves) * _CALLS} events were written")
    backlog = (len(waves) - half) * _CALLS
    say(f"Recorder: {_CALLS} calls, embedded PostgreSQL with fsync, {load()}")
    say(
        f"  one event of each call at once: committed after p50 {percentile(latencies_ms, 0.5):.0f}"
        f", p99 {percentile(latencies_ms, 0.99):.0f} ms, without time to gather a group"
    )
    say(
        f"  a backlog of {backlog} events: {backlog / took:.0f} events/s,"
        f" {cpu / backlog * 1e6:.0f} us of the node's CPU each"
    )


async def _at_once(pools: Pools) -> None:
    """Many calls begin, talk and end, each at the same moment; then the same entry by entry."""
    hub = Hub()
    recorder = Recorder(bare_node(pools, hub), hub, lambda *_: None)
    began, ended = [], []
    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(recorder.run())
        for _ in range(3):
            played = [_entries(*ids) for ids in await _calls(pools, _AT_ONCE)]
            began.append(await _written(recorder, [entries[:_OPENING] for entries in played]))
            await _written(recorder, [entries[_OPENING:-1] for entries in played])
            ended.append(await _written(recorder, [entries[-1:] for entries in played]))
        writing.cancel()
    played = [_entries(*ids) for ids in await _calls(pools, _AT_ONCE)]
    singly = []
    for piece in (slice(_OPENING), slice(-1, None)):
        began_at = time.perf_counter()
        async with bare_node(pools, hub).transaction() as tx:
            for entries in played:
                for entry in entries[piece]:
                    await write(tx, Costs(), [entry])
        singly.append((time.perf_counter() - began_at) * 1000)
    say(f"  {_AT_ONCE} calls at once, all rows committed (median of 3; entry by entry, in one go):")
    for name, times, alone in (("begin", began, singly[0]), ("end", ended, singly[1])):
        together = percentile(times, 0.5)
        say(f"    {name}: {together:.0f} ms; {alone:.0f} ms, {alone / together:.1f} times that")


async def _sealing(request: str, worker: str) -> None:
    """What sealing costs a call: the same entries committed sealed and in clear, in turn; and what
    it costs to read its user's key."""
    keys_us: list[float] = []
    cpu_us: dict[Mode, list[float]] = {"all": [], "none": []}
    seconds = entries_each = 0.0
    for number in range(_SEALING_REPEATS):
        order: tuple[Mode, Mode] = ("all", "none") if number % 2 else ("none", "all")
        for mode in order:
            pools = await open_pools(request, worker, MASTERS, seal=mode)
            hub = Hub()
            recorder = Recorder(bare_node(pools, hub), hub, lambda *_: None)
            played = [_entries(*ids) for ids in await _calls(pools, _CALLS)]
            seconds = played[0][-1].at - played[0][0].at
            entries_each = len(played[0])
            async with asyncio.TaskGroup() as tasks:
                writing = tasks.create_task(recorder.run())
                began_at = time.process_time()
                await _written(recorder, played)
                spent = time.process_time() - began_at
                writing.cancel()
            users = [one[0].user_id for one in played]
            for user_id in users:
                pools.keyring.forget(user_id)
            began_at = time.process_time()
            await pools.keyring.of_many(users)
            keys_us.append((time.process_time() - began_at) / len(users) * 1e6)
            await pools.close()
            cpu_us[mode].append(spent / _CALLS / seconds * 1e6)
    sealed, clear = percentile(cpu_us["all"], 0.5), percentile(cpu_us["none"], 0.5)
    say(
        f"  sealed or in clear, {_SEALING_REPEATS} times {_CALLS} calls of {seconds:.0f} s with"
        f" {entries_each:.0f} entries each: {sealed:.0f} and {clear:.0f} us of CPU a call-second,"
        f" {sealed / clear:.2f} times as much, {sealed - clear:.0f} us more; a key is read for"
        f" {percentile(keys_us, 0.5):.0f} us, every {KEPT_SECONDS:.0f} s"
    )


async def _written(recorder: Recorder, entries: Sequence[Sequence[Entry]]) -> float:
    """Hand over what happens to many calls in turn; ms until all of it is committed."""
    began_at = time.perf_counter()
    for wave in itertools.zip_longest(*entries):
        for entry in wave:
            if entry is not None:
                recorder.submit(entry)
    await recorder.settled()
    return (time.perf_counter() - began_at) * 1000


async def _calls(pools: Pools, many: int) -> list[tuple[uuid.UUID, uuid.UUID, int]]:
    """Rows for the calls, one user each, with their use reserved: call, user and epoch."""
    ids = []
    month = usage.month_year(utc(steady_clock()()))
    async with pools.as_service() as connection:
        for _ in range(many):
            user_id = uuid.uuid4()
            await users.register(connection, user_id, f"{user_id}@example.com")
            new = NewCall(uuid.uuid4(), user_id, "+12025550100", "load", "bench", 600)
            row = await calls.insert_call(connection, new)
            await usage.reserve(connection, user_id, "calls", row.id, month)
            ids.append((row.id, row.user_id, row.lease_epoch))
    return ids


def _entries(call_id: uuid.UUID, user_id: uuid.UUID, epoch: int) -> list[Entry]:
    """A call's journal as the runner hands it over."""
    clock = steady_clock()
    now = clock()
    call, _ = begin(Settings(), Requested("load"), now)
    entries = []
    events = conversation(call_id.hex, _ROUNDS)
    events.append(CarrierStatus("completed", call_id.hex, duration_seconds=25))
    for seq, event in enumerate(events, 1):
        now += 1.3 if isinstance(event, Tick) else 0.01
        call, effects = step(call, event, now)
        told = tuple(effect for effect in effects if isinstance(effect, Record | Settle | Publish))
        entries.append(Entry(call_id, user_id, epoch, seq, now, event, told))
    return entries
