"""Retention over many old calls with their journals, while people list their calls and other calls
are written: how long it takes, its longest piece, and what it does to everybody else.

The past is made by SQL in a database of its own. Lists and writes come at a steady pace, before
the deletion, during it and after; what is compared are their times in one run on one machine.
"""

import asyncio
import datetime as dt
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import msgspec

from db import calls
from db.accounts import users
from db.calls import CallChange, CallRow, NewCall
from db.core import embedded
from db.core.migrate import migrate
from db.core.pool import Pools, login_dsn, open_pools
from db.history import journal
from db.history.journal import JournalEntry
from server.accounts import access
from server.accounts.access import PageOf
from server.core.identity.auth import Identity
from server.core.node import NodeParts
from server.core.times import steady_clock, utc
from server.retention import deletion
from server.retention.periods import periods
from tests.bench.machine import children, load, percentile, say, table, usage
from tests.support.database import MASTERS
from tests.support.wiring import bare_node

_PEOPLE = 1000
_JOURNAL_KEY = "call_journal_pkey"
_EACH_PER_SECOND = 10.0  # lists, and writes
_AROUND_SECONDS = 20.0
_MAKE = """
insert into public.calls (id, user_id, user_phone_number, topic, twilio_call_sid, status,
    ended_time, duration_seconds, created_at)
select gen_random_uuid(), u.id, '+12025550100', 'what to plant in spring', 'CA' || $3 || n, 'ended',
    at, 170, at
from (select n, now() - $1::interval - make_interval(secs => n) as at
    from generate_series(1, $2::integer) n) made
join (select id, row_number() over (order by id) as place from public.users) u
    on u.place = n % (select count(*) from public.users) + 1
order by at
"""
_DETAILS = """
insert into app.call_details (call_id, user_id, answered_by, end_reason, dial_state, owner_node)
select id, user_id, 'human', 'caller_hung_up', 'known', 'node-1' from public.calls
order by created_at
"""
_JOURNAL = """
insert into app.call_journal (call_id, seq, last_seq, at, entries)
select id, 3 * seq, 3 * seq + 2, created_at + make_interval(secs => seq),
    decode(repeat(md5(id::text || seq), 6), 'hex')  -- as long as sealed ones are
from (select id, created_at from public.calls order by created_at) c,
    generate_series(0, $1::integer - 1) seq
"""


class _Times(msgspec.Struct):
    """Milliseconds each took."""

    lists: list[float]
    commits: list[float]


async def report(data: Path, old_calls: int, journal_rows: int) -> None:
    """Make the past, then measure and print."""
    server = await embedded.start(data / "retention", durable=True)
    try:
        owner = server.dsn()
        await migrate(owner, request_password="", worker_password="")
        pools = await open_pools(
            login_dsn(owner, "talking_request", ""), login_dsn(owner, "talking_worker", ""), MASTERS
        )
        try:
            began_at = time.monotonic()
            people = await _make(owner, pools, old_calls, journal_rows)
            say(f"Retention of {old_calls:,} calls with {journal_rows} journal rows each, {load()}")
            say(f"  made in {time.monotonic() - began_at:.0f} s, embedded PostgreSQL with fsync")
            postmaster = (data / "retention" / "cluster" / "postmaster.pid").read_text()
            await _measure(pools, people, old_calls, int(postmaster.split("\n", 1)[0]))
        finally:
            await pools.close()
    finally:
        await server.stop()


async def _make(dsn: str, pools: Pools, old_calls: int, journal_rows: int) -> list[uuid.UUID]:
    people = []
    async with pools.as_service() as connection:
        for _ in range(_PEOPLE):
            people.append(uuid.uuid4())
            await users.register(connection, people[-1], f"{people[-1]}@example.com")
    owner = await asyncpg.connect(dsn)
    try:
        # Rows are right by themselves here, so foreign keys need not be looked at.
        await owner.execute(
            "set synchronous_commit = off; set work_mem = '256MB';"
            " set maintenance_work_mem = '512MB'; set session_replication_role = replica"
        )
        await owner.execute(f"alter table app.call_journal drop constraint {_JOURNAL_KEY}")
        for days, count in ((731, old_calls), (1, old_calls // 10)):
            await owner.execute(_MAKE, dt.timedelta(days=days), count, f"{days}-")
        await owner.execute(_DETAILS)
        await owner.execute(_JOURNAL, journal_rows)
        await owner.execute(
            f"alter table app.call_journal add constraint {_JOURNAL_KEY} primary key (call_id, seq)"
        )
        await owner.execute("vacuum analyze")
        await owner.execute("checkpoint")
    finally:
        await owner.close()
    return people


async def _measure(pools: Pools, people: list[uuid.UUID], old_calls: int, postmaster: int) -> None:
    node = bare_node(pools)
    rows = await _live_calls(pools, people[:50])
    await _during(node, people, rows, asyncio.sleep(5))  # warm
    before = await _during(node, people, rows, asyncio.sleep(_AROUND_SECONDS))
    began_at, cpu_at = time.monotonic(), _cpu_seconds(postmaster)
    done: list[deletion.KindReport] = []

    async def delete() -> None:
        done.extend(await deletion.delete(node, "bench", periods(node.config.retention)) or [])

    meanwhile = await _during(node, people, rows, delete())
    took, cpu = time.monotonic() - began_at, _cpu_seconds(postmaster) - cpu_at
    after = await _during(node, people, rows, asyncio.sleep(_AROUND_SECONDS))
    gone = next(one for one in done if one.kind == "calls")
    if (gone.deleted, gone.left) != (old_calls, 0):
        raise RuntimeError(f"{gone.deleted} of {old_calls} calls were deleted")
    say(
        f"  deleted in {took:.0f} s, {old_calls / took:.0f} calls/s; the longest piece took"
        f" {gone.longest_seconds * 1000:.0f} ms, with its commit; {load()}"
    )
    say(
        f"  the database server used {cpu:.0f} s of CPU meanwhile, lists and commits included:"
        f" {cpu / old_calls * 1e6:.0f} us a call"
    )
    lines = [["", "before", "meanwhile", "after", "meanwhile / before and after"]]
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        for what in ("lists", "commits"):
            times = [getattr(one, what) for one in (before, meanwhile, after)]
            figures = [percentile(one, share) for one in times]
            calm = percentile([*times[0], *times[2]], share)
            lines.append(
                [
                    f"  {what}, {name}",
                    *(f"{ms:.1f} ms" for ms in figures),
                    f"{figures[1] / calm:.2f}",
                ]
            )
    table(lines)
    say(f"  N = {len(before.lists)}, {len(meanwhile.lists)}, {len(after.lists)} of each")


async def _live_calls(pools: Pools, people: list[uuid.UUID]) -> list[CallRow]:
    async with pools.as_service() as connection:
        return [
            await calls.insert_call(
                connection, NewCall(uuid.uuid4(), user_id, "+12025550100", "x", "bench", 6000)
            )
            for user_id in people
        ]


async def _during(
    node: NodeParts, people: list[uuid.UUID], rows: list[CallRow], work: Awaitable[None]
) -> _Times:
    """Lists and commits at their pace while the work lasts."""
    times = _Times([], [])
    over = asyncio.Event()
    turn = 0

    async def list_calls() -> None:
        user_id = people[turn % len(people)]
        who = Identity(user_id, None, None, False, 0.0, _claims(user_id))
        await access.page(node, who, "calls", calls.get_many, PageOf(20))

    async def commit() -> None:
        row = rows[turn % len(rows)]
        async with node.pools.as_service(for_calls=True) as connection:
            now = utc(steady_clock()())
            seq, heard = int(now.timestamp() * 1e4) % 2**31, {"type": "words_heard", "text": "yes"}
            entry = JournalEntry(row.id, row.user_id, row.lease_epoch, seq, now, heard)
            await journal.append(connection, [entry])
            change = CallChange(answered_time=now)
            await calls.apply_change(connection, row.id, change, row.lease_epoch)

    async def pace(act: Callable[[], Awaitable[None]], into: list[float]) -> None:
        nonlocal turn
        due = time.monotonic()
        while not over.is_set():
            due += 1 / _EACH_PER_SECOND
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            turn += 1
            began_at = time.monotonic()
            await act()
            into.append((time.monotonic() - began_at) * 1000)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(pace(list_calls, times.lists))
        tasks.create_task(pace(commit, times.commits))
        await work
        over.set()
    return times


def _claims(user_id: uuid.UUID) -> dict[str, str]:
    return {"sub": str(user_id), "role": "authenticated"}


def _cpu_seconds(postmaster: int) -> float:
    """Of all processes of the database server that are there."""
    return sum(usage(pid).cpu_seconds for pid in (postmaster, *children(postmaster)))
