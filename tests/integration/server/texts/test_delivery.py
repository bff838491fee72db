"""Bringing texts to the carrier: once, whatever is lost on the way, and what it says of them."""

import asyncio
import datetime as dt
import uuid
from typing import Any

import asyncpg
import msgspec
import pytest

from db.texts import conversations as rows
from db.texts import messages as texts_rows
from server.core.errors import NotYetError
from server.core.settings.loading import Secret
from server.texts import actions as conversations
from server.texts import delivery as texts_delivery
from server.texts.actions import ConversationRequest
from server.texts.stopping import drop
from server.vendors.twilio.messages import SentText, TwilioTexts
from tests.integration.server.texts.text_node import NOON, TextNode, new_number
from tests.support.patience import patience

NOWHERE = "http://127.0.0.1:9"


async def newest(node: TextNode, conversation_id: uuid.UUID) -> texts_rows.MessageRow:
    async with node.pools.as_service() as connection:
        return (await texts_rows.newest(connection, conversation_id, 1))[-1]


async def age(owner: asyncpg.Connection, seconds: float) -> None:
    """Let all sendings be so old."""
    await owner.execute(
        "update app.message_details set state_at = $1", NOON - dt.timedelta(seconds=seconds)
    )


async def sent(node: TextNode, conversation_id: uuid.UUID) -> str:
    """The job that sends it: "", or why it is to be tried again."""
    try:
        await texts_delivery.send(node.deps, str(conversation_id))
    except NotYetError as error:
        return error.reason
    return ""


async def begin(node: TextNode, number: str) -> tuple[Any, uuid.UUID]:
    """A conversation whose first text is written and not sent."""
    who = await node.sign_up()
    ask = ConversationRequest("baking bread", number, "I agree.")
    return who, (await conversations.start(node.deps, who, ask)).id


@pytest.mark.parametrize("fault", ["500_after_commit", "timeout_after_commit"])
async def test_a_text_whose_answer_was_lost_is_found_and_not_sent_again(
    node: TextNode, owner: asyncpg.Connection, fault: str
) -> None:
    number = new_number()
    who, conversation = await begin(node, number)
    await node.fault(create_message=fault, create_message_hold_ms=5000)
    async with node.impatient() as impatient:
        assert await impatient.work() == ["text_send"]
    assert (await newest(node, conversation)).state == "unknown"
    async with patience():
        while await node.work():  # the carrier is asked until it answers
            pass
    message = await newest(node, conversation)
    [sent] = await node.sent_to(number)
    assert (message.state, message.status, message.twilio_message_sid) == (
        "accepted", "sent", sent["sid"],
    )  # fmt: skip
    assert (await node.texts_used(who)).used == 1


async def test_a_text_the_carrier_never_took_is_sent_again_once_that_is_sure(
    node: TextNode, owner: asyncpg.Connection
) -> None:
    number = new_number()
    _, conversation = await begin(node, number)
    away = TwilioTexts(msgspec.structs.replace(node.deps.config.twilio, base_url=NOWHERE))
    assert await node.changed(texts=away).work() == ["text_send"]
    await away.close()
    await age(owner, 5)
    assert await node.work() == ["text_send"], "it may still appear at the carrier"
    assert await node.sent_to(number) == []
    await age(owner, 31)
    assert await node.work() == []
    assert len(await node.sent_to(number)) == 1
    assert (await newest(node, conversation)).state == "accepted"


@pytest.mark.parametrize("was_sent", [True, False])
async def test_a_node_that_died_while_sending_leaves_one_text(
    node: TextNode, owner: asyncpg.Connection, was_sent: bool
) -> None:
    number = new_number()
    _, conversation = await begin(node, number)
    await node.fault(create_message="429")
    assert await node.work() == ["text_send"]  # written; the carrier took nothing
    message = await newest(node, conversation)
    await owner.execute("update app.message_details set state = 'sending', state_at = $1", NOON)
    if was_sent:
        await node.deps.texts.send(
            to=number, sender=node.deps.config.text_number, body=message.message_text,
            callback="http://127.0.0.1:9/x",
        )  # fmt: skip
    assert await node.work() == ["text_send"], "another node may be at it"
    await age(owner, 31)
    assert await node.work() == []
    assert len(await node.sent_to(number)) == 1
    assert (await newest(node, conversation)).state == "accepted"


async def test_nodes_that_find_at_once_that_it_was_never_taken_send_it_once(
    node: TextNode, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = new_number()
    _, conversation = await begin(node, number)
    config = node.deps.config.twilio
    away, slow = TwilioTexts(msgspec.structs.replace(config, base_url=NOWHERE)), TwilioTexts(config)
    assert await node.changed(texts=away).work() == ["text_send"]
    await away.close()
    await age(owner, 31)
    looked, sending, over = asyncio.Event(), asyncio.Event(), asyncio.Event()
    look, send = slow.sent, node.deps.texts.send

    async def slow_look(**asked: Any) -> list[SentText]:
        found = await look(**asked)
        looked.set()
        await sending.wait()
        return found

    async def held_send(**asked: str) -> str:
        sending.set()
        await over.wait()
        return await send(**asked)

    monkeypatch.setattr(slow, "sent", slow_look)
    monkeypatch.setattr(node.deps.texts, "send", held_send)
    async with patience(), asyncio.TaskGroup() as tasks:
        late = node.another().changed(texts=slow)
        looking = tasks.create_task(sent(late, conversation))
        await looked.wait()
        tasks.create_task(texts_delivery.send(node.deps, str(conversation)))
        assert await looking == "being sent"
        over.set()
    await slow.close()
    assert len(await node.sent_to(number)) == 1
    assert (await newest(node, conversation)).state == "accepted"


async def test_too_many_requests_are_no_refusal(node: TextNode) -> None:
    number = new_number()
    _, conversation = await begin(node, number)
    await node.fault(create_message="429", create_message_times=2)
    assert [await node.work() for _ in range(3)] == [["text_send"], ["text_send"], []]
    assert len(await node.sent_to(number)) == 1
    assert (await newest(node, conversation)).status == "sent"


async def test_a_token_that_the_carrier_does_not_take_is_no_fault_of_the_text(
    node: TextNode,
) -> None:
    number = new_number()
    _, conversation = await begin(node, number)
    config = msgspec.structs.replace(node.deps.config.twilio, auth_token=Secret("rotated"))
    locked_out = TwilioTexts(config)
    assert await node.changed(texts=locked_out).work() == ["text_send"]
    await locked_out.close()
    assert await node.work() == []
    assert len(await node.sent_to(number)) == 1
    assert (await newest(node, conversation)).status == "sent"


async def test_two_texts_alike_are_two_texts(node: TextNode, owner: asyncpg.Connection) -> None:
    number = new_number()
    who, conversation = await begin(node, number)
    await node.work()
    for _ in range(2):
        await conversations.say(node.deps, who, conversation, "Hello?", key=None, cause=None)
    await node.fault(create_message="500_after_commit")
    assert await node.work() == ["text_send"], "the other job found the first one and went on"
    assert await node.work() == []
    assert [text["body"] for text in await node.sent_to(number)][1:] == ["Hello?", "Hello?"]
    async with node.pools.as_service() as connection:
        found = await texts_rows.newest(connection, conversation, 10)
    assert [one.state for one in found] == ["accepted"] * 3
    assert len({one.twilio_message_sid for one in found}) == 3


async def test_texts_of_a_conversation_go_out_in_order(node: TextNode) -> None:
    number = new_number()
    who, conversation = await begin(node, number)
    await node.work()
    for number_of in range(5):
        await conversations.say(
            node.deps, who, conversation, f"Line {number_of}", key=None, cause=None
        )
    nodes = [node, node.another()]

    async def send(node: TextNode) -> None:
        try:
            await texts_delivery.send(node.deps, str(conversation))
        except NotYetError:
            return

    await asyncio.gather(*(send(node) for node in nodes for _ in range(3)))
    while await node.work():
        pass
    bodies = [text["body"] for text in await node.sent_to(number)][1:]
    assert bodies == [f"Line {number_of}" for number_of in range(5)]


async def test_a_number_the_carrier_refuses_ends_it_and_counts_nothing(
    node: TextNode, owner: asyncpg.Connection
) -> None:
    number = new_number()
    who, conversation = await begin(node, number)
    await owner.execute(
        "update sms_conversations set phone_number = 'nobody' where id = $1", conversation
    )
    await owner.execute("update app.conversation_details set is_own = true")
    await node.work()
    message = await newest(node, conversation)
    assert (message.state, message.status, message.error_code) == ("refused", "failed", 21211)
    async with node.pools.as_service() as connection:
        row = await rows.get(connection, conversation)
    assert row is not None
    assert (row.status, row.end_reason) == ("ended", "undeliverable")
    used = await node.texts_used(who)
    assert (used.used, used.reserved) == (0, 0)
    assert (await node.told(who))[-3:] == ["sms.failed", "usage.updated", "conv.ended"]


async def test_a_status_never_goes_back_and_each_counts_once(node: TextNode) -> None:
    number = new_number()
    who, conversation = await begin(node, number)
    await node.work()
    message = await newest(node, conversation)
    sid = message.twilio_message_sid or ""
    for status in ("sent", "delivered", "sent", "delivered", "sending", "failed", "queued"):
        await texts_delivery.record_status(node.deps, None, sid, status, None)
    assert (await newest(node, conversation)).status == "delivered"
    told = [kind for kind in await node.told(who) if kind.startswith("sms.")]
    assert told == ["sms.queued", "sms.sent", "sms.delivered"]


async def test_a_text_that_is_not_delivered_says_why(node: TextNode) -> None:
    number = new_number()
    _, conversation = await begin(node, number)
    await node.work()
    sid = (await newest(node, conversation)).twilio_message_sid or ""
    await texts_delivery.record_status(node.deps, None, sid, "undelivered", 30003)
    message = await newest(node, conversation)
    assert (message.status, message.error_code) == ("failed", 30003)


async def test_a_callback_quicker_than_the_answer_settles_what_was_sent(
    node: TextNode, owner: asyncpg.Connection
) -> None:
    number = new_number()
    who, conversation = await begin(node, number)
    await node.fault(create_message="500_after_commit")
    await node.work()
    message = await newest(node, conversation)
    [sent] = await node.sent_to(number)
    await texts_delivery.record_status(node.deps, message.id, sent["sid"], "delivered", None)
    message = await newest(node, conversation)
    assert (message.state, message.status) == ("accepted", "delivered")
    assert message.twilio_message_sid == sent["sid"]
    assert await node.work() == []
    assert len(await node.sent_to(number)) == 1
    assert (await node.texts_used(who)).used == 1


async def test_a_callback_quicker_than_a_lost_answer_keeps_the_text_from_going_twice(
    node: TextNode, owner: asyncpg.Connection
) -> None:
    number = new_number()
    who, conversation = await begin(node, number)
    await node.fault(create_message="timeout_after_commit", create_message_hold_ms=5000)
    async with node.impatient() as impatient, asyncio.TaskGroup() as tasks:
        working = tasks.create_task(impatient.work())
        while not (sent := await node.sent_to(number)):
            assert not working.done()
        message = await newest(node, conversation)
        assert message.state == "sending"
        await texts_delivery.record_status(node.deps, message.id, sent[0]["sid"], "delivered", None)
    assert (await newest(node, conversation)).state == "accepted"
    await age(owner, 3600)
    await node.work()
    assert len(await node.sent_to(number)) == 1
    assert (await node.texts_used(who)).used == 1


async def _drop(node: TextNode, conversation_id: uuid.UUID) -> None:
    async with node.deps.transaction() as tx:
        row = await rows.lock(tx.connection, conversation_id)
        assert row is not None
        await drop(tx, row)


async def test_what_fails_locks_usage_before_the_stream(
    node: TextNode, owner: asyncpg.Connection
) -> None:
    number = new_number()
    who, conversation = await begin(node, number)
    await node.fault(create_message="429")
    await node.work()  # written, and not taken
    async with asyncio.TaskGroup() as tasks, owner.transaction():
        await owner.execute(
            "select 1 from usage_tracking where user_id = $1 for update", who.user_id
        )
        dropping = tasks.create_task(_drop(node, conversation))
        # What pg_stat_activity says stays the same to the end of the transaction that asks.
        while not await owner.fetchval("select exists (select from pg_locks where not granted)"):
            assert not dropping.done()
        await owner.execute(
            "select 1 from app.streams where user_id = $1 for update nowait", who.user_id
        )
    assert (await node.told(who))[-2:] == ["sms.failed", "usage.updated"]


async def test_a_status_of_no_text_of_ours_changes_nothing(node: TextNode) -> None:
    await texts_delivery.record_status(node.deps, uuid.uuid4(), "SM" + "0" * 32, "delivered", None)
    await texts_delivery.record_status(node.deps, None, "SM" + "0" * 32, "unheard-of", None)


async def test_what_was_sent_can_not_be_rewritten(
    node: TextNode, owner: asyncpg.Connection
) -> None:
    number = new_number()
    _, conversation = await begin(node, number)
    await node.work()
    message = await newest(node, conversation)
    with pytest.raises(asyncpg.PostgresError, match="only status"):
        await owner.execute(
            "update sms_messages set message_text = 'other' where id = $1", message.id
        )
