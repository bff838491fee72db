"""Calls, leases and the journal: what may not go back, and who may write."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from db import calls
from db.calls import CallChange, CallRow, CallStatus, WaitingStatus
from db.cluster import leases
from db.core import packing
from db.core.pool import Pools
from db.core.sealing import Unsealable
from db.history import journal
from db.history.journal import JournalEntry, Refused
from tests.integration.db.arrange import make_call, make_user, new_call

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
IN_ORDER: list[CallStatus] = ["initiating", "ringing", "answered", "waiting", "talking"]
TERMINAL: list[CallStatus] = ["ended", "busy", "no_answer", "failed", "canceled", "lost"]


async def apply(pools: Pools, call: CallRow, change: CallChange, epoch: int = 1) -> CallRow | None:
    async with pools.as_service() as connection:
        return await calls.apply_change(connection, call.id, change, epoch)


async def status_after(pools: Pools, call: CallRow, *statuses: CallStatus) -> str:
    for status in statuses:
        row = await apply(pools, call, CallChange(status=status))
        assert row is not None
    async with pools.as_service() as connection:
        found = await calls.get(connection, call.id, user_id=call.user_id)
    assert found is not None
    return found.status


async def test_a_new_call_is_an_intent_leased_by_its_node(pools: Pools) -> None:
    call = await make_call(pools, await make_user(pools))
    assert (call.status, call.dial_state, call.owner_node, call.lease_epoch) == (
        "initiating",
        "intent",
        "a",
        1,
    )
    assert call.lease_until is not None
    assert call.created_at.tzinfo is not None


async def test_the_same_idempotency_key_gives_the_first_call_back(pools: Pools) -> None:
    user_id = await make_user(pools)
    async with pools.as_service() as connection:
        first = await calls.insert_call(connection, new_call(user_id, key="k"))
        again = await calls.insert_call(connection, new_call(user_id, key="k"))
        other = await calls.insert_call(connection, new_call(user_id))
        another = await calls.insert_call(connection, new_call(user_id))
    assert again == first
    assert len({first.id, other.id, another.id}) == 3


async def test_a_call_goes_forward_through_every_status(pools: Pools) -> None:
    call = await make_call(pools, await make_user(pools))
    assert await status_after(pools, call, *IN_ORDER) == "talking"


@pytest.mark.parametrize("reached", range(1, len(IN_ORDER)))
async def test_a_status_never_goes_back(pools: Pools, reached: int) -> None:
    call = await make_call(pools, await make_user(pools))
    assert (
        await status_after(pools, call, IN_ORDER[reached], *IN_ORDER[:reached])
        == (IN_ORDER[reached])
    )


@pytest.mark.parametrize("last", TERMINAL)
async def test_nothing_leaves_a_terminal_status(pools: Pools, last: CallStatus) -> None:
    call = await make_call(pools, await make_user(pools))
    assert await status_after(pools, call, last, *IN_ORDER, *TERMINAL) == last


async def test_a_verdict_moves_a_call_between_voicemail_and_talking(pools: Pools) -> None:
    call = await make_call(pools, await make_user(pools))
    assert await status_after(pools, call, "voicemail", "talking") == "talking"


async def test_sid_end_and_reason_keep_their_first_value_and_the_rest_the_last(
    pools: Pools,
) -> None:
    call = await make_call(pools, await make_user(pools))
    first = CallChange(
        twilio_call_sid="CA1",
        ringing_time=NOON,
        answered_time=NOON,
        ended_time=NOON,
        duration_seconds=1,
        end_reason="caller_hung_up",
        answered_by="machine",
        dial_state="sent",
    )
    later = CallChange(
        twilio_call_sid="CA2",
        ringing_time=NOON + timedelta(1),
        answered_time=NOON + timedelta(1),
        ended_time=NOON + timedelta(1),
        duration_seconds=2,
        end_reason="carrier",
        answered_by="human",
        dial_state="known",
    )
    await apply(pools, call, first)
    await apply(pools, call, CallChange())
    row = await apply(pools, call, later)
    assert row is not None
    assert row.twilio_call_sid == "CA1"
    assert (row.ringing_time, row.answered_time) == (later.ringing_time, later.answered_time)
    assert (row.ended_time, row.duration_seconds, row.end_reason) == (NOON, 1, "caller_hung_up")
    assert (row.answered_by, row.dial_state) == ("human", "known")


async def test_a_change_under_another_epoch_is_refused_and_changes_nothing(pools: Pools) -> None:
    call = await make_call(pools, await make_user(pools))
    assert await apply(pools, call, CallChange(status="ended"), epoch=2) is None
    assert await status_after(pools, call) == "initiating"


async def test_many_calls_change_in_one_statement_each_under_its_own_epoch(pools: Pools) -> None:
    user_id = await make_user(pools)
    made = [await make_call(pools, user_id) for _ in range(3)]
    asked = {
        call.id: (1, CallChange(status="ringing", end_reason=str(n))) for n, call in enumerate(made)
    }
    asked[made[1].id] = (2, CallChange(status="ended"))
    async with pools.as_service() as connection:
        changed = await calls.apply_changes(connection, asked)
    assert {(row.id, row.status, row.end_reason) for row in changed.values()} == {
        (made[0].id, "ringing", "0"), (made[2].id, "ringing", "2"),
    }  # fmt: skip
    assert await status_after(pools, made[1]) == "initiating"


async def test_only_the_holder_of_the_epoch_notes_how_far_dialling_came(pools: Pools) -> None:
    call = await make_call(pools, await make_user(pools))
    async with pools.as_service() as connection:
        assert not await calls.set_dial_state(connection, call.id, "sent", 2)
        assert await calls.set_dial_state(connection, call.id, "sent", 1)
        found = await calls.get_any(connection, call.id)
    assert found is not None
    assert found.dial_state == "sent"


async def test_racing_changes_end_in_the_highest_status(pools: Pools) -> None:
    user_id = await make_user(pools)
    for _ in range(5):
        call = await make_call(pools, user_id)
        await asyncio.gather(
            *(apply(pools, call, CallChange(status=status)) for status in [*IN_ORDER] * 3)
        )
        assert await status_after(pools, call) == "talking"


async def test_anothers_call_does_not_exist(pools: Pools) -> None:
    call = await make_call(pools, await make_user(pools))
    async with pools.as_service() as connection:
        assert await calls.get(connection, call.id, user_id=uuid4()) is None
        assert await calls.get(connection, call.id, user_id=None) == call


async def test_pages_cover_a_users_calls_newest_first_without_gap_or_repeat(pools: Pools) -> None:
    user_id = await make_user(pools)
    async with pools.as_service() as connection:  # one transaction: all created at the same time
        same_time = [await calls.insert_call(connection, new_call(user_id)) for _ in range(5)]
    newer = [await make_call(pools, user_id) for _ in range(2)]
    await make_call(pools, await make_user(pools))
    seen: list[CallRow] = []
    before = None
    async with pools.as_service() as connection:
        while page := await calls.list_page(connection, user_id=user_id, limit=3, before=before):
            seen += page
            before = (page[-1].created_at, page[-1].id)
        everybody = await calls.list_page(connection, user_id=None, limit=100)
    assert {call.id for call in seen} == {call.id for call in same_time + newer}
    assert len(seen) == 7
    assert [call.id for call in seen[:2]] == [newer[1].id, newer[0].id]
    assert len(everybody) == 8


async def test_unfinished_calls_are_those_in_no_terminal_status(pools: Pools) -> None:
    user_id = await make_user(pools)
    talking, ended = await make_call(pools, user_id), await make_call(pools, user_id)
    await status_after(pools, talking, "talking")
    await status_after(pools, ended, "ended")
    async with pools.as_service() as connection:
        assert [call.id for call in await calls.unfinished(connection)] == [talking.id]


async def test_the_waiting_room_holds_a_call_once_and_never_goes_back(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    call = await make_call(pools, await make_user(pools))
    waiting = "select call_id, status from public.amd_waiting_room where call_id = $1"
    moves: list[WaitingStatus] = ["waiting", "processing", "waiting", "completed", "processing"]
    found = []
    async with pools.as_service() as connection:
        for move in moves:
            await calls.set_waiting(connection, [(uuid4(), move), (call.id, move)])
            found += await connection.fetch(waiting, call.id)
        together = await make_call(pools, call.user_id)
        await calls.set_waiting(connection, [(together.id, move) for move in moves])
        assert await connection.fetchval(waiting, together.id, column=1) == "completed"
    assert [row["status"] for row in found] == [
        "waiting", "processing", "processing", "completed", "completed",
    ]  # fmt: skip
    assert await owner.fetchval("select count(*) from amd_waiting_room") == 2


async def test_the_journal_reads_back_in_order_and_a_repeated_batch_changes_nothing(
    pools: Pools,
) -> None:
    user_id = await make_user(pools)
    one, two = await make_call(pools, user_id), await make_call(pools, user_id)
    batch = [
        JournalEntry(
            call.id, user_id, 1, seq, NOON + timedelta(seconds=seq), {"n": seq, "text": "é'\"\\"}
        )
        for seq in (2, 0, 1)
        for call in (one, two)
    ]
    async with pools.as_service() as connection:
        assert await journal.append(connection, batch) == Refused(set(), set())
    async with pools.as_service() as connection:
        more = [*batch[:2], JournalEntry(one.id, user_id, 1, 3, NOON, {"n": 3, "text": ""})]
        again = await journal.append(connection, more)
        assert again == Refused(set(), {(one.id, 2), (two.id, 2)})
        rows = await journal.read(connection, one.id)
        assert [(row.seq, row.event["n"], row.event["text"]) for row in rows] == [
            (0, 0, "é'\"\\"),
            (1, 1, "é'\"\\"),
            (2, 2, "é'\"\\"),
            (3, 3, ""),
        ]
        assert [row.seq for row in await journal.read(connection, two.id, after_seq=1)] == [2]


def entries_of(call: CallRow, *seqs: int) -> list[JournalEntry]:
    """So many, a second and a bit from each other."""
    return [
        JournalEntry(call.id, call.user_id, 1, seq, at_of(seq), {"n": seq, "text": "é'"})
        for seq in seqs
    ]


def at_of(seq: int) -> datetime:
    return NOON + timedelta(seconds=seq, microseconds=seq)


async def append(pools: Pools, *entries: JournalEntry) -> Refused:
    async with pools.as_service() as connection:
        return await journal.append(connection, entries)


async def test_what_a_call_has_written_at_once_is_one_row(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await make_user(pools)
    one, two = await make_call(pools, user_id), await make_call(pools, user_id)
    await append(pools, *entries_of(one, 0, 1, 2), *entries_of(two, 0), *entries_of(one, 5, 4))
    rows = await owner.fetch(
        "select seq, last_seq from app.call_journal where call_id = $1 order by seq", one.id
    )
    assert [tuple(row) for row in rows] == [(0, 2), (4, 5)], "none is missing within a row"
    async with pools.as_service() as connection:
        for after, left in ((-1, [0, 1, 2, 4, 5]), (0, [1, 2, 4, 5]), (3, [4, 5]), (5, [])):
            lines = await journal.read(connection, one.id, after_seq=after)
            assert [(line.seq, line.at, line.event["n"]) for line in lines] == [
                (seq, at_of(seq), seq) for seq in left
            ]


async def test_a_row_that_only_says_to_have_an_entry_does_not_have_it_thrown_away(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    call = await make_call(pools, await make_user(pools))
    await append(pools, *entries_of(call, 0, 1))
    await owner.execute("update app.call_journal set last_seq = 900 where call_id = $1", call.id)
    with pytest.raises(Unsealable):
        await append(pools, *entries_of(call, 2))
    await owner.execute(
        "update app.call_journal set last_seq = 2147483647, entries = $2 where call_id = $1",
        call.id, packing.pack({}),
    )  # fmt: skip
    with pytest.raises(Unsealable):
        async with pools.as_service() as connection:
            await journal.read(connection, call.id)


# What is there, and what comes again with more, after an answer was lost.
REPEATED = [
    ([[0, 1]], [0, 1, 2]),
    ([[0, 1], [2], [3, 4]], [0, 1, 2, 3, 4, 5, 6]),
    ([[0, 1, 2]], [1]),
    ([[1, 2], [5]], [0, 1, 2, 3, 4, 5, 6]),
    ([[0], [1]], [0, 1]),
]


@pytest.mark.parametrize(("groups", "repeated"), REPEATED)
async def test_entries_that_are_there_are_known_however_they_are_grouped(
    pools: Pools, groups: list[list[int]], repeated: list[int]
) -> None:
    call = await make_call(pools, await make_user(pools))
    for group in groups:
        assert await append(pools, *entries_of(call, *group)) == Refused(set(), set())
    there = {seq for group in groups for seq in group}
    known = {(call.id, seq) for seq in there & {*repeated}}
    assert await append(pools, *entries_of(call, *repeated)) == Refused(set(), known)
    async with pools.as_service() as connection:
        lines = await journal.read(connection, call.id)
    assert [(line.seq, line.at, line.event["n"]) for line in lines] == [
        (seq, at_of(seq), seq) for seq in sorted(there | {*repeated})
    ]


async def test_a_row_of_one_entry_from_before_is_read_and_known(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    call = await make_call(pools, await make_user(pools))
    before = "insert into app.call_journal (call_id, seq, at, event) values ($1, $2, $3, $4)"
    for seq in (0, 1):
        await owner.execute(before, call.id, seq, at_of(seq), f'{{"n": {seq}}}')
    assert (await append(pools, *entries_of(call, 1, 2, 3))).known == {(call.id, 1)}
    async with pools.as_service() as connection:
        lines = await journal.read(connection, call.id)
        assert [line.seq for line in await journal.read(connection, call.id, after_seq=0)] == [
            1, 2, 3,
        ]  # fmt: skip
    assert [(line.seq, line.event["n"]) for line in lines] == [(n, n) for n in range(4)]
    assert "text" not in lines[1].event, "what is there is left as it is"


async def test_a_retry_beside_what_is_not_committed_yet_writes_nothing_twice(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    """The answer is lost before the commit, which goes through in the end."""
    call = await make_call(pools, await make_user(pools))
    waits = "select exists (select from pg_locks where not granted)"
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks, pools.as_service() as connection:
        await journal.append(connection, entries_of(call, 0, 1))
        retry = tasks.create_task(_refused(pools, entries_of(call, 0, 1, 2)))
        while not await owner.fetchval(waits):  # noqa: ASYNC110 - polls with a deadline
            await asyncio.sleep(0.01)
    assert retry.result(), "another writes the same entries at this moment"
    known = (await append(pools, *entries_of(call, 0, 1, 2))).known
    assert known == {(call.id, 0), (call.id, 1)}


async def _refused(pools: Pools, entries: list[JournalEntry]) -> bool:
    try:
        await append(pools, *entries)
    except asyncpg.UniqueViolationError:
        return True
    return False


async def test_only_the_fenced_call_of_a_mixed_batch_is_refused(pools: Pools) -> None:
    user_id = await make_user(pools)
    ours, lost = await make_call(pools, user_id), await make_call(pools, user_id, lease_seconds=-1)
    async with pools.as_service() as connection:
        await leases.claim(connection, "b", lost.id, lease_seconds=60)
    entries = [JournalEntry(call.id, user_id, 1, 0, NOON, {}) for call in (ours, lost)]
    async with pools.as_service() as connection:
        assert (await journal.append(connection, entries)).fenced == {(lost.id, 1)}
        assert len(await journal.read(connection, ours.id)) == 1


async def test_deleting_an_old_call_takes_its_journal_and_details_along(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    call = await make_call(pools, await make_user(pools))
    async with pools.as_service() as connection:
        entry = JournalEntry(call.id, call.user_id, 1, 0, NOON, {})
        await journal.append(connection, [entry])
        await calls.set_waiting(connection, [(call.id, "waiting")])
    await owner.execute("delete from public.calls where id = $1", call.id)
    for table in ("app.call_journal", "app.call_details", "amd_waiting_room"):
        assert await owner.fetchval(f"select count(*) from {table}") == 0
