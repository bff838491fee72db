"""Rules the tables keep by themselves, whoever writes."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from db.core.pool import Pools
from tests.integration.db.arrange import make_user


@pytest.fixture
async def message(pools: Pools, owner: asyncpg.Connection) -> UUID:
    """An outgoing message the carrier has not taken yet."""
    user_id, conversation, message = await make_user(pools), uuid4(), uuid4()
    await owner.execute(
        "insert into sms_conversations (id, user_id, phone_number, topic)"
        " values ($1, $2, '+15005550006', 't')",
        conversation,
        user_id,
    )
    await owner.execute(
        "insert into sms_messages (id, conversation_id, user_id, phone_number, direction,"
        " message_text, type) values ($1, $2, $3, '+15005550006', 'outbound', 'hello', 'ai')",
        message,
        conversation,
        user_id,
    )
    return message


async def test_a_message_takes_its_first_sid_and_any_status(
    message: UUID, owner: asyncpg.Connection
) -> None:
    for change in ("status = 'sent', twilio_message_sid = 'SM1'", "status = 'delivered'"):
        await owner.execute(f"update sms_messages set {change}")
    row = await owner.fetchrow("select status, twilio_message_sid from sms_messages")
    assert tuple(row) == ("delivered", "SM1")


@pytest.mark.parametrize(
    "change",
    [
        "message_text = 'other'",
        "direction = 'inbound'",
        "type = 'user'",
        "phone_number = '+15005550001'",
        "created_at = now() - interval '1 day'",
        "twilio_message_sid = 'SM2'",
        "twilio_message_sid = null",
        "status = 'failed', message_text = 'other'",
    ],
)
async def test_a_messages_content_never_changes_not_even_for_the_owner(
    change: str, message: UUID, owner: asyncpg.Connection
) -> None:
    await owner.execute("update sms_messages set twilio_message_sid = 'SM1'")
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute(f"update sms_messages set {change}")


@pytest.mark.parametrize(
    "sql",
    [
        "update subscription_events set event_type = 'x'",
        "update subscription_events set metadata = '{}'",
        "delete from subscription_events",
        "truncate subscription_events",
        "truncate users cascade",
    ],
)
async def test_the_audit_trail_never_changes_not_even_for_the_owner(
    sql: str, pools: Pools, owner: asyncpg.Connection
) -> None:
    await make_user(pools)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute(sql)
    assert await owner.fetchval("select count(*) from subscription_events") == 1


async def test_erasing_a_person_empties_the_row_and_keeps_the_trail(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    await make_user(pools)
    await owner.execute("update users set email = null")
    assert await owner.fetchval("select count(email) from users") == 0
    assert await owner.fetchval("select count(*) from subscription_events") == 1


async def test_updated_at_moves_with_a_change_and_only_then(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    await make_user(pools)
    read = "select updated_at from users"
    before = await owner.fetchval(read)
    await owner.execute("update users set billing_interval = billing_interval")
    unchanged = await owner.fetchval(read)
    await owner.execute("update users set billing_interval = 'yearly', updated_at = '2000-01-01'")
    assert unchanged == before
    assert await owner.fetchval(read) > before


async def test_a_user_has_one_live_subscription_and_any_number_of_ended_ones(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await make_user(pools)
    add = "insert into subscriptions (user_id, tier, status) values ($1, 'pro', $2)"
    await owner.execute(add, user_id, "canceled")
    await owner.execute(add, user_id, "canceled")
    for live in ("active", "past_due", "trialing", "unpaid", "paused", "incomplete"):
        with pytest.raises(asyncpg.UniqueViolationError):
            await owner.execute(add, user_id, live)


async def test_a_user_has_one_pending_plan_change(pools: Pools, owner: asyncpg.Connection) -> None:
    user_id = await make_user(pools)
    add = (
        "insert into plan_changes (user_id, from_plan_id, to_plan_id, change_type)"
        " values ($1, 'free', 'pro', 'upgrade')"
    )
    await owner.execute(add, user_id)
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute(add, user_id)
    await owner.execute("update plan_changes set status = 'cancelled'")
    await owner.execute(add, user_id)


@pytest.mark.parametrize(
    "sql",
    [
        "update users set subscription_status = 'gold'",
        "update users set billing_interval = 'weekly'",
        "update subscriptions set tier = 'gold'",
        "update subscriptions set status = 'gold'",
        "update usage_tracking set calls_used = -1",
        "update usage_tracking set month_year = '2026-13'",
        "update subscription_plans set features = '{}'",
        "update subscription_plans set emails_limit = -2",
    ],
)
async def test_values_outside_the_map_are_refused(
    sql: str, pools: Pools, owner: asyncpg.Connection
) -> None:
    await make_user(pools)
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(sql)
