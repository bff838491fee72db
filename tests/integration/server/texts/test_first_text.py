"""The first text to a stranger asks, and says nothing else until they answer."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from db.core.pool import Pools
from server.core.errors import AppError
from server.texts import actions as conversations
from tests.integration.server.texts.text_node import TextNode, new_number, open_text_node


@pytest.fixture
async def asking(pools: Pools, node: TextNode) -> AsyncIterator[TextNode]:
    """A node as it is configured by default."""
    async with open_text_node(pools, node.deps.config.twilio.base_url, SMS__ASK_FIRST="true") as it:
        yield it


async def test_a_stranger_is_asked_before_anything_is_said(asking: TextNode) -> None:
    who, number = await asking.sign_up(), new_number()
    conversation = await asking.start(who, number)
    [first] = await asking.sent_to(number)
    assert first["body"] == asking.deps.config.sms.question.format(topic="baking bread")
    with pytest.raises(AppError) as refused:
        await conversations.say(asking.deps, who, conversation, "Buy!", key=None, cause=None)
    assert refused.value.code == "consent_required"
    await asking.receive(number, "YES")
    await asking.work()
    assert [text["body"] for text in await asking.sent_to(number)][1:] == ["What do you think?"]
    await conversations.say(asking.deps, who, conversation, "Hello!", key=None, cause=None)
    await conversations.end(asking.deps, who, conversation)
    await asking.start(who, number)
    assert "What do you think?" in (await asking.sent_to(number))[-1]["body"], "asked once"


async def test_who_only_says_that_a_number_is_theirs_is_a_stranger_there(asking: TextNode) -> None:
    number = new_number()
    who = replace(await asking.sign_up(), phone=number, phone_is_verified=False)
    await asking.start(who, number)
    [first] = await asking.sent_to(number)
    assert first["body"] == asking.deps.config.sms.question.format(topic="baking bread")


async def test_ones_own_number_is_not_asked(asking: TextNode) -> None:
    number = new_number()
    who = await asking.sign_up(phone=number)
    await asking.start(who, number)
    [first] = await asking.sent_to(number)
    assert first["body"].startswith("What do you think?")
