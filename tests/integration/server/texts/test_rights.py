"""The rights of whom we text: consent, stop and start, quiet hours, and not being flooded."""

import datetime as dt
import uuid

import asyncpg
import pytest

from db.consent import contacts
from db.core.hashed import hashed
from db.texts import conversations as rows
from server.calls import actions as calls
from server.core.errors import AppError
from server.texts import actions as conversations
from server.texts.actions import ConversationRequest
from tests.integration.server.texts.text_node import NOON, TextNode, new_number

MIDNIGHT = NOON + dt.timedelta(hours=12)


async def refused(node: TextNode, who: object, ask: ConversationRequest) -> AppError:
    with pytest.raises(AppError) as raised:
        await conversations.start(node.deps, who, ask)  # type: ignore[arg-type] # an Identity
    return raised.value


async def end_of(node: TextNode, conversation_id: uuid.UUID) -> tuple[str, str | None]:
    async with node.pools.as_service() as connection:
        row = await rows.get(connection, conversation_id)
    assert row is not None
    return row.status, row.end_reason


async def test_nobody_is_texted_without_consent_on_record(
    node: TextNode, owner: asyncpg.Connection
) -> None:
    who, number = await node.sign_up(), new_number()
    assert (await refused(node, who, ConversationRequest("tea", number))).code == "consent_required"
    assert await owner.fetchval("select count(*) from sms_conversations") == 0
    await node.start(who, number)
    await conversations.start(node.deps, who, ConversationRequest("more tea", number))
    async with node.pools.as_service() as connection:
        [given] = await contacts.consents(connection, who.user_id)
    assert given.address == number
    assert (given.wording, given.source) == ("I agree to get texts.", "told by user")
    other = await node.sign_up()
    assert (
        await refused(node, other, ConversationRequest("tea", number))
    ).code == "consent_required"


async def test_asking_for_texts_to_ones_own_number_is_consent(
    node: TextNode, owner: asyncpg.Connection
) -> None:
    number = new_number()
    who = await node.sign_up(phone=number)
    await conversations.start(node.deps, who, ConversationRequest("tea"))
    assert await owner.fetchval("select source from app.consents") == "own"


@pytest.mark.parametrize("said", ["STOP", "stop", "Please stop texting me.", "STOP 🛑"])
async def test_stop_ends_everything_at_once(node: TextNode, said: str) -> None:
    who, number = await node.sign_up(), new_number()
    first = await node.start(who, number, "tea")
    second = await node.start(who, number, "coffee")
    answer = await node.receive(number, said)
    assert answer == ("" if said.lower() == "stop" else node.deps.config.sms.stopped)
    for conversation in (first, second):
        assert await end_of(node, conversation) == ("ended", "opted_out")
    before = len(await node.sent_to(number))
    await node.work()
    assert len(await node.sent_to(number)) == before
    assert (
        await refused(node, who, ConversationRequest("tea", number, "I agree."))
    ).code == "opted_out"
    other = await node.sign_up()
    assert (
        await refused(node, other, ConversationRequest("tea", number, "I agree."))
    ).code == "opted_out"
    with pytest.raises(AppError, match="opted_out"):
        await calls.start(node.deps, who, calls.CallRequest("tea", number))


async def test_what_was_queued_when_stop_came_is_never_sent(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    await node.fault(create_message="429", create_message_times=100)
    await conversations.say(node.deps, who, conversation, "One more.", key=None, cause=None)
    assert await node.work() == ["text_send"]
    await node.receive(number, "STOP")
    await node.fault()
    assert await node.work() == []
    assert [text["body"] for text in await node.sent_to(number)][1:] == []
    found = await conversations.newest_messages(node.deps, conversation)
    assert [(one.state, one.status) for one in found if one.message_text == "One more."] == [
        ("dropped", "failed")
    ]


async def test_a_goodbye_that_was_queued_when_stop_came_is_not_sent_either(
    node: TextNode,
) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    await node.fault(create_message="429", create_message_times=100)
    await node.receive(number, "Goodbye!")
    assert await node.work() == ["text_send"]
    assert await end_of(node, conversation) == ("ended", "goodbye")
    await node.receive(number, "STOP")
    await node.fault()
    assert await node.work() == []
    assert len(await node.sent_to(number)) == 1


async def test_the_carriers_word_that_they_opted_out_is_ours_too(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    url = f"{node.deps.config.twilio.base_url}/world/texts"
    ours = node.deps.config.text_number
    async with node.http.post(url, json={"from": number, "to": ours, "body": "STOP"}) as answer:
        assert answer.status == 201  # their STOP reaches the carrier, its webhook never us
    await conversations.say(node.deps, who, conversation, "Still there?", key=None, cause=None)
    await node.work()
    assert await end_of(node, conversation) == ("ended", "opted_out")
    assert (
        await refused(node, who, ConversationRequest("tea", number, "I agree."))
    ).code == "opted_out"


async def test_start_undoes_stop(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    await node.start(who, number)
    await node.receive(number, "STOP")
    assert await node.receive(number, "START") == ""
    await conversations.start(
        node.deps, who, ConversationRequest("tea", number)
    )  # their START is consent again


async def test_yes_in_a_conversation_is_an_answer(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    await node.receive(number, "Yes")
    await node.work()
    assert len(await node.thread(who, conversation)) == 3


async def test_help_is_answered_by_the_carrier_alone(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    assert await node.receive(number, "HELP") == ""
    await node.work()
    assert len(await node.thread(who, conversation)) == 2
    await node.receive(number, "Thanks. What now?")
    await node.work()
    assert len(await node.thread(who, conversation)) == 4


async def test_the_carriers_own_word_on_a_wish_counts(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    await node.receive(number, "arret", opt_out_type="STOP")
    assert await end_of(node, conversation) == ("ended", "opted_out")


async def test_who_stops_one_of_their_addresses_stops_all_of_them(node: TextNode) -> None:
    number = new_number()
    who = await node.sign_up(phone=number)
    await conversations.start(node.deps, who, ConversationRequest("tea"))
    await node.receive(number, "STOP")
    async with node.pools.as_service() as connection:
        [found] = await contacts.opt_outs(connection, [str(who.email)])
        assert found.because_of == ""  # an address they did not ask about
        [found, _] = await contacts.opt_outs(connection, [str(who.email), number])
        assert found is not None
        assert found.because_of == number
        assert await contacts.opt_in(connection, number) != []
        assert await contacts.opted_out(connection, [str(who.email)]) is None


async def test_at_night_others_are_not_texted_and_oneself_is(node: TextNode) -> None:
    number, night = new_number(), node.at(MIDNIGHT)
    who = await night.sign_up(phone=number)
    error = await refused(night, who, ConversationRequest("tea", new_number(), "I agree."))
    assert error.code == "quiet_hours"
    assert error.extra["opens_at"] == "2026-11-26T14:00:00.000Z"  # nine in Washington
    await conversations.start(night.deps, who, ConversationRequest("tea"))
    await night.work()
    assert len(await night.sent_to(number)) == 1


async def test_a_text_that_was_late_waits_for_the_morning(
    node: TextNode, owner: asyncpg.Connection
) -> None:
    who, number = await node.sign_up(), new_number()
    await conversations.start(node.deps, who, ConversationRequest("tea", number, "I agree."))
    night = node.at(MIDNIGHT)
    await night.work()
    assert await night.sent_to(number) == []
    wait = await owner.fetchval("select execute_after - created from app.pgqueuer")
    assert wait == pytest.approx(dt.timedelta(hours=9), abs=dt.timedelta(seconds=2))
    await node.at(MIDNIGHT + dt.timedelta(hours=9)).work(within_seconds=40_000)
    assert len(await node.sent_to(number)) == 1


async def test_who_texts_at_night_is_answered_at_night(
    node: TextNode, owner: asyncpg.Connection
) -> None:
    who, number = await node.sign_up(), new_number()
    conversation = await node.start(who, number)
    await node.receive(number, "I cannot sleep.")
    at = await owner.fetchval("select max(created_at) from sms_messages")  # the database's own now
    await node.at(at).work()
    assert len(await node.thread(who, conversation)) == 3
    assert len(await node.sent_to(number)) == 2


async def test_a_number_and_its_neighbours_cannot_be_flooded(node: TextNode) -> None:
    who, number = await node.sign_up(), new_number()
    settings = node.deps.config.sms
    for topic in range(settings.per_number_per_hour):
        await conversations.start(
            node.deps, who, ConversationRequest(f"topic {topic}", number, "I agree.")
        )
    assert (
        await refused(node, who, ConversationRequest("more", number))
    ).code == "too_many_messages"
    left = settings.per_block_per_hour - settings.per_number_per_hour
    async with node.pools.as_service() as connection:
        await connection.execute(
            "insert into app.velocity (key) select $1 from generate_series(1, $2)",
            hashed(connection, "pace", number[:-4] + "*"), left,
        )  # fmt: skip
    error = await refused(node, who, ConversationRequest("more", f"{number[:-4]}9999", "I agree."))
    assert error.code == "too_many_messages"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("+4915112345678", "country_not_allowed"),
        ("+19005550100", "invalid_number"),
        ("12", "invalid_number"),
    ],
)
async def test_only_countries_that_are_allowed_are_texted(
    node: TextNode, number: str, code: str
) -> None:
    who = await node.sign_up()
    error = await refused(node, who, ConversationRequest("tea", number, "I agree."))
    assert error.code in {code, "invalid_number"}
