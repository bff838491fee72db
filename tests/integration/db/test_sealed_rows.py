"""The map's tables hold nothing readable of anybody, and are searched and read as before."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from db import admin, calls, emails
from db.accounts import users
from db.billing import subscriptions
from db.calls import CallChange, NewCall
from db.core import sealing
from db.core.keyring import Mode
from db.core.pool import Pools, open_pools
from db.core.rows import Connection
from db.core.sealing import Unsealable
from db.emails import NewEmail
from db.history import memory
from db.texts import conversations, messages
from db.texts.conversations import NewConversation
from db.texts.messages import NewMessage
from tests.support.database import MASTERS, Database

NUMBER, ADDRESS, TOPIC = "+12025550177", "Canary@Example.org", "Canary topic"
WORDS = "canary words"
TABLES = ("users", "calls", "emails", "sms_conversations", "sms_messages")


@asynccontextmanager
async def opened(database: Database, seal: Mode = "all") -> AsyncIterator[Connection]:
    """A service's transaction on pools of this mode."""
    pools = await open_pools(database.request_dsn, database.worker_dsn, MASTERS, seal=seal)
    try:
        async with pools.as_service() as connection:
            yield connection
    finally:
        await pools.close()


async def fill(connection: Connection) -> tuple[UUID, dict[str, UUID]]:
    """A user with something of everything, and the ids of it."""
    user_id = uuid4()
    ids = {name: uuid4() for name in ("call", "email", "answer", "conversation", "message")}
    await users.register(connection, user_id, ADDRESS)
    await calls.insert_call(connection, NewCall(ids["call"], user_id, NUMBER, TOPIC, "node", 60.0))
    mail = NewEmail(
        id=ids["email"], user_id=user_id, recipient_email=ADDRESS, from_email="us@example.com",
        subject=TOPIC, content=WORDS, type="custom", topic=TOPIC, state="accepted",
        has_unsubscribe_token=True, has_reply_token=True,
    )  # fmt: skip
    await emails.insert(connection, mail)
    answer = NewEmail(
        id=ids["answer"], user_id=user_id, recipient_email="r@example.com", from_email=ADDRESS,
        subject=TOPIC, content=f"{WORDS} back", type="custom", topic=TOPIC, state="received",
        in_reply_to=ids["email"],
    )  # fmt: skip
    await emails.insert(connection, answer)
    conversation = NewConversation(ids["conversation"], user_id, NUMBER, TOPIC, is_own=False)
    await conversations.insert(connection, conversation)
    new = NewMessage(
        id=ids["message"], conversation_id=ids["conversation"], user_id=user_id,
        phone_number=NUMBER, direction="inbound", text=WORDS, type="user", state="received",
        sid=f"SM{user_id.hex}",
    )  # fmt: skip
    await messages.add(connection, new)
    return user_id, ids


async def dump(owner: asyncpg.Connection) -> str:
    """All that stands in the map's tables and beside them, as SQL tools show it."""
    names = await owner.fetch(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables"
        " where schemaname = 'public' or tablename like '%\\_details'"
    )
    rows = [await owner.fetch(f"select t::text from {name['name']} t") for name in names]
    return "\n".join(row[0] for table in rows for row in table).lower()


async def test_nothing_personal_is_readable_in_the_maps_tables(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with opened(database) as connection:
        await fill(connection)
    said = await dump(owner)
    for canary in (NUMBER, NUMBER[1:], ADDRESS.lower(), "canary"):
        assert canary not in said
    async with opened(database, "app") as connection:
        await fill(connection)
    for canary in (NUMBER, ADDRESS.lower(), TOPIC.lower(), WORDS):
        assert canary in await dump(owner)


@pytest.mark.parametrize("before", ["all", "app"])
async def test_everything_is_read_and_found_as_before_whoever_wrote_it(
    database: Database, before: Mode
) -> None:
    async with opened(database, before) as connection:
        user_id, ids = await fill(connection)
    async with opened(database) as connection:
        user = await users.get(connection, user_id)
        assert user is not None
        assert user.email == ADDRESS
        bill = await subscriptions.read(connection, user_id)
        assert bill is not None
        assert bill.email == ADDRESS
        (call,) = await calls.list_page(connection, user_id=user_id, limit=9)
        assert (call.user_phone_number, call.topic) == (NUMBER, TOPIC)
        moved = await calls.apply_change(connection, call.id, CallChange(status="ringing"), 1)
        assert moved is not None
        assert moved.topic == TOPIC
        written = await emails.get(connection, ids["email"])
        assert written is not None
        mail = await emails.by_reply_token(connection, str(written.reply_token))
        assert mail is not None
        assert (mail.recipient_email, mail.subject, mail.content, mail.topic) == (
            ADDRESS, TOPIC, WORDS, TOPIC,
        )  # fmt: skip
        assert await conversations.of_number(connection, NUMBER) == ids["conversation"]
        assert await conversations.all_of_number(connection, NUMBER) == [ids["conversation"]]
        assert await conversations.of_number(connection, "+12025550178") is None
        assert await messages.ever_answered(connection, user_id, NUMBER)
        assert not await messages.ever_answered(connection, user_id, "+12025550178")
        (text,) = await messages.newest(connection, ids["conversation"], 9)
        assert (text.phone_number, text.message_text) == (NUMBER, WORDS)


async def test_memory_finds_by_topic_in_any_case_and_by_address(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with opened(database) as connection:
        user_id, _ = await fill(connection)
        await connection.execute(
            "update public.calls set answered_time = now(), ended_time = now()"
        )

        async def said(topic: str, address: str) -> tuple[int, list[str]]:
            found = await memory.calls(connection, user_id, topic, None, 9, [address])
            texts = await memory.messages_on_topic(connection, user_id, topic, None, 9, [address])
            return len(found), sorted(one.text for one in texts)

        assert await said("CANARY TOPIC", NUMBER) == (1, [WORDS])
        assert await said("canary topic", ADDRESS.lower()) == (0, [WORDS, f"{WORDS} back"])
        assert await said("another topic", NUMBER) == (0, [])
        assert await said("canary topic", "+12025550178") == (0, [])


async def test_rows_of_before_that_have_no_hashes_are_found(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with opened(database, "none") as connection:
        user_id, ids = await fill(connection)
    await owner.execute(f"""
        update app.call_details set number_hash = null, topic_hash = null;
        update app.email_details set recipient_hash = null, topic_hash = null;
        update app.conversation_details set number_hash = null, topic_hash = null,
            phone_number = '{NUMBER}';
        update public.calls set answered_time = now(), ended_time = now();
    """)
    async with opened(database) as connection:
        assert await conversations.of_number(connection, NUMBER) == ids["conversation"]
        assert await messages.ever_answered(connection, user_id, NUMBER)
        asked = (connection, user_id, TOPIC, None, 9)
        assert len(await memory.calls(*asked, [NUMBER])) == 1
        assert len(await memory.messages_on_topic(*asked, [NUMBER, ADDRESS.lower()])) == 3


async def test_two_numbers_swapped_between_calls_are_refused(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with opened(database) as connection:
        user_id = (await fill(connection))[0]
        for number in ("+12025550101", "+12025550102"):
            new = NewCall(uuid4(), user_id, number, TOPIC, "node", 60.0)
            await calls.insert_call(connection, new)
    await owner.execute("""
        update public.calls c set user_phone_number = o.user_phone_number
        from (select id, user_phone_number, lag(id) over (order by id) as previous
            from public.calls) o where c.id = o.previous
    """)
    async with opened(database) as connection:
        with pytest.raises(Unsealable):
            await calls.list_page(connection, user_id=user_id, limit=9)


async def test_an_administrator_reads_opened_rows_by_row_level_security(
    pools: Pools, database: Database
) -> None:
    async with opened(database) as connection:
        user_id, _ = await fill(connection)
    claims: dict[str, Any] = {
        "sub": str(uuid4()), "role": "authenticated", "app_metadata": {"role": "admin"},
    }  # fmt: skip
    async with pools.as_user(claims) as connection:
        assert [one.email for one in await admin.users(connection, 9, None)] == [ADDRESS]
    async with pools.as_user({**claims, "app_metadata": {}}) as connection:
        assert await admin.users(connection, 9, None) == []
        assert await users.get(connection, user_id) is None


async def test_an_address_that_a_sign_up_wrote_is_sealed_by_the_first_request(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = uuid4()
    await owner.execute("select app.register_user($1, $2)", user_id, ADDRESS)
    before = await owner.fetchrow("select email, updated_at from public.users")
    assert before["email"] == ADDRESS
    async with pools.as_service() as connection:
        assert await users.unsealed(connection, UUID(int=0), 9) == [(user_id, ADDRESS)]
        assert not await users.register(connection, user_id, "changed@example.org")
        assert await users.unsealed(connection, UUID(int=0), 9) == []
        user = await users.get(connection, user_id)
        assert user is not None
        assert user.email == ADDRESS
    after = await owner.fetchrow("select email, updated_at from public.users")
    assert sealing.is_sealed(after["email"])
    assert after["updated_at"] == before["updated_at"]


async def test_a_message_takes_its_sealed_form_once_and_no_other_words(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with opened(database, "none") as connection:
        _, ids = await fill(connection)
    sealed = sealing.PREFIX + "x" * 60
    change = "update public.sms_messages set message_text = $1 where id = $2"
    await owner.execute(change, sealed, ids["message"])
    for other in (WORDS, sealing.PREFIX + "y" * 60):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(change, other, ids["message"])
