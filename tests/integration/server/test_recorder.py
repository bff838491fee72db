"""The recorder on a real PostgreSQL that goes away, and entries that no database takes."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import asyncpg
import msgspec
import pytest
from structlog.testing import capture_logs

from db import calls, costs
from db.calls import CallRow
from db.cluster import event_streams, leases
from db.cluster.event_streams import EventRow, NewEvent
from db.core.pool import Pools
from db.core.rows import Connection
from media.effects import Publish, Record, Settle
from media.events import Event, Keyed, SpeechBegan
from media.ports import Emitted
from media.published import TranscriptFinal
from server.calls import recorder as recorders
from server.calls.recorder import Recorder
from server.calls.spill import Spill
from server.calls.wire import call_out
from server.calls.writing import Entry, write
from server.core.settings.costs import Costs, Price
from server.core.times import utc
from server.live.hub import Hub
from server.live.wire import event_out
from tests.integration.db.arrange import make_call, make_user
from tests.support.database import Database, execute
from tests.support.patience import patience
from tests.support.wiring import bare_node

AWAY = [
    asyncpg.InternalClientError("got result for unknown protocol state 3"),
    asyncpg.AdminShutdownError("terminating connection due to administrator command"),
    asyncpg.CrashShutdownError("x"),
    asyncpg.CannotConnectNowError("the database system is in recovery mode"),
    asyncpg.ReadOnlySQLTransactionError("x"),
    asyncpg.TooManyConnectionsError("x"),
    asyncpg.InterfaceError("connection is closed"),
    ConnectionRefusedError(),
    TimeoutError(),
]


class Outage:
    """Pools whose next transactions fail with these, at their border; later ones are real."""

    def __init__(self, pools: Pools, failures: Sequence[Exception | None]) -> None:
        self._pools = pools
        self.failures = list(failures)

    @asynccontextmanager
    async def as_service(self, *, for_calls: bool = False) -> AsyncIterator[Connection]:
        async with self._pools.as_service(for_calls=for_calls) as connection:
            yield connection
            failure = self.failures.pop(0) if self.failures else None
            if failure is not None:
                raise failure


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorders, "RETRY_SECONDS", 0.01)


def entry(call: CallRow, seq: int, event: Event | None = None) -> Entry:
    return Entry(call.id, call.user_id, call.lease_epoch, seq, 1.0, event or Keyed("1"), ())


def with_emitted(given: Entry, *emitted: Emitted) -> Entry:
    return msgspec.structs.replace(given, emitted=emitted)


async def record(pools: Pools, entries: list[Entry]) -> list[uuid.UUID]:
    """Have them written; the calls that the recorder gave up."""
    lost: list[uuid.UUID] = []
    recorder = Recorder(bare_node(pools), Hub(), lambda call_id, _: lost.append(call_id))
    async with asyncio.TaskGroup() as tasks, patience():
        running = tasks.create_task(recorder.run())
        for each in entries:
            recorder.submit(each)
        await recorder.settled()
        running.cancel()
    return lost


async def journal(owner: asyncpg.Connection, call: CallRow) -> list[int]:
    """What is in the call's journal, transaction by transaction: where in the table a row lies
    tells nothing, as what was rolled back leaves room in front."""
    rows = await owner.fetch(
        "select n as seq from app.call_journal, generate_series(seq, last_seq) n"
        " where call_id = $1 order by xmin::text::bigint, n",
        call.id,
    )
    return [row["seq"] for row in rows]


UNWRITABLE = 2**31  # a number that the journal's column does not take


async def test_no_entry_is_dropped_for_whatever_a_database_raises_that_is_away(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    call = await make_call(pools, await make_user(pools))
    outage = cast("Pools", Outage(pools, AWAY))
    with capture_logs() as logs:
        assert await record(outage, [entry(call, seq) for seq in (1, 2, 3)]) == []
    assert await journal(owner, call) == [1, 2, 3]
    assert [line["event"] for line in logs] == ["database_away"] * len(AWAY)


async def test_an_outage_while_a_bad_entry_is_looked_for_changes_no_order(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user = await make_user(pools)
    good, bad = await make_call(pools, user), await make_call(pools, user)
    entries = [
        entry(good, 1), entry(bad, UNWRITABLE), entry(good, 2), entry(good, 3),
    ]  # fmt: skip
    gone = asyncpg.InternalClientError("x")
    # The group is refused by the real server before a scripted failure is asked for.
    outage = Outage(pools, [None, gone, gone])
    with capture_logs() as logs:
        assert await record(cast("Pools", outage), entries) == [bad.id]
    assert outage.failures == []
    assert await journal(owner, good) == [1, 2, 3]
    assert await journal(owner, bad) == []
    told = [(line["event"], line["log_level"]) for line in logs]
    assert told.count(("entry_refused", "error")) == 1
    assert told.count(("database_away", "error")) == 2


async def test_a_call_whose_entry_cannot_be_written_is_ended_and_no_other(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user = await make_user(pools)
    call, other = await make_call(pools, user), await make_call(pools, user)
    entries = [entry(call, UNWRITABLE), entry(other, 1)]
    with capture_logs() as logs:
        assert await record(pools, entries) == [call.id]
    assert await journal(owner, other) == [1]
    assert "database_away" not in {line["event"] for line in logs}


async def test_what_is_too_late_under_one_epoch_holds_nothing_back_that_is_done_under_the_next(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    """A node that lost a call has it back, with something of before still to be written."""
    call = await make_call(pools, await make_user(pools), lease_seconds=-1)
    async with pools.as_service() as connection:
        lease = await leases.claim(connection, "b", call.id, lease_seconds=60)
    assert lease is not None
    now = msgspec.structs.replace(call, lease_epoch=lease.lease_epoch)
    stale = with_emitted(entry(call, 1), Record(type="call.ended", status="ended"))
    fresh = with_emitted(entry(now, 1), Record(type="call.talking", status="talking"))
    async with bare_node(pools).transaction() as tx:
        assert await write(tx, Costs(), [stale, fresh]) == {(call.id, call.lease_epoch)}
    assert await journal(owner, call) == [1]
    status = await owner.fetchval("select status from public.calls where id = $1", call.id)
    assert status == "talking"


async def test_entries_outlast_a_real_outage(
    pools: Pools, owner: asyncpg.Connection, database: Database, postgres: str
) -> None:
    call = await make_call(pools, await make_user(pools))
    connections = f"alter database {database.name} with allow_connections"
    lost: list[uuid.UUID] = []
    recorder = Recorder(bare_node(pools), Hub(), lambda call_id, _: lost.append(call_id))
    async with asyncio.TaskGroup() as tasks, patience():
        running = tasks.create_task(recorder.run())
        await execute(postgres, f"{connections} false")
        await owner.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
        with capture_logs() as logs:
            for seq in range(1, 21):
                recorder.submit(entry(call, seq))
            while True:
                await asyncio.sleep(0.01)  # polls a condition with a deadline
                if len(logs) >= 5:
                    break
        assert await journal(owner, call) == []
        await execute(postgres, f"{connections} true")
        await recorder.settled()
        running.cancel()
    assert {line["event"] for line in logs} == {"database_away"}
    assert await journal(owner, call) == list(range(1, 21))
    assert lost == []


def record_of(call: CallRow, seq: int, *emitted: Emitted) -> Entry:
    return msgspec.structs.replace(entry(call, seq), emitted=emitted)


ANSWERED = Record(type="call.answered", status="answered", sid="CA1", answered_at=1.0)
TALKING = Record(type="call.talking", status="talking", answered_by="human")
SAID = Publish(TranscriptFinal("caller", "Hello.", "Hello."))


class Told(Hub):
    """A hub that remembers what it was handed."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[EventRow] = []

    def publish_committed(self, rows: Sequence[EventRow]) -> None:
        self.rows += rows


async def test_a_hundred_calls_are_written_in_as_many_statements_as_one(pools: Pools) -> None:
    said: list[str] = []

    def note(query: Any) -> None:
        said.append(query.query)

    counts = []
    for many in (1, 1, 100):  # at first the driver asks what types there are, too
        made = [await make_call(pools, await make_user(pools)) for _ in range(many)]
        entries = [
            record_of(call, seq, msgspec.structs.replace(ANSWERED, sid=None), SAID)
            for call in made
            for seq in (1, 2)
        ] + [record_of(call, 3, Settle(commit=True)) for call in made]
        said.clear()
        async with bare_node(pools).transaction() as tx:
            with tx.connection.query_logger(note):
                assert await write(tx, Costs(), entries) == set()
                await tx.flush()
        counts.append(len(said))
    assert counts[1] == counts[2]


async def test_each_event_shows_the_call_as_it_then_was_and_is_kept_as_it_was_told(
    pools: Pools,
) -> None:
    call, hub = await make_call(pools, await make_user(pools)), Told()
    async with bare_node(pools, hub).transaction() as tx:
        spanish = Record(type="call.language", language="es")
        group = [record_of(call, 1, ANSWERED, SAID), record_of(call, 2, TALKING)]
        await write(tx, Costs(), [*group, record_of(call, 3, spanish)])
    async with pools.as_service() as connection:
        kept = await event_streams.read_after(connection, call.user_id, 0, 10)
        last = await calls.get_any(connection, call.id)
    told = [msgspec.to_builtins(event_out(row)) for row in hub.rows]
    assert [msgspec.to_builtins(event_out(row)) for row in kept] == told
    assert [row.type for row in kept] == [
        "call.answered", "transcript.final", "call.talking", "call.language",
    ]  # fmt: skip
    shown = [row.data["call"] for row in kept if "call" in row.data]
    assert [(one["status"], one["answered_by"], one["language"]) for one in shown] == [
        ("answered", None, None), ("talking", "human", None), ("talking", "human", "es"),
    ]  # fmt: skip
    assert last is not None
    assert shown[-1] == msgspec.to_builtins(call_out(last))


async def test_an_event_kept_whole_is_read_as_it_is(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    call = await make_call(pools, await make_user(pools))
    whole = msgspec.to_builtins({"call": call_out(call)})
    subject = f"call:{call.id}"
    old = NewEvent(call.user_id, "call.ringing", call.created_at, subject, 1, whole)
    async with pools.as_service() as connection:
        await event_streams.append(connection, [old])
    await owner.execute("update public.calls set topic = 'another'")
    async with pools.as_service() as connection:
        (kept,) = await event_streams.read_subject(connection, call.user_id, subject, 0, 10)
    assert kept.data == whole


async def test_an_entry_written_twice_has_its_consequences_once(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    call = await make_call(pools, await make_user(pools))
    once = record_of(call, 1, ANSWERED, SAID)
    for group in ([once], [once, record_of(call, 2, TALKING)]):
        async with bare_node(pools).transaction() as tx:
            assert await write(tx, Costs(), group) == set()
    told = await owner.fetch("select type from app.events order by seq")
    assert [row["type"] for row in told] == ["call.answered", "transcript.final", "call.talking"]


async def commits(owner: asyncpg.Connection) -> int:
    """In how many transactions the journal was written."""
    found: int = await owner.fetchval("select count(distinct xmin::text) from app.call_journal")
    return found


async def test_whoever_is_waited_for_takes_along_what_waits_before_it(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    call = await make_call(pools, await make_user(pools))
    recorder = Recorder(bare_node(pools), Hub(), lambda *_: None)
    async with asyncio.TaskGroup() as tasks, patience():
        running = tasks.create_task(recorder.run())
        recorder.submit(entry(call, 1, SpeechBegan(1)))
        recorder.submit(entry(call, 2))
        await asyncio.sleep(0)  # the recorder sees that it may wait
        recorder.submit(record_of(call, 3, ANSWERED))
        while recorder.backlog:  # noqa: ASYNC110 - polls a condition with a deadline
            await asyncio.sleep(0.001)
        running.cancel()
    assert await journal(owner, call) == [1, 2, 3]
    assert await commits(owner) == 1


async def test_what_nobody_waits_for_is_not_split_by_what_others_have_committed(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user = await make_user(pools)
    call, other = await make_call(pools, user), await make_call(pools, user)
    recorder = Recorder(bare_node(pools), Hub(), lambda *_: None)
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(10):
        running = tasks.create_task(recorder.run())
        for seq in (1, 2, 3):
            recorder.submit(entry(call, seq, SpeechBegan(1)))
            recorder.submit(entry(other, 2 * seq, SpeechBegan(1)))
            recorder.submit(record_of(other, 2 * seq + 1, ANSWERED))
            while (other.id, 1) in recorder.unwritten():  # noqa: ASYNC110
                await asyncio.sleep(0.001)  # polls a condition with a deadline
        before = await journal(owner, call)
        await recorder.settled()
        running.cancel()
    assert (before, await journal(owner, call)) == ([], [1, 2, 3])
    assert await owner.fetchval(ROWS_OF, call.id) == 1
    assert await owner.fetchval(ROWS_OF, other.id) == 3


ROWS_OF = "select count(*) from app.call_journal where call_id = $1"


async def test_a_backlog_is_committed_in_pieces_and_in_order(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    call = await make_call(pools, await make_user(pools))
    assert await record(pools, [entry(call, seq) for seq in range(1, 1201)]) == []
    assert await journal(owner, call) == list(range(1, 1201))
    assert await commits(owner) == 3


def left(folder: Path) -> list[Path]:
    return list(folder.glob("*")) if folder.exists() else []


async def test_a_long_outage_goes_to_a_file_and_is_written_in_order_afterwards(
    pools: Pools, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    users = [await make_user(pools) for _ in range(3)]
    made = [await make_call(pools, user) for user in users]
    outage = Outage(pools, [TimeoutError()] * 1000)
    spill = Spill(tmp_path / "unwritten", pools.keyring.system)
    recorder = Recorder(bare_node(cast("Pools", outage)), Hub(), lambda *_: None, spill)
    async with asyncio.TaskGroup() as tasks, patience():
        running = tasks.create_task(recorder.run())
        for seq in range(1, 10_001):
            for call in made:
                recorder.submit(record_of(call, seq, SAID) if seq % 100 == 0 else entry(call, seq))
            if seq % 1000 == 0:
                await asyncio.sleep(0.02)  # it tries, in vain
            assert len(recorder._waiting) <= recorders.MOST_IN_MEMORY
        assert recorder.backlog == 30_000
        assert len(recorder._waiting) == recorders.MOST_ENTRIES
        assert left(tmp_path / "unwritten")
        outage.failures.clear()
        await recorder.settled()
        recorder.submit(entry(made[0], 10_001))
        await recorder.settled()
        running.cancel()
    for call in made:
        wanted = 10_001 if call is made[0] else 10_000
        assert await journal(owner, call) == list(range(1, wanted + 1))
    assert await owner.fetchval("select count(*) from app.events") >= 300
    assert left(tmp_path / "unwritten") == []


async def test_what_a_process_left_is_written_by_the_next(
    pools: Pools, owner: asyncpg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorders, "MOST_IN_MEMORY", 1000)
    user = await make_user(pools)
    call, taken = await make_call(pools, user), await make_call(pools, user)
    outage = Outage(pools, [TimeoutError()] * 1000)
    first = Recorder(
        bare_node(cast("Pools", outage)),
        Hub(),
        lambda *_: None,
        Spill(tmp_path, pools.keyring.system),
    )
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(first.run())
        for seq in range(1, 1501):
            first.submit(entry(call, seq))
            first.submit(entry(taken, seq))
        await asyncio.sleep(0.05)
        running.cancel()
    assert await journal(owner, call) == []
    spill = first._spill
    assert spill is not None
    spill.close()  # as the kernel does for a process that is killed
    await owner.execute(
        "update app.call_details set epoch = epoch + 1 where call_id = $1", taken.id
    )
    lost: list[uuid.UUID] = []
    second = Recorder(
        bare_node(pools),
        Hub(),
        lambda call_id, _: lost.append(call_id),
        Spill(tmp_path, pools.keyring.system),
    )
    second.recover()
    second.submit(entry(call, 1501))
    async with asyncio.TaskGroup() as tasks, patience():
        running = tasks.create_task(second.run())
        await second.settled()
        running.cancel()
    assert await journal(owner, call) == list(range(1, 1502))
    assert await journal(owner, taken) == []
    assert set(lost) == {taken.id}
    assert left(tmp_path) == []


async def test_what_is_not_written_in_the_end_is_kept(
    pools: Pools, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    call = await make_call(pools, await make_user(pools))
    first = Recorder(
        bare_node(pools), Hub(), lambda *_: None, Spill(tmp_path, pools.keyring.system)
    )
    for seq in (1, 2):
        first.submit(entry(call, seq))
    with capture_logs() as logs:
        first.give_up()
    assert [(line["event"], line["count"], line["kept"]) for line in logs] == [
        ("entries_unwritten", 2, True)
    ]
    second = Recorder(
        bare_node(pools), Hub(), lambda *_: None, Spill(tmp_path, pools.keyring.system)
    )
    second.recover()
    async with asyncio.TaskGroup() as tasks, patience():
        running = tasks.create_task(second.run())
        await second.settled()
        running.cancel()
    assert await journal(owner, call) == [1, 2]
    assert left(tmp_path) == []


async def test_what_a_call_consumed_is_written_once_under_whatever_epoch(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    """Two nodes run the call one after the other; the first hands something over twice and late."""
    call = await make_call(pools, await make_user(pools), lease_seconds=-1)
    prices = Costs(
        call_budget="1",
        prices={
            "deepgram.stt": Price("minute", "0.6"), "twilio.call": Price("started_minute", "0.014"),
        },
    )  # fmt: skip
    consumed = {"deepgram.stt": 2000, "hibari.tts": 11}
    first = msgspec.structs.replace(record_of(call, 1, ANSWERED), consumed=consumed)
    node = bare_node(pools)
    now = node.clock()
    for _ in range(2):
        async with node.transaction() as tx:
            assert await write(tx, prices, [first]) == set()
    async with pools.as_service() as connection:
        lease = await leases.claim(connection, "b", call.id, lease_seconds=60)
    assert lease is not None
    adopted = msgspec.structs.replace(call, lease_epoch=lease.lease_epoch)
    late = msgspec.structs.replace(record_of(call, 2, TALKING), consumed=consumed)
    second = msgspec.structs.replace(record_of(adopted, 2, TALKING), consumed=consumed)
    end = record_of(
        adopted, 3,
        Record(type="call.ended", status="ended", ended_at=now, duration_seconds=61),
    )  # fmt: skip
    for _ in range(2):
        async with node.transaction() as tx:
            assert await write(tx, prices, [late, second, end]) == {(call.id, call.lease_epoch)}
    async with pools.as_service() as connection:
        rows = await costs.of_subject(connection, f"call:{call.id}")
        spent = await costs.spent(connection, f"call:{call.id}", "usd")
        month = await costs.of_month(connection, utc(now).date().replace(day=1), None, 10)
        exported = await costs.of_user(connection, call.user_id, None, 10)
    assert [(row.what, row.unit, row.quantity, row.amount) for row in rows] == [
        ("deepgram.stt", "seconds", Decimal(4), Decimal("0.04")),
        ("hibari.tts", "characters", Decimal(22), None),
        ("twilio.call", "seconds", Decimal(61), Decimal("0.028")),
    ]
    assert spent == Decimal("0.068")
    assert [(row.user_id, row.what, row.amount) for row in month] == [
        (call.user_id, row.what, row.amount) for row in rows
    ]
    assert {row["quantity"] for row in exported} == {"4.000", "22.000", "61.000"}
    assert all("amount" not in row for row in exported)
