"""After a call: what was said in it is remembered, summed up when asked for, and obeyed."""

import uuid

import pytest

from db import agents, emails
from db import calls as rows
from db.agents import AgentValues
from db.calls import CallChange, NewCall
from db.consent.contacts import is_own, note_own
from db.history import journal, memory
from db.history.journal import JournalEntry
from media.agent import Agent
from media.events import Requested, ToolCalled
from media.phases.talking.state import Talking
from media.tools import ToolCall
from media.wishes.reading import wish_so_far
from server import followup
from server.agents.store import talking
from server.calls import actions as calls
from server.calls.actions import CallRequest
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.times import utc
from server.history import replay
from server.history.memory import recall
from server.vendors.sendgrid.client import SendgridMail
from tests.integration.server.texts.text_node import NOON, TextNode, new_number
from tests.support.beside import Beside
from tests.support.script import SID, Script, status


async def phoned(
    node: TextNode, who: Identity, number: str, *said: str, topic: str = "baking bread",
    agent: Agent | None = None, called: ToolCall | None = None,
) -> uuid.UUID:  # fmt: skip
    """A call in the past in which the person said this, and the language model called a tool."""
    script = Script(agent=agent).quiet()
    for words in said:
        script.caller_says(words)
    if called is not None:
        script.hears(ToolCalled(script.is_in(Talking).turn, called))
    script.hears(status("completed", seconds=60))
    events = script.journal
    call_id = uuid.uuid4()
    async with node.pools.as_service() as connection:
        new = NewCall(call_id, who.user_id, number, topic, "node", 60)
        row = await rows.insert_call(connection, new)
        lines = [
            JournalEntry(call_id, who.user_id, row.lease_epoch, seq, utc(at), event)
            for seq, (at, event) in enumerate(events)
        ]
        await journal.append(connection, lines)
        over = CallChange(
            "ended", f"{SID[:-8]}{call_id.hex[:8]}", answered_time=NOON, ended_time=NOON
        )
        await rows.apply_change(connection, call_id, over, row.lease_epoch)
    return call_id


async def test_a_summary_asked_for_on_the_phone_comes_by_text_once(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    call_id = await phoned(
        node, who, number, "My dough never rises.", "Could you text me a summary of this?"
    )
    beside = Beside()
    for _ in range(3):
        await followup.after_call(node.deps, str(call_id))
        await node.work()
    assert wish_so_far in beside.done
    [sent] = await node.sent_to(number)
    assert sent["body"] == f"What do you think? {node.deps.config.sms.introduction}"
    prompt = node.llm.prompts[-1]
    assert (prompt.form, prompt.topic) == ("summary", "baking bread")
    assert "My dough never rises." in [turn.heard for turn in prompt.turns]
    assert (await node.texts_used(who)).used == 1


async def test_a_summary_that_the_model_understood_to_be_asked_for_comes_with_those_words_on_record(
    node: TextNode,
) -> None:
    who, number = await node.sign_up(), new_number()
    async with node.pools.as_service() as connection:
        values = AgentValues("Ann", builtin_tools=("send_summary",))
        row = await agents.insert(connection, uuid.uuid4(), "ann", values)
    assert row is not None
    wish, words = ToolCall("a", "send_summary", '{"by": "text"}'), "Put that in writing, will you?"
    call_id = await phoned(
        node, who, number, words, agent=talking(row, node.deps.config), called=wish
    )
    for _ in range(2):
        await followup.after_call(node.deps, str(call_id))
        await node.work()
    [sent] = await node.sent_to(number)
    assert sent["body"].startswith("What do you think?")
    other = await phoned(node, who, new_number(), words, agent=talking(row, node.deps.config))
    await followup.after_call(node.deps, str(other))
    await node.work()
    assert (await node.texts_used(who)).used == 1, "words alone do not ask"


async def test_a_summary_asked_for_by_mail_comes_by_mail_where_there_is_mail(
    node: TextNode,
) -> None:
    who, number = await node.sign_up(), new_number()
    call_id = await phoned(node, who, number, "Please e-mail me a summary.")
    await followup.after_call(node.deps, str(call_id))
    await node.work()
    assert len(await node.sent_to(number)) == 1, "this text node has no mail, so it is texted"
    mail = SendgridMail(node.deps.config.sendgrid)
    with_mail = node.changed(mail=mail)
    another = await phoned(node, who, new_number(), "Please e-mail me a summary.")
    for _ in range(2):
        await followup.after_call(with_mail.deps, str(another))
    mail.close()
    async with node.pools.as_service() as connection:
        [row] = await emails.of_user(connection, who.user_id, 9)
    assert (row.recipient_email, row.subject) == (who.email, "Summary: baking bread")
    assert "What do you think?" in row.content
    assert row.type == "template"


async def test_an_answer_to_the_summary_goes_on_from_it(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    call_id = await phoned(node, who, number, "Please send me a summary by text.")
    await followup.after_call(node.deps, str(call_id))
    await node.work()
    await node.receive(number, "Thank you. What next?")
    await node.work()
    prompt = node.llm.prompts[-1]
    assert [turn.speaker for turn in prompt.turns] == ["agent", "caller"]
    assert "Please send me a summary by text." in [turn.heard for turn in prompt.earlier]


async def test_an_answer_to_the_summary_comes_from_the_agent_of_the_call(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    async with node.pools.as_service() as connection:
        values = AgentValues("Ann", "Call them Sir.")
        ann = await agents.insert(connection, uuid.uuid4(), "ann", values)
    assert ann is not None
    call_id = await phoned(
        node, who, number, "Text me a summary.", agent=talking(ann, node.deps.config)
    )
    await followup.after_call(node.deps, str(call_id))
    await node.work()
    await node.receive(number, "Thank you. What next?")
    await node.work()
    assert node.llm.prompts[-1].instructions == "Call them Sir."


async def test_a_summary_that_reaches_the_limit_tells_so(node: TextNode) -> None:
    who, number = await node.sign_up("free"), new_number()
    call_id = await phoned(node, who, number, "Text me a summary, please.")
    await followup.after_call(node.deps, str(call_id))
    await node.work()
    assert len(await node.sent_to(number)) == 1
    assert "limit.reached" in await node.told(who)


async def test_a_summary_beyond_the_plan_is_not_sent_and_the_user_is_told(
    node: TextNode,
) -> None:
    who, number = await node.sign_up("free"), new_number()
    await node.start(who, new_number())
    call_id = await phoned(node, who, number, "Text me a summary, please.")
    await followup.after_call(node.deps, str(call_id))
    await node.work()
    assert await node.sent_to(number) == []
    assert (await node.told(who))[-1] == "server.notice"


async def test_nothing_follows_from_a_call_in_which_nothing_was_asked_for(
    node: TextNode,
) -> None:
    who, number = await node.sign_up(), new_number()
    call_id = await phoned(node, who, number, "In summary, I like bread.", "Stop, let me think.")
    await followup.after_call(node.deps, str(call_id))
    await node.work()
    assert await node.sent_to(number) == []
    await followup.after_call(node.deps, str(uuid.uuid4()))


async def test_who_asks_on_the_phone_not_to_be_called_is_contacted_no_more(
    node: TextNode,
) -> None:
    who, number = await node.sign_up(), new_number()
    call_id = await phoned(node, who, number, "Text me a summary.", "And please stop calling me.")
    await followup.after_call(node.deps, str(call_id))
    await node.work()
    assert await node.sent_to(number) == []
    with pytest.raises(AppError, match="opted_out"):
        await calls.start(node.deps, who, CallRequest("tea", number))


async def test_a_call_knows_what_was_texted_and_said_before(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    await phoned(node, who, number, "My dough never rises.")
    await node.start(who, number)
    await node.receive(number, "It rose a little today.")
    await node.work()
    call = await calls.start(node.deps, who, CallRequest("Baking bread", number))
    node.deps.live.drop(call.id, call.lease_epoch)
    async with node.pools.as_service() as connection:
        first = (await replay.read(connection, call, node.deps.config.call_settings)).events[0][1]
        found = await memory.calls(connection, who.user_id, "baking bread", None, 9, [number])
    assert isinstance(first, Requested)
    theirs = [turn.heard for turn in first.earlier if turn.speaker == "caller"]
    assert theirs == ["My dough never rises.", "It rose a little today."]
    assert len(found) == 1, "a call that was not answered is no memory"


async def test_what_somebody_said_is_told_to_nobody_else(node: TextNode) -> None:
    who, first, second = await node.sign_up(), new_number(), new_number()
    await phoned(node, who, first, "My wife left me.")
    await node.start(who, second)
    assert node.llm.prompts[-1].earlier == ()
    await node.receive(second, "Hello?")
    await node.work()
    assert node.llm.prompts[-1].earlier == ()
    async with node.pools.as_service() as connection:
        heard = await recall(
            connection, node.deps.config, who.user_id, "Baking bread", second, but=None
        )
    assert "My wife left me." not in [turn.heard for turn in heard]


async def test_the_users_own_addresses_are_one_counterpart(node: TextNode) -> None:
    mobile, landline = new_number(), new_number()
    who = await node.sign_up(phone=mobile)
    async with node.pools.as_service() as connection:
        await note_own(connection, who.user_id, [landline])
    await phoned(node, who, landline, "My dough never rises.")
    assert who.email is not None
    async with node.pools.as_service() as connection:
        for address in (mobile, landline, who.email.upper()):
            turns = await recall(connection, node.deps.config, who.user_id, "Baking bread", address)
            assert "My dough never rises." in [turn.heard for turn in turns]
        assert (
            await recall(connection, node.deps.config, who.user_id, "Baking bread", new_number())
            == ()
        )


async def test_a_verified_number_is_known_as_ones_own(node: TextNode) -> None:
    number = new_number()
    who = await node.sign_up(phone=number)
    async with node.pools.as_service() as connection:
        assert await is_own(connection, who.user_id, number)
        assert not await is_own(connection, who.user_id, new_number())
