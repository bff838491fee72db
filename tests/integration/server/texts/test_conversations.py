"""A conversation by text: opening, answers, counters, limits, and its end."""

import asyncio
import datetime as dt
import uuid

import asyncpg
import pytest

from db.texts import conversations as rows
from db.texts import messages as texts_rows
from media.engines.scripted import Behaviour
from server.core.errors import AppError
from server.deps import Deps
from server.texts import actions as conversations
from server.texts import replies as texts
from server.texts.actions import ConversationRequest
from tests.integration.server.texts.text_node import NOON, TextNode, new_number


async def state(node: TextNode, conversation_id: uuid.UUID) -> rows.ConversationRow:
    async with node.pools.as_service() as connection:
        row = await rows.get(connection, conversation_id)
    assert row is not None
    return row


async def test_a_conversation_opens_with_who_we_are_and_how_to_stop(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    [(direction, text)] = await node.thread(who, conversation)
    assert direction == "outbound"
    assert text == f"What do you think? {node.deps.config.sms.introduction}"
    [sent] = await node.sent_to(number)
    assert sent["body"] == text
    assert await node.told(who) == [
        "conv.started", "usage.updated", "sms.queued", "usage.updated", "sms.sent",
    ]  # fmt: skip
    used = await node.texts_used(who)
    assert (used.used, used.reserved) == (1, 0)


async def test_each_text_is_answered_and_counted(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    for said in ("One.", "Two."):
        assert await node.receive(number, said) == ""
        await node.work()
    row = await state(node, conversation)
    assert (row.message_count, row.current_exchange, row.status) == (5, 2, "active")
    assert [one[0] for one in await node.thread(who, conversation)] == [
        "outbound", "inbound", "outbound", "inbound", "outbound",
    ]  # fmt: skip
    prompt = node.llm.prompts[-1]
    assert prompt.form == "text"
    assert [turn.speaker for turn in prompt.turns] == ["agent", "caller", "agent", "caller"]


async def test_a_burst_gets_one_answer(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    for said in ("One.", "And two.", "And three."):
        await node.receive(number, said)
    await node.work()
    row = await state(node, conversation)
    assert (row.message_count, row.current_exchange) == (5, 1)
    assert len(node.llm.prompts) == 2, "older texts of a burst ask no mind"


async def test_an_answer_in_the_making_is_dropped_when_a_newer_text_comes(
    node: TextNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    await node.receive(number, "First thought.")
    words = texts._words

    async def overtaken(deps: Deps, task: texts.Task) -> str:
        monkeypatch.undo()
        said = await words(deps, task)
        await node.receive(number, "No, another one.")
        return said

    monkeypatch.setattr(texts, "_words", overtaken)
    await node.work()
    assert [text for way, text in await node.thread(who, conversation) if way == "inbound"] == [
        "First thought.", "No, another one.",
    ]  # fmt: skip
    assert (await state(node, conversation)).message_count == 4, "one answer for both"
    assert node.llm.prompts[-1].turns[-1].text == "No, another one.", "the answer knows both"


async def test_two_nodes_never_answer_the_same_text_twice(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    other = node.another()
    await node.receive(number, "Hello?")
    async with node.pools.as_service() as connection:
        [waiting] = await texts_rows.unanswered(connection, conversation)
    await asyncio.gather(
        *(texts.reply(one.deps, str(waiting.id)) for one in (node, other) for _ in range(3))
    )
    await node.work()
    assert (await state(node, conversation)).message_count == 3
    assert len(await node.sent_to(number)) == 2


async def test_the_last_answers_steer_towards_the_end_and_the_last_says_goodbye(
    node: TextNode,
) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    hints = []
    for said in ("One.", "Two.", "Three.", "Four."):
        await node.receive(number, said)
        await node.work()
        hints.append(node.llm.prompts[-1].hint)
    assert hints == ["none", "wrap_up", "wrap_up", "urgent"]
    row = await state(node, conversation)
    assert (row.status, row.end_reason, row.current_exchange) == ("ended", "exchanges", 4)
    assert (await node.thread(who, conversation))[-1][1] == node.deps.config.sms.goodbye
    assert (await node.sent_to(number))[-1]["body"] == node.deps.config.sms.goodbye


async def test_their_goodbye_is_answered_and_ends_it(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    await node.receive(number, "Thanks, goodbye!")
    await node.work()
    row = await state(node, conversation)
    assert (row.status, row.end_reason, row.message_count) == ("ended", "goodbye", 3)
    assert len(await node.sent_to(number)) == 2


async def test_a_mind_that_keeps_failing_is_apologised_for_once(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    await node.receive(number, "Hello?")
    node.llm.behaviour = Behaviour(fails=True)
    assert [await node.work() for _ in range(3)] == [["text_reply"], ["text_reply"], []]
    assert (await node.thread(who, conversation))[-1][1] == node.deps.config.sms.sorry
    assert (await state(node, conversation)).message_count == 3


async def test_a_picture_without_words_gets_a_polite_answer(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    asked = len(node.llm.prompts)
    await node.receive(number, "", media=1)
    await node.work()
    assert (await node.thread(who, conversation))[-1][1] == node.deps.config.sms.no_media
    assert len(node.llm.prompts) == asked


async def test_while_it_is_paused_texts_are_kept_and_answered_on_resume(
    node: TextNode,
) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    await conversations.pause(node.deps, who, conversation)
    await node.receive(number, "Are you there?")
    await node.work()
    assert (await state(node, conversation)).message_count == 2
    await conversations.resume(node.deps, who, conversation)
    await node.work()
    assert (await state(node, conversation)).message_count == 3
    assert [kind for kind in await node.told(who) if kind.startswith("conv.")] == [
        "conv.started", "conv.paused", "conv.resumed",
    ]  # fmt: skip


async def test_what_a_person_writes_in_the_agents_place_counts_as_the_answer(
    node: TextNode,
) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    await node.receive(number, "May I talk to a person?")
    said = await conversations.say(
        node.deps, who, conversation, "Here I am.", key="once", cause=None
    )
    again = await conversations.say(
        node.deps, who, conversation, "Here I am.", key="once", cause=None
    )
    assert said.id == again.id
    await node.work()
    assert [text for _, text in await node.thread(who, conversation)][1:] == [
        "May I talk to a person?", "Here I am.",
    ]  # fmt: skip
    assert said.type == "user"


async def test_a_conversation_that_was_ended_takes_nothing_more(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    await conversations.end(node.deps, who, conversation)
    assert (await conversations.end(node.deps, who, conversation)).end_reason == "user"
    with pytest.raises(AppError, match="wrong_state"):
        await conversations.say(node.deps, who, conversation, "Hello?", key=None, cause=None)
    assert await node.receive(number, "Hello?") == node.deps.config.sms.stranger
    assert await node.receive(number, "Hello??") == "", "a stranger is answered once a day"


async def test_silence_ends_a_conversation(node: TextNode, owner: asyncpg.Connection) -> None:
    who, number = await node.sign_up(), new_number()
    quiet, lively = await node.start(who, number), await node.start(who, new_number())
    await owner.execute(
        "update app.conversation_details set last_at = $2 where conversation_id = $1",
        quiet, NOON - dt.timedelta(hours=25),
    )  # fmt: skip
    await texts.end_idle(node.at(dt.datetime.now(dt.UTC)).deps)  # noqa: TID251
    assert ((await state(node, quiet)).status, (await state(node, quiet)).end_reason) == (
        "ended", "idle",
    )  # fmt: skip
    assert (await state(node, lively)).status == "active"


async def test_a_text_belongs_to_the_open_conversation_we_wrote_in_last(
    node: TextNode,
) -> None:
    ann, ben, number = await node.sign_up(), await node.sign_up(), new_number()
    first = await node.start(ann, number, "tea")
    second = await node.start(ben, number, "coffee")
    await node.receive(number, "Coffee it is.")
    await node.work()
    assert (await state(node, second)).message_count == 3
    await conversations.say(node.deps, ann, first, "And tea?", key=None, cause=None)
    await node.work()
    await node.receive(number, "Tea, too.")
    await node.work()
    assert [text for way, text in await node.thread(ann, first) if way == "inbound"] == [
        "Tea, too."
    ]
    await conversations.end(node.deps, ann, first)
    await node.receive(number, "Now what?")
    await node.work()
    assert [text for way, text in await node.thread(ben, second) if way == "inbound"] == [
        "Coffee it is.", "Now what?",
    ]  # fmt: skip


async def test_an_idempotency_key_starts_one_conversation(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    ask = ConversationRequest("tea", number, "I agree.", key="k")
    first = await conversations.start(node.deps, who, ask)
    second = await conversations.start(node.deps, who, ask)
    assert first.id == second.id
    await node.work()
    assert len(await node.sent_to(number)) == 1


async def test_fifty_racing_requests_for_the_last_one_start_one(node: TextNode) -> None:
    who = await node.sign_up("free")

    async def ask() -> str:
        try:
            await conversations.start(
                node.deps, who, ConversationRequest("tea", new_number(), "I agree.")
            )
        except AppError as error:
            return error.code
        except TimeoutError:  # no connection came free in a second: one comes again
            return await ask()
        return "started"

    answers = await asyncio.gather(*(ask() for _ in range(50)))
    assert sorted(set(answers)) == ["plan_limit", "started"]
    assert answers.count("started") == 1


async def test_what_was_said_before_on_the_topic_is_known(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    first = await node.start(who, number, "Baking  Bread")
    await node.receive(number, "My dough never rises.")
    await node.work()
    await conversations.end(node.deps, who, first)
    await node.start(who, number, "baking bread")
    earlier = node.llm.prompts[-1].earlier
    assert ("caller", "My dough never rises.") in [(one.speaker, one.heard) for one in earlier]
    await node.start(who, number, "tea")
    assert node.llm.prompts[-1].earlier == (), "another topic is another matter"
    stranger = await node.sign_up()
    await node.start(stranger, new_number(), "baking bread")
    assert node.llm.prompts[-1].earlier == (), "and so is another user"
