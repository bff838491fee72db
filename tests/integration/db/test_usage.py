"""Metering under contention."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import asyncpg
import pytest

from db.accounts import users
from db.billing import usage
from db.billing.usage import Metric, UsageAnswer, UsageRow
from db.core.pool import Pools
from tests.integration.db.arrange import make_user

MONTH = "2026-11"


async def reserve(
    pools: Pools, user_id: UUID, metric: Metric = "calls", subject: UUID | None = None
) -> UsageAnswer:
    async with pools.as_service() as connection:
        return await usage.reserve(connection, user_id, metric, subject or uuid4(), MONTH)


async def settle(pools: Pools, subject: UUID, *, is_used: bool) -> bool:
    async with pools.as_service() as connection:
        return await usage.settle(connection, "calls", subject, is_used=is_used)


async def read(pools: Pools, user_id: UUID) -> list[UsageRow]:
    async with pools.as_service() as connection:
        return await usage.read(connection, user_id, MONTH)


async def test_fifty_racing_reservations_for_one_free_call_grant_exactly_one(pools: Pools) -> None:
    user_id = await make_user(pools)
    answers = await asyncio.gather(*(reserve(pools, user_id) for _ in range(50)))
    assert sum(answer.accepted for answer in answers) == 1
    assert {(answer.limit, answer.used, answer.reserved) for answer in answers} == {(1, 0, 1)}


async def test_a_reservation_waits_for_the_one_before_it_to_be_decided(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await make_user(pools)
    blocked = "select exists (select from pg_locks where not granted)"
    async with asyncio.TaskGroup() as group, pools.as_service() as connection:
        first = await usage.reserve(connection, user_id, "calls", uuid4(), MONTH)
        second = group.create_task(reserve(pools, user_id))
        while not (second.done() or await owner.fetchval(blocked)):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        assert not second.done()
    assert (first.accepted, second.result().accepted) == (True, False)


async def test_the_same_subject_fifty_times_is_one_reservation_and_always_granted(
    pools: Pools,
) -> None:
    user_id, subject = await make_user(pools), uuid4()
    answers = await asyncio.gather(*(reserve(pools, user_id, subject=subject) for _ in range(50)))
    assert all(answer.accepted for answer in answers)
    assert (await read(pools, user_id))[0].reserved == 1


async def test_settling_twenty_times_at_once_counts_once(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id, subject = await make_user(pools), uuid4()
    await reserve(pools, user_id, subject=subject)
    results = await asyncio.gather(*(settle(pools, subject, is_used=True) for _ in range(20)))
    assert sum(results) == 1
    assert await read(pools, user_id) == [
        UsageRow("calls", used=1, reserved=0, limit=1),
        UsageRow("texts", used=0, reserved=0, limit=1),
        UsageRow("emails", used=0, reserved=0, limit=1),
    ]
    committed = "select count(*) from app.reservations where state = 'committed'"
    assert await owner.fetchval(committed) == 1


async def test_commit_and_release_racing_leave_the_counter_equal_to_the_ledger(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await make_user(pools)
    await owner.execute("update users set subscription_plan_id = 'premium'")
    subjects = [uuid4() for _ in range(20)]
    await asyncio.gather(*(reserve(pools, user_id, subject=subject) for subject in subjects))
    await asyncio.gather(
        *(settle(pools, subject, is_used=used) for subject in subjects for used in (True, False)),
        *(reserve(pools, user_id) for _ in range(20)),
    )
    committed = await owner.fetchval(
        "select count(*) from app.reservations where state = 'committed'"
    )
    calls = (await read(pools, user_id))[0]
    assert calls == UsageRow("calls", used=committed, reserved=20, limit=-1)


async def test_a_released_call_gives_its_place_back_but_its_subject_stays_refused(
    pools: Pools,
) -> None:
    user_id, subject = await make_user(pools), uuid4()
    await reserve(pools, user_id, subject=subject)
    assert not (await reserve(pools, user_id)).accepted
    assert await settle(pools, subject, is_used=False)
    assert not (await reserve(pools, user_id, subject=subject)).accepted
    assert (await reserve(pools, user_id)).accepted


async def test_settling_what_was_never_reserved_changes_nothing(pools: Pools) -> None:
    assert not await settle(pools, uuid4(), is_used=True)


async def test_unlimited_use_is_granted_and_still_counted(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await make_user(pools)
    await owner.execute("update users set subscription_plan_id = 'pro'")
    answers = [await reserve(pools, user_id, "emails") for _ in range(12)]
    assert all(answer.accepted for answer in answers)
    assert answers[-1] == UsageAnswer(
        accepted=True, limit=-1, used=0, reserved=12, plan="pro", is_new=True
    )


async def test_an_upgrade_raises_the_limit_for_the_very_next_reservation(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await make_user(pools)
    assert [(await reserve(pools, user_id)).accepted for _ in range(2)] == [True, False]
    await owner.execute("update users set subscription_plan_id = 'pro'")
    granted = [(await reserve(pools, user_id)).accepted for _ in range(5)]
    assert granted == [True, True, True, True, False]


async def test_another_months_use_does_not_count(pools: Pools) -> None:
    user_id = await make_user(pools)
    await reserve(pools, user_id)
    async with pools.as_service() as connection:
        answer = await usage.reserve(connection, user_id, "calls", uuid4(), "2026-12")
    assert answer == UsageAnswer(
        accepted=True, limit=1, used=0, reserved=1, plan="free", is_new=True
    )


async def test_anothers_subject_is_refused_loudly(pools: Pools) -> None:
    subject = uuid4()
    await reserve(pools, await make_user(pools), subject=subject)
    with pytest.raises(asyncpg.UniqueViolationError):
        await reserve(pools, await make_user(pools), subject=subject)


@pytest.mark.parametrize(
    ("metric", "line"),
    [("calls", "call.completed"), ("texts", "text.started"), ("emails", "email.sent")],
)
async def test_what_counts_is_one_line_of_the_users_trail(
    pools: Pools, owner: asyncpg.Connection, metric: Metric, line: str
) -> None:
    user_id, used, unused = await make_user(pools), uuid4(), uuid4()
    await owner.execute("update users set subscription_plan_id = 'premium'")
    for subject in (used, unused):
        await reserve(pools, user_id, metric, subject)
    async with pools.as_service() as connection:
        for is_used in (True, True, False):
            await usage.settle(connection, metric, used, is_used=is_used)
        await usage.settle(connection, metric, unused, is_used=False)
    rows = await owner.fetch(
        "select user_id, event_type, metadata ->> 'id' from subscription_events"
        " where event_type <> 'registration'"
    )
    assert [tuple(row) for row in rows] == [(user_id, line, str(used))]


async def test_an_unknown_user_cannot_reserve(pools: Pools) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await reserve(pools, uuid4())


async def test_stale_reservations_are_found_and_settled_ones_are_not(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id, old, settled = await make_user(pools), uuid4(), uuid4()
    await owner.execute("update users set subscription_plan_id = 'premium'")
    for subject in (old, settled, uuid4()):
        await reserve(pools, user_id, subject=subject)
    await settle(pools, settled, is_used=True)
    await owner.execute(
        "update app.reservations set reserved_at = now() - interval '2 hours'"
        " where subject_id = any($1)",
        [old, settled],
    )
    async with pools.as_service() as connection:
        stale = await usage.stale(connection, older_than_seconds=3600, limit=10)
    assert [row.subject_id for row in stale] == [old]


def test_the_usage_month_is_utcs() -> None:
    new_year_in_auckland = datetime(2027, 1, 1, 9, tzinfo=timezone(timedelta(hours=13)))
    assert usage.month_year(new_year_in_auckland) == "2026-12"
    assert usage.month_year(datetime(2027, 1, 1, tzinfo=UTC)) == "2027-01"


async def test_fifty_racing_registrations_make_one_of_each_row(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = uuid4()

    async def register() -> bool:
        async with pools.as_service() as connection:
            return await users.register(connection, user_id, "one@example.org")

    assert sum(await asyncio.gather(*(register() for _ in range(50)))) == 1
    tables = ("users", "subscriptions", "usage_tracking", "subscription_events")
    counts = [await owner.fetchval(f"select count(*) from {table}") for table in tables]
    assert counts == [1, 1, 1, 1]


async def test_signing_up_with_supabase_registers_the_user(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = uuid4()
    await owner.execute(
        "insert into auth.users (id, email) values ($1, 'new@example.org')", user_id
    )
    async with pools.as_service() as connection:
        assert not await users.register(connection, user_id, "late@example.org")
        user = await users.get(connection, user_id)
    assert user is not None
    assert (user.email, user.subscription_plan_id, user.subscription_status) == (
        "new@example.org",
        "free",
        "active",
    )
    assert user.billing_cycle_start is not None
    assert user.billing_cycle_end is not None
    month = user.billing_cycle_end - user.billing_cycle_start
    assert user.billing_cycle_start.astimezone(UTC).day == 1
    assert timedelta(days=28) <= month <= timedelta(days=31)
    event = await owner.fetchrow("select event_type, to_plan from subscription_events")
    assert tuple(event) == ("registration", "free")
    used = await owner.fetchrow("select month_year, calls_used from usage_tracking")
    assert tuple(used) == (f"{user.billing_cycle_start:%Y-%m}", 0)


async def test_the_seeded_plans_are_the_three_on_offer(pools: Pools) -> None:
    async with pools.as_service() as connection:
        plans = await users.list_plans(connection)
    limits = {
        plan.id: (plan.phone_calls_limit, plan.text_chains_limit, plan.emails_limit)
        for plan in plans
    }
    assert limits == {"free": (1, 1, 1), "pro": (5, 10, -1), "premium": (-1, -1, -1)}
    prices = [(str(plan.price_monthly), str(plan.price_yearly)) for plan in plans]
    assert prices == [("0", "0"), ("8.99", "79.99"), ("14.99", "119.99")]
    assert all(plan.features for plan in plans)
