"""Wishes to stop by text: honoured, asked about where unclear, undone; robots get silence."""

import msgspec
import pytest

from db import audit
from db.audit import Filters
from db.consent import contacts
from server.audit.keys import hashed
from server.texts import actions as conversations
from server.texts.actions import ConversationRequest
from tests.integration.server.texts.text_node import TextNode, new_number

CONFIRM_SECONDS = 120 * 60


async def is_out(node: TextNode, number: str) -> bool:
    async with node.pools.as_service() as connection:
        return await contacts.opted_out(connection, [number]) is not None


@pytest.mark.parametrize("said", ["Stop. Thank you", "dont text me anymore", "ARRÊT"])
async def test_a_wish_is_honoured_however_it_is_said(node: TextNode, said: str) -> None:
    number = new_number()
    assert await node.receive(number, said) == node.deps.config.sms.stopped
    assert await is_out(node, number)


async def test_an_unclear_wish_is_asked_about_once_and_the_answer_believed(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    before = len(await node.thread(who, conversation))
    assert await node.receive(number, "Enough!") == node.deps.config.sms.confirm
    await node.work()
    assert len(await node.thread(who, conversation)) == before + 1  # theirs, and no answer
    assert await node.receive(number, "No, go on") == ""
    await node.work()
    assert len(await node.thread(who, conversation)) == before + 3
    assert not await is_out(node, number)
    await node.work(within_seconds=CONFIRM_SECONDS + 1)
    assert not await is_out(node, number)


@pytest.mark.parametrize("answer", ["yes", "YES", "Stop", "why do you ask"])
async def test_an_answer_that_is_no_no_is_a_yes(node: TextNode, answer: str) -> None:
    number = new_number()
    assert await node.receive(number, "This is harassment.") == node.deps.config.sms.confirm
    await node.receive(number, answer)
    assert await is_out(node, number)


async def test_no_answer_is_a_yes_when_its_time_is_over(node: TextNode) -> None:
    number = new_number()
    await node.receive(number, "don't text me at work")
    await node.work()
    assert not await is_out(node, number)
    await node.work(within_seconds=CONFIRM_SECONDS + 1)
    assert await is_out(node, number)


@pytest.mark.parametrize("sender", ["72975", "AMAZON", "+123"])
async def test_robots_get_silence(node: TextNode, sender: str) -> None:
    for said in ("Your code is 123456.", "STOP", "Enough!"):
        assert await node.receive(sender, said) == ""


async def test_start_undoes_what_somebody_else_asked_for_the_number(node: TextNode) -> None:
    number = new_number()
    who = await node.sign_up(phone=number)
    await conversations.start(node.deps, who, ConversationRequest("tea"))
    async with node.deps.transaction() as tx:
        await contacts.opt_out(tx.connection, str(who.email), "asked")
    assert await is_out(node, number)
    await node.receive(number, "START")
    assert not await is_out(node, number)


async def test_a_wish_and_taking_it_back_are_in_the_audit_log_without_the_number(
    node: TextNode,
) -> None:
    number = new_number()
    who = await node.sign_up(phone=number)
    await conversations.start(node.deps, who, ConversationRequest("tea"))
    for said in ("STOP", "START"):
        await node.receive(number, said)
    async with node.deps.pools.as_service() as connection:
        rows = await audit.page(connection, 100, None, Filters())
    hashed_number = (hashed(node.deps.audit_key, number) or b"").hex()
    noted = sorted(row.action for row in rows if row.subject == f"address:{hashed_number}")
    assert noted == [
        "consent.given", "consent.given", "consent.withdrawn", "opt_out.lifted", "opt_out.made",
    ]  # fmt: skip
    assert number[1:] not in msgspec.json.encode(rows).decode()
