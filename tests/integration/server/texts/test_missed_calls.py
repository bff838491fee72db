"""Whoever called and was missed is texted: where they agreed, outside quiet hours, and once."""

import datetime as dt
import uuid
from typing import Any

from db import calls
from db.accounts import users
from db.accounts.users import Profile
from db.calls import CallChange, NewCall
from db.consent import contacts, pace
from db.consent.contacts import NewConsent
from media.languages.language import sentence
from server.core.identity.auth import Identity
from server.texts import missed_calls
from tests.integration.server.texts.text_node import NOON, TextNode, new_number

SOON = missed_calls._SOON_SECONDS + 60


async def caller(node: TextNode, *, consents: bool = True) -> tuple[Identity, str]:
    """A user with a number of their own."""
    number = new_number()
    who = await node.sign_up(phone=number)
    async with node.pools.as_service() as connection:
        if consents:
            new = NewConsent(who.user_id, "texts", number, "I agree to get texts.", "own")
            assert await contacts.give_consent(connection, new)
    return who, number


async def miss(node: TextNode, who: Identity, number: str) -> None:
    async with node.deps.transaction() as tx:
        missed_calls.note(tx, who.user_id, number)


async def bodies(node: TextNode, number: str) -> list[str]:
    return [text["body"] for text in await node.sent_to(number)]


async def test_a_missed_caller_is_texted_once(node: TextNode) -> None:
    who, number = await caller(node)
    for _ in range(2):
        await miss(node, who, number)
    assert await node.work(SOON) == []
    assert await bodies(node, number) == [node.deps.config.inbound.missed]
    later = node.at(NOON + dt.timedelta(hours=1))
    await miss(later, who, number)
    assert await later.work(SOON) == []
    assert len(await bodies(node, number)) == 1


async def test_a_missed_caller_is_texted_in_their_language(node: TextNode) -> None:
    who, number = await caller(node)
    async with node.deps.transaction() as tx:
        await users.state(tx.connection, who.user_id, Profile(language="de"))
    await miss(node, who, number)
    assert await node.work(SOON) == []
    assert await bodies(node, number) == [sentence("de", "inbound", "missed")]


async def test_without_consent_or_after_a_stop_nobody_is(node: TextNode) -> None:
    quiet, number = await caller(node, consents=False)
    await miss(node, quiet, number)
    stopped, other = await caller(node)
    await node.receive(other, "STOP")
    await miss(node, stopped, other)
    assert await node.work(SOON) == []
    assert await bodies(node, number) == await bodies(node, other) == []


async def test_who_got_through_meanwhile_is_not(node: TextNode) -> None:
    who, number = await caller(node)
    await miss(node, who, number)
    async with node.pools.as_service() as connection:
        new = NewCall(uuid.uuid4(), who.user_id, number, "bread", "node", 60)
        row = await calls.insert_call(connection, new, inbound_sid="CA" + uuid.uuid4().hex)
        assert (row.direction, row.status, row.dial_state) == ("inbound", "ringing", "known")
        assert await calls.by_sid(connection, str(row.twilio_call_sid)) == row.id
        change = CallChange(status="talking", answered_time=NOON + dt.timedelta(seconds=30))
        await calls.apply_change(connection, row.id, change, 1)
    assert await node.work(SOON) == []
    assert await bodies(node, number) == []


async def test_who_is_on_the_phone_with_us_is_not(node: TextNode) -> None:
    who, number = await caller(node)
    async with node.pools.as_service() as connection:
        new = NewCall(uuid.uuid4(), who.user_id, number, "bread", "node", 60)
        row = await calls.insert_call(connection, new)
        change = CallChange(status="talking", answered_time=NOON - dt.timedelta(minutes=5))
        await calls.apply_change(connection, row.id, change, 1)
    await miss(node, who, number)  # a second call beside this one
    assert await node.work(SOON) == []
    assert await bodies(node, number) == []


async def test_in_quiet_hours_the_text_waits_for_the_morning(node: TextNode) -> None:
    who, number = await caller(node)
    night = node.at(NOON.replace(hour=4))  # eleven in the evening in Washington
    await miss(night, who, number)
    assert await night.work(SOON) == [missed_calls.JOB]
    assert await bodies(node, number) == []
    morning: dict[str, Any] = {"within_seconds": 24 * 3600.0}
    assert await node.work(**morning) == []
    assert await bodies(node, number) == [node.deps.config.inbound.missed]


async def test_a_number_that_is_theirs_no_more_is_not_texted(node: TextNode) -> None:
    who, number = await caller(node)
    await miss(node, who, new_number())
    assert await node.work(SOON) == []
    assert await bodies(node, number) == []
    async with node.pools.as_service() as connection:
        assert await contacts.whose(connection, number) == who.user_id
        assert await contacts.whose(connection, new_number()) is None
        assert await pace.answer_stranger(connection, number)
