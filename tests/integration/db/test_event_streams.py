"""Event streams, and the small tables keyed by someone else's names: inbox, tokens, idempotency."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from db import retention
from db.accounts import tokens
from db.accounts.tokens import AudioRight
from db.cluster import event_streams, idempotency, inbox
from db.cluster.event_streams import EventRow, NewEvent, Position
from db.cluster.idempotency import IdempotencyClaim
from db.core.pool import Pools
from tests.integration.db.arrange import make_call, make_user

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
THREE_DAYS = timedelta(hours=72)


async def append(pools: Pools, user_id: UUID, rev: int = 1) -> EventRow:
    event = NewEvent(user_id, "call.started", NOON, "call:1", rev, {"a": [1, None]}, "c-1")
    async with pools.as_service() as connection:
        return (await event_streams.append(connection, [event]))[0]


async def test_fifty_racing_events_are_numbered_without_gap_or_repeat(pools: Pools) -> None:
    user_id = await make_user(pools)
    rows = await asyncio.gather(*(append(pools, user_id, rev) for rev in range(50)))
    assert sorted(row.seq for row in rows) == list(range(1, 51))


async def test_a_stream_is_read_after_a_cursor_in_order(pools: Pools) -> None:
    user_id, other = await make_user(pools), await make_user(pools)
    rows = [await append(pools, user_id, rev) for rev in range(5)]
    await append(pools, other)
    async with pools.as_service() as connection:
        assert await event_streams.read_after(connection, user_id, 0, 100) == rows
        assert await event_streams.read_after(connection, user_id, 2, 2) == rows[2:4]
        position = await event_streams.position(connection, user_id)
        assert position == Position(position.stream_epoch if position else "", 5)
        assert await event_streams.position(connection, uuid4()) is None
    assert rows[0].data == {"a": [1, None]}


async def test_an_event_of_a_failed_transaction_leaves_no_gap(pools: Pools) -> None:
    user_id = await make_user(pools)
    await append(pools, user_id)
    event = NewEvent(user_id, "call.started", NOON, "call:1", 1, {})
    try:
        async with pools.as_service() as connection:
            assert (await event_streams.append(connection, [event]))[0].seq == 2
            raise LookupError
    except LookupError:
        assert (await append(pools, user_id)).seq == 2


async def number(pools: Pools, limit: int = 100) -> int | None:
    async with pools.as_service() as connection:
        return await event_streams.number(connection, limit)


async def numbered(pools: Pools, after: int = 0) -> list[tuple[int, UUID, int]]:
    async with pools.as_service() as connection:
        rows = await event_streams.read_numbered(connection, after, 1000)
    return [(row.gseq, row.user_id, row.seq) for row in rows]


async def test_everybodys_events_are_numbered_once_and_each_user_in_order(pools: Pools) -> None:
    people = [await make_user(pools) for _ in range(3)]

    async def write(user_id: UUID) -> None:
        for rev in range(30):
            at = NOON - timedelta(seconds=rev % 7)  # a user's times do not always rise
            event = NewEvent(user_id, "t", at, "call:1", rev, {})
            async with pools.as_service() as connection:
                (await event_streams.append(connection, [event]))[0]

    async def relay() -> None:
        while len(await numbered(pools)) < 90:
            await number(pools, 7)

    await asyncio.gather(*(write(user_id) for user_id in people), relay(), relay(), relay())
    seen = await numbered(pools)
    assert [gseq for gseq, _, _ in seen] == list(range(1, 91))
    for person in people:
        assert [seq for _, user_id, seq in seen if user_id == person] == list(range(1, 31))
    assert await number(pools) == 90
    async with pools.as_service() as connection:
        assert (await event_streams.relay_position(connection)).seq == 90


async def test_who_finds_another_at_the_numbering_leaves_it_to_them(pools: Pools) -> None:
    await append(pools, await make_user(pools))
    async with pools.as_service() as connection:
        assert await event_streams.number(connection, 10) == 1
        assert await number(pools) is None


async def test_to_number_where_all_are_numbered_writes_nothing(pools: Pools) -> None:
    user_id = await make_user(pools)
    await append(pools, user_id)
    async with pools.as_service() as connection:
        assert await event_streams.number(connection, 10) == 1
        assert await connection.fetchval("select pg_current_xact_id_if_assigned()") is not None
    async with pools.as_service() as connection:
        assert await event_streams.number(connection, 10) == 1
        assert await connection.fetchval("select pg_current_xact_id_if_assigned()") is None


async def forget(pools: Pools, limit: int) -> int:
    async with pools.as_service() as connection:
        piece = await retention.delete_piece(connection, "events", THREE_DAYS, limit, None)
    return piece.deleted


async def test_old_events_that_have_their_places_are_deleted_in_pieces_and_no_others(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id, other = await make_user(pools), await make_user(pools)
    for rev in range(10):
        await append(pools, user_id, rev)
        await append(pools, other, rev)
    await number(pools)
    placed = await numbered(pools)
    await owner.execute(
        "update app.event_groups set at = now() - make_interval(hours =>"
        " case when gseq <= 16 then 80 else 0 end)"
    )
    late = await append(pools, user_id)  # committed, but without a place yet
    await owner.execute("update app.event_groups set at = '2026-01-01' where gseq is null")
    pieces = [await forget(pools, 6) for _ in range(4)]
    assert pieces == [6, 6, 4, 0]
    async with pools.as_service() as connection:
        kept = [
            (row.user_id, row.seq)
            for who in (user_id, other)
            for row in await event_streams.read_after(connection, who, 0, 100)
        ]
    assert set(kept) == {seen[1:] for seen in placed[16:]} | {(user_id, late.seq)}
    assert await owner.fetchval("select count(*) from app.event_groups") == 5


async def test_what_a_transaction_told_is_deleted_as_a_whole_however_much(pools: Pools) -> None:
    user_id = await make_user(pools)
    old = NOON - timedelta(days=900)
    events = [NewEvent(user_id, "t", old, "call:1", rev, {}) for rev in range(20)]
    async with pools.as_service() as connection:
        await event_streams.append(connection, events)
    assert await forget(pools, 5) == 0
    await number(pools)
    assert (await forget(pools, 5), await forget(pools, 5)) == (1, 0)
    async with pools.as_service() as connection:
        assert await event_streams.oldest(connection, user_id) is None


async def test_events_told_together_have_places_in_a_row_and_may_be_read_from_any(
    pools: Pools,
) -> None:
    people = [await make_user(pools) for _ in range(2)]
    events = [NewEvent(people[rev % 2], "t", NOON, "call:1", rev, {}) for rev in range(10)]
    async with pools.as_service() as connection:
        await event_streams.append(connection, events)
    assert await number(pools) == 10
    seen = await numbered(pools)
    assert [gseq for gseq, _, _ in seen] == list(range(1, 11))
    assert [seq for _, _, seq in seen] == [1, 2, 3, 4, 5] * 2
    for after in range(11):
        assert await numbered(pools, after) == seen[after:]


async def test_with_nothing_to_number_nothing_is_written(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    await append(pools, await make_user(pools))
    assert await number(pools) == 1
    row = "select ctid::text, xmax::text from app.relay"
    before = await owner.fetchrow(row)
    assert await number(pools) == 1
    assert await owner.fetchrow(row) == before


async def test_webhooks_no_provider_brings_again_are_dropped_in_pieces(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    async with pools.as_service() as connection:
        for n in range(5):
            await inbox.record(connection, provider="p", key=str(n), kind="k", payload={})
    await owner.execute(
        "update app.inbox set received_at = now() - interval '31 d' where key > '1'"
    )

    async def drop() -> int:
        async with pools.as_service() as connection:
            days = timedelta(days=30)
            return (await retention.delete_piece(connection, "inbox", days, 2, None)).deleted

    assert [await drop() for _ in range(3)] == [2, 1, 0]
    assert {row["key"] for row in await owner.fetch("select key from app.inbox")} == {"0", "1"}


async def test_a_webhook_sent_ten_times_at_once_is_new_once(pools: Pools) -> None:
    async def record(provider: str) -> bool:
        async with pools.as_service() as connection:
            return await inbox.record(
                connection, provider=provider, key="evt_1", kind="invoice.paid", payload={"n": 1}
            )

    assert sum(await asyncio.gather(*(record("stripe") for _ in range(10)))) == 1
    assert await record("twilio")


async def test_a_media_token_is_used_once(pools: Pools, owner: asyncpg.Connection) -> None:
    call = await make_call(pools, await make_user(pools))

    async def burn(token: str) -> bool:
        async with pools.as_service() as connection:
            return await tokens.burn_media_token(connection, token, call.id, call.created_at)

    assert sum(await asyncio.gather(*(burn("token") for _ in range(10)))) == 1
    assert await burn("another")
    stored = await owner.fetch("select token_hash from app.media_tokens")
    assert all(b"token" not in row["token_hash"] for row in stored)


async def test_a_ticket_stands_for_its_claims_once(pools: Pools) -> None:
    user_id = uuid4()
    claims = {"sub": str(user_id), "app_metadata": {"role": "admin"}}
    async with pools.as_service() as connection:
        ticket = await tokens.mint_ticket(connection, user_id, claims, lifetime_seconds=30)
        assert await tokens.burn_ticket(connection, ticket) == claims
        assert await tokens.burn_ticket(connection, ticket) is None


async def test_an_audio_ticket_stands_for_its_right_once_and_not_for_long(pools: Pools) -> None:
    user_id = await make_user(pools)
    call = await make_call(pools, user_id)
    async with pools.as_service() as connection:
        for takeover in (None, 3):
            right = AudioRight(call.id, user_id, takeover)
            ticket = await tokens.mint_audio_ticket(connection, right, lifetime_seconds=30)
            assert await tokens.burn_ticket(connection, ticket) is None
            assert await tokens.burn_audio_ticket(connection, ticket) == right
            assert await tokens.burn_audio_ticket(connection, ticket) is None
            stale = await tokens.mint_audio_ticket(connection, right, lifetime_seconds=-1)
            assert await tokens.burn_audio_ticket(connection, stale) is None


async def test_only_long_expired_tokens_are_purged(pools: Pools, owner: asyncpg.Connection) -> None:
    async with pools.as_service() as connection:
        for lifetime_seconds in (30, -1, -90_000):
            await tokens.mint_ticket(connection, uuid4(), {}, lifetime_seconds=lifetime_seconds)
        await retention.delete_piece(connection, "tickets", timedelta(days=1), 100, None)
    assert await owner.fetchval("select count(*) from app.tickets") == 2


async def claim(
    pools: Pools, user_id: UUID, fingerprint: str = "f", *, may_repeat: bool = False
) -> IdempotencyClaim:
    async with pools.as_service() as connection:
        return await idempotency.claim(
            connection, user_id, "key", fingerprint, 60, may_repeat=may_repeat
        )


async def test_a_key_claimed_twenty_times_at_once_is_new_once(pools: Pools) -> None:
    user_id = uuid4()
    claims = await asyncio.gather(*(claim(pools, user_id) for _ in range(20)))
    assert sum(claimed.is_new for claimed in claims) == 1


async def test_a_repeated_request_gets_the_first_answer_and_whether_it_is_the_same(
    pools: Pools,
) -> None:
    user_id = uuid4()
    holder = (await claim(pools, user_id)).holder
    async with pools.as_service() as connection:
        await idempotency.finish(connection, user_id, "key", uuid4(), status=500, body=b"not ours")
        await idempotency.finish(connection, user_id, "key", holder, status=201, body=b"{}")
        await idempotency.finish(connection, user_id, "key", holder, status=500, body=b"late")
    other = await claim(pools, user_id, "other")
    assert other == IdempotencyClaim(
        other.holder, is_new=False, is_left=False, is_same=False, status=201, body=b"{}"
    )


async def test_an_abandoned_key_may_be_tried_again_but_an_answered_one_is_kept(
    pools: Pools,
) -> None:
    user_id = uuid4()
    holder = (await claim(pools, user_id)).holder
    async with pools.as_service() as connection:
        await idempotency.abandon(connection, user_id, "key", uuid4())
    assert not (await claim(pools, user_id)).is_new
    async with pools.as_service() as connection:
        await idempotency.abandon(connection, user_id, "key", holder)
    again = await claim(pools, user_id)
    assert again.is_new
    async with pools.as_service() as connection:
        await idempotency.finish(connection, user_id, "key", again.holder, status=200, body=b"")
        await idempotency.abandon(connection, user_id, "key", again.holder)
    assert not (await claim(pools, user_id)).is_new


async def test_a_day_old_answer_and_a_dead_requests_claim_are_taken_over(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    age = (
        "update app.idempotency set created_at = now() - $1::text::interval,"
        " held_until = case when $1 = '2 minutes' then now() - interval '1 minute' end"
    )
    user_id = uuid4()
    await claim(pools, user_id)
    await owner.execute(age, "2 minutes")
    left = await claim(pools, user_id)
    assert (left.is_new, left.is_left) == (False, True)
    taken = await claim(pools, user_id, may_repeat=True)
    assert taken.is_new
    async with pools.as_service() as connection:
        await idempotency.finish(connection, user_id, "key", taken.holder, status=200, body=b"")
    await owner.execute(age, "2 minutes")
    assert not (await claim(pools, user_id)).is_new
    await owner.execute(age, "25 hours")
    assert (await claim(pools, user_id, "new")).is_new
    assert (await claim(pools, user_id, "new")).is_same
    await owner.execute(age, "25 hours")
    async with pools.as_service() as connection:
        await retention.delete_piece(connection, "idempotency", timedelta(days=1), 100, None)
    assert await owner.fetchval("select count(*) from app.idempotency") == 0
