"""Agents behind texts and calls: what each of them knows of its agent after an edit."""

import uuid

import pytest

from db import agents
from db.accounts import users
from db.accounts.users import Profile
from db.agents import AgentRow, AgentValues
from db.texts import conversations
from media.languages.language import sentence
from server.agents.store import talking
from server.calls import actions as calls
from server.calls.actions import CallRequest
from server.core.errors import AppError
from server.history import replay
from server.texts import actions as texts
from server.texts.actions import ConversationRequest
from server.texts.segments import plain
from server.texts.stopping import end_all
from tests.integration.server.texts.text_node import TextNode, new_number

ANN = AgentValues("Ann", "Call them Sir.", language="es")


async def made(node: TextNode, values: AgentValues = ANN) -> AgentRow:
    async with node.pools.as_service() as connection:
        row = await agents.insert(connection, uuid.uuid4(), "ann", values)
    assert row is not None
    return row


def told(node: TextNode) -> str:
    return node.llm.prompts[-1].instructions


async def test_an_agent_writes_as_it_is_by_then_also_once_it_is_deleted(node: TextNode) -> None:
    who, number, ann = await node.sign_up(), new_number(), await made(node)
    await texts.start(node.deps, who, ConversationRequest("tea", number, "I agree.", agent="ann"))
    await node.work()
    assert told(node) == "Call them Sir.\nYour language is Spanish."
    async with node.pools.as_service() as connection:
        await agents.change(connection, ann.id, AgentValues("Ann", "Call them Madam."))
    await node.receive(number, "Hello?")
    await node.work()
    assert told(node) == "Call them Madam."
    async with node.pools.as_service() as connection:
        await agents.delete(connection, ann.id)
    await node.receive(number, "Are you there?")
    await node.work()
    assert told(node) == "Call them Madam."


async def test_ones_own_number_is_written_to_in_ones_own_language_unless_the_agent_has_one(
    node: TextNode,
) -> None:
    number, other = new_number(), new_number()
    who = await node.sign_up(phone=number)
    async with node.deps.transaction() as tx:
        await users.state(tx.connection, who.user_id, Profile(language="fr-CA"))
    for to, language in ((number, "fr"), (other, "en")):
        await texts.start(node.deps, who, ConversationRequest("tea", to, "I agree."))
        await node.work()
        [first] = await node.sent_to(to)
        assert first["body"].endswith(plain(sentence(language, "sms", "introduction")))
        assert node.llm.prompts[-1].language == language
    await made(node)
    ask = ConversationRequest("tea", number, "I agree.", agent="ann")
    await texts.start(node.deps, who, ask)
    await node.work()
    assert node.llm.prompts[-1].language == "es"
    async with node.deps.transaction() as tx:
        await end_all(tx, [number])
    stopped = await node.receive(number, "Retirez-moi de votre liste.")
    assert stopped == sentence("fr", "sms", "stopped"), "in no conversation, but known"


async def test_without_an_agent_nothing_of_one_is_told(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    await made(node)
    ask = ConversationRequest("tea", number, "I agree.", agent="default")
    await texts.start(node.deps, who, ask)
    await node.work()
    assert told(node) == ""


@pytest.mark.parametrize(("named", "code"), [("bob", "unknown_agent"), ("ann", "agent_deleted")])
async def test_an_agent_that_is_not_there_costs_nothing(
    node: TextNode, named: str, code: str
) -> None:
    who, number, ann = await node.sign_up(), new_number(), await made(node)
    async with node.pools.as_service() as connection:
        await agents.delete(connection, ann.id)
    with pytest.raises(AppError) as refused:
        await texts.start(
            node.deps, who, ConversationRequest("tea", number, "I agree.", agent=named)
        )
    assert refused.value.code == code
    used = await node.texts_used(who)
    assert (used.used, used.reserved) == (0, 0)
    async with node.pools.as_service() as connection:
        assert await conversations.of_user(connection, who.user_id, 9) == []


async def test_whoever_takes_a_call_up_has_its_agent_as_it_was_placed(node: TextNode) -> None:
    ann = await made(node, AgentValues("Ann", "Be kind.", "Hello, Ann here.", limit_seconds=90))
    number = new_number()
    who = await node.sign_up(phone=number)
    call = await calls.start(node.deps, who, CallRequest("tea", number, agent="ann"))
    node.deps.live.drop(call.id, call.lease_epoch)
    async with node.pools.as_service() as connection:
        await agents.change(connection, ann.id, AgentValues("Bob", "Be rude.", "Bob."))
        await agents.delete(connection, ann.id)
        past = await replay.read(connection, call, node.deps.config.call_settings)
    assert past.call.facts.agent == talking(ann, node.deps.config)
    talk = past.call.settings.conversation
    assert (talk.greeting, talk.limit_seconds) == (f"{talk.disclosure} Hello, Ann here.", 90.0)
