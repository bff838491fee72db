"""Rows of the data map from before anything was sealed: sealed in place, found as before."""

from typing import cast
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from db import calls, emails
from db.accounts import users
from db.core import clear, sealing
from db.core.pool import Pools
from db.history import memory
from db.texts import conversations, messages
from server.cli.failures import FailedError
from server.cli.operations import maintenance, unsealing
from server.cluster import clear_rows
from server.core.config import Config, load
from server.core.node import Node
from server.core.settings.privacy import new_master_key
from tests.integration.db.arrange import make_call, make_user
from tests.integration.db.test_sealed_rows import fill, opened
from tests.support.database import MASTER_KEY, Database
from tests.support.wiring import bare_node

NUMBER, MAIL, TOPIC, SAID = "+12025550199", "canary@example.org", "Canary gardens", "canary said"

_OF_BEFORE = f"""
update public.users set email = '{MAIL}';
update public.calls set user_phone_number = '{NUMBER}', topic = '{TOPIC}',
    answered_time = now(), ended_time = now();
update app.call_details set number_hash = null, topic_hash = null;
update public.sms_conversations set phone_number = '{NUMBER}', topic = '{TOPIC}';
update app.conversation_details set phone_number = '{NUMBER}', number_hash = null,
    topic_hash = null;
alter table public.sms_messages disable trigger user;
update public.sms_messages set phone_number = '{NUMBER}', message_text = '{SAID}';
alter table public.sms_messages enable trigger user;
update app.message_details set state = 'accepted';
update public.emails set recipient_email = '{MAIL}', subject = '{SAID}', content = '{SAID}',
    topic = '{TOPIC}';
update app.email_details set recipient_hash = null, topic_hash = null;
"""


async def write_as_before(pools: Pools, owner: asyncpg.Connection) -> tuple[UUID, UUID, UUID]:
    """A call, a conversation with a message, and an e-mail, as a version wrote them that sealed
    nothing: their user, the call and the conversation."""
    user_id = await make_user(pools)
    call = await make_call(pools, user_id)
    thread = conversations.NewConversation(uuid4(), user_id, NUMBER, TOPIC, is_own=False)
    async with pools.as_service() as connection:
        await conversations.insert(connection, thread)
        new = messages.NewMessage(
            id=uuid4(), conversation_id=thread.id, user_id=user_id, phone_number=NUMBER,
            direction="outbound", text=SAID, type="ai", state="queued",
        )  # fmt: skip
        await messages.add(connection, new)
        mail = emails.NewEmail(
            id=uuid4(), user_id=user_id, recipient_email=MAIL, from_email="a@b.c", subject=SAID,
            content=SAID, type="custom", topic=TOPIC, state="accepted",
        )  # fmt: skip
        await emails.insert(connection, mail)
    await owner.execute(_OF_BEFORE)
    return user_id, call.id, thread.id


async def check(pools: Pools, user_id: UUID, call_id: UUID, thread_id: UUID) -> None:
    """All of it is read, and found by number, address and topic."""
    async with pools.as_service() as connection:
        call = await calls.get_any(connection, call_id)
        assert call is not None
        assert (call.user_phone_number, call.topic) == (NUMBER, TOPIC)
        assert await conversations.of_number(connection, NUMBER) == thread_id
        [text] = await messages.newest(connection, thread_id, 9)
        assert text.message_text == SAID
        user = await users.get(connection, user_id)
        assert user is not None
        assert user.email == MAIL
        topic, addresses = TOPIC.upper(), [NUMBER, MAIL]
        [found] = await memory.calls(connection, user_id, topic, None, 9, addresses)
        assert found.id == call_id
        said = await memory.messages_on_topic(connection, user_id, topic, None, 9, addresses)
        assert [one.text for one in said] == [SAID, SAID]


async def test_rows_of_before_are_found_before_and_after_they_are_sealed(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    ids = await write_as_before(pools, owner)
    changed = "select max(updated_at) from public.calls"
    before = await owner.fetchval(changed)
    await check(pools, *ids)
    node = cast("Node", bare_node(pools))
    assert [await clear_rows.seal_table(pools, table) for table in calls.CLEAR] == [1, 1]
    await clear_rows.seal(node)
    async with pools.as_service() as connection:
        for table in clear_rows.TABLES:
            assert await clear.count(connection, table) == 0, table.name
    for name in ("users", "calls", "sms_conversations", "sms_messages", "emails"):
        rows = str(await owner.fetchval(f"select json_agg(t)::text from public.{name} t"))
        assert not [one for one in (NUMBER, MAIL, TOPIC, SAID) if one in rows], name
    assert await owner.fetchval(changed) == before
    await check(pools, *ids)


def config_of(database: Database, keys: str) -> Config:
    """As an operator has it who knows the owner."""
    settings = {
        "DATABASE__URL": database.owner_dsn, "DATABASE__REQUEST_PASSWORD": "request",
        "DATABASE__WORKER_PASSWORD": "worker", "PRIVACY__MASTER_KEY": keys,
        "TWILIO__AUTH_TOKEN": "5a4db0c5a4db0c5a4db0c5a4db0c5a4d",
    }  # fmt: skip
    return load(None, {f"TALKING_{key}": value for key, value in settings.items()})


async def test_an_operator_seals_by_hand_and_changes_the_master_key(
    pools: Pools, owner: asyncpg.Connection, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = await write_as_before(pools, owner)
    config = config_of(database, MASTER_KEY)
    assert await maintenance.keys_status(config) == 0
    assert "public.calls: 1 rows in clear" in capsys.readouterr().out
    assert await maintenance.keys_seal(config) == 0
    assert "public.calls: 1 rows sealed" in capsys.readouterr().out
    assert await maintenance.keys_status(config) == 0
    assert "public.calls: 0 rows in clear" in capsys.readouterr().out
    newer = new_master_key()
    assert await maintenance.keys_rotate(config_of(database, f"{newer},{MASTER_KEY}")) == 0
    capsys.readouterr()
    assert await maintenance.keys_status(config_of(database, newer)) == 0
    assert capsys.readouterr().out.count("master key") == 1
    acts = "select actor_name, action from app.audit_log order by at"
    assert [tuple(row) for row in await owner.fetch(acts)] == [
        ("talking keys seal", "data.sealed"), ("talking keys rotate", "keys.rotated"),
    ]  # fmt: skip
    await check(pools, *ids)


async def test_an_administrator_reads_a_persons_rows_and_is_written_down_first(
    database: Database, owner: asyncpg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(database) as connection:
        (user_id, ids), (administrator, _) = await fill(connection), await fill(connection)
    config = config_of(database, MASTER_KEY)
    assert await unsealing.unseal(config, str(user_id), str(administrator)) == 0
    lines = [msgspec.json.decode(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["table"].removeprefix("public.") for line in lines} == {
        "users", "calls", "sms_conversations", "sms_messages", "emails",
    }  # fmt: skip
    assert {line["id"] for line in lines} == {str(user_id), *map(str, ids.values())}
    assert not any(sealing.is_sealed(value) for line in lines for value in line.values())
    look = await owner.fetchrow("select actor_id, user_id, action from app.audit_log")
    assert tuple(look) == (administrator, user_id, "data.unsealed")
    with pytest.raises(FailedError, match="no user"):
        await unsealing.unseal(config, str(user_id), str(uuid4()))
    assert capsys.readouterr().out == ""
