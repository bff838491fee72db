"""Whom users reach and how often: no plan is overstepped, and no number of requests at once."""

import asyncio
import contextlib
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest

from db.accounts import users
from db.consent import contacts, pace
from server.calls import actions as calls
from server.calls.actions import CallRequest
from server.consent import reach
from server.consent.actions import give_consent, withdraw_consent
from server.consent.wordings import shown
from server.core.errors import AppError
from server.core.events import of_call
from server.core.identity.auth import Identity
from server.deps import Deps
from server.usage import actions as usage
from tests.integration.server.cluster.nodes import open_nodes, sign_up
from tests.support.database import Database

STRANGER, OTHER = "+12025550123", "+13125550124"
LIMITS = {
    "CONTACTS__FREE_PLAN": "own", "CONTACTS__PAID_PLANS": "consent",
    "CALLS__AT_ONCE_PER_USER": "3", "CALLS__PER_NUMBER_PER_HOUR": "3",
    "CALLS__PER_USER_PER_HOUR": "5", "SMS__PER_NUMBER_PER_HOUR": "3",
    "EMAIL__PER_USER_PER_HOUR": "5", "DATABASE__MAX_CONNECTIONS": "26",
    "CLUSTER__LEASE_SECONDS": "20",  # idle for some of them is cut; fifty keep a loop busy
}  # fmt: skip


@pytest.fixture
async def node(database: Database) -> AsyncIterator[Deps]:
    """A node whose carrier never answers."""
    async with open_nodes(database, "", ("a",), **LIMITS) as (opened,):
        yield opened


@pytest.fixture
async def nodes(database: Database) -> AsyncIterator[tuple[Deps, ...]]:
    """Two of them at one database."""
    async with open_nodes(database, "", ("a", "b"), **LIMITS) as opened:
        yield opened


async def premium(node: Deps, owner: asyncpg.Connection) -> Identity:
    who = await sign_up(node)
    await users.give_plan(owner, who.user_id, "premium")
    return who


async def outcome(node: Deps, who: Identity, number: str, words: str | None = "Yes, do") -> str:
    """ "placed", or why not."""
    try:
        await calls.start(node, who, CallRequest("moss", number, consent=words))
    except AppError as refused:
        return refused.code
    return "placed"


async def test_the_free_plan_reaches_ones_own_numbers_only(node: Deps) -> None:
    who = await sign_up(node)
    assert await outcome(node, who, STRANGER) == "own_only"
    async with node.pools.as_service() as connection:
        await contacts.note_own(connection, who.user_id, [STRANGER])
    assert await outcome(node, who, STRANGER, None) == "placed"


async def test_other_plans_reach_who_agreed_to_be_called(
    node: Deps, owner: asyncpg.Connection
) -> None:
    who = await premium(node, owner)
    assert await outcome(node, who, STRANGER, None) == "consent_required"
    await give_consent(node, who, STRANGER, "You may text me", "texts")
    assert await outcome(node, who, STRANGER, None) == "consent_required"
    await give_consent(node, who, STRANGER, "You may call me", "calls")
    assert await outcome(node, who, STRANGER, None) == "placed"


async def test_fifty_requests_at_once_place_no_more_than_a_user_may_have(
    nodes: tuple[Deps, ...], owner: asyncpg.Connection
) -> None:
    who = await premium(nodes[0], owner)
    numbers = [f"+1202{exchange}0123" for exchange in range(320, 370)]
    answers = Counter(
        await asyncio.gather(
            *(outcome(nodes[at % 2], who, number) for at, number in enumerate(numbers))
        )
    )
    assert answers["placed"] == 3
    assert set(answers) <= {"placed", "too_many_at_once", "too_many_calls"}


async def test_fifty_users_at_once_ring_no_number_more_often_than_it_may_be_rung(
    nodes: tuple[Deps, ...], owner: asyncpg.Connection
) -> None:
    people = [await premium(nodes[0], owner) for _ in range(50)]
    answers = Counter(
        await asyncio.gather(
            *(outcome(nodes[at % 2], who, STRANGER) for at, who in enumerate(people))
        )
    )
    assert answers == {"placed": 3, "too_many_calls": 47}
    assert await outcome(nodes[0], people[0], OTHER) == "placed"


@pytest.mark.parametrize("channel", ["texts", "emails", "transfers"])
async def test_fifty_at_once_of_anything_pass_no_limit(
    nodes: tuple[Deps, ...], channel: str
) -> None:
    who = await sign_up(nodes[0])
    count = {
        "texts": reach.count_text, "emails": reach.count_email, "transfers": reach.count_call,
    }[channel]  # fmt: skip

    waits: list[int] = []

    async def one(at: int) -> str:
        node = nodes[at % 2]
        address = f"{at}@example.com" if channel == "emails" else STRANGER
        try:
            async with node.transaction() as tx:
                await count(tx.connection, node.config, who.user_id, address)
        except AppError as refused:
            waits.append(refused.extra["retry_after"])
            return refused.code
        except TimeoutError:  # no connection came free in a second: one comes again
            return await one(at)
        return "taken"

    answers = Counter(await asyncio.gather(*(one(at) for at in range(50))))
    assert answers["taken"] == (5 if channel == "emails" else 3), answers
    assert all(0 < wait <= reach.HOUR for wait in waits)


async def test_what_is_refused_for_another_reason_is_not_counted(node: Deps) -> None:
    who = await sign_up(node)
    for _ in range(5):
        with contextlib.suppress(ZeroDivisionError):
            async with node.transaction() as tx:
                await reach.count_call(tx.connection, node.config, who.user_id, STRANGER)
                raise ZeroDivisionError
    async with node.transaction() as tx:
        await reach.count_call(tx.connection, node.config, who.user_id, STRANGER)


async def test_what_a_refused_transfer_was_counted_as_is_given_back_and_nothing_else(
    node: Deps, owner: asyncpg.Connection
) -> None:
    who = await premium(node, owner)
    transfers = [uuid.uuid4() for _ in range(2)]

    async def count(use: uuid.UUID | None) -> None:
        async with node.transaction() as tx:
            if use is not None:
                await usage.reserve(tx, "calls", use, of_call(who.user_id, use), 80)
            await reach.count_call(tx.connection, node.config, who.user_id, STRANGER, use)

    async def settle(use: uuid.UUID, *, is_used: bool) -> None:
        async with node.transaction() as tx:
            about = of_call(who.user_id, use)
            await usage.settle(tx, "calls", use, about, is_used=is_used)

    await count(None)
    for use in transfers:
        await count(use)
    with pytest.raises(AppError):
        await count(uuid.uuid4())
    await settle(transfers[0], is_used=False)
    await settle(transfers[0], is_used=False)
    await settle(transfers[1], is_used=True)
    await settle(transfers[1], is_used=False)
    asked = await asyncio.gather(*(count(uuid.uuid4()) for _ in range(9)), return_exceptions=True)
    assert sum(answer is None for answer in asked) == 1, "what is given back makes room for one"


async def test_complaints_end_mails_to_strangers(node: Deps, owner: asyncpg.Connection) -> None:
    who = await premium(node, owner)
    address = "stranger@example.com"
    async with node.transaction() as tx:
        for _ in range(node.config.email.complaints_allowed):
            assert not await reach.may_reach(tx, node.config, who.user_id, "emails", address)
            email_id = uuid.uuid4()
            await pace.complain(tx.connection, who.user_id, email_id)
            await pace.complain(tx.connection, who.user_id, email_id)  # counts once
        with pytest.raises(AppError) as refused:
            await reach.may_reach(tx, node.config, who.user_id, "emails", address)
        assert refused.value.code == "suspended"
        assert who.email is not None
        assert await reach.may_reach(tx, node.config, who.user_id, "emails", who.email)


async def test_no_call_is_placed_without_a_consent_on_record(
    node: Deps, owner: asyncpg.Connection
) -> None:
    """By whichever way: an own number, words, a consent given before, or a server that vouches."""
    async with node.pools.as_service() as connection:
        free = await sign_up(node)
        await contacts.note_own(connection, free.user_id, [OTHER])
    paying = await premium(node, owner)
    known = shown("de")[0]
    assert known.channel == "calls"
    await give_consent(node, paying, "+12025550177", "Call me on Mondays.", "calls")
    assert await outcome(node, free, OTHER, None) == "placed"
    assert await outcome(node, paying, STRANGER, None) == "consent_required"
    assert await outcome(node, paying, STRANGER, known.text) == "placed"
    assert await outcome(node, paying, "+12025550177", None) == "placed"
    vouching = msgspec.structs.replace(
        node.config, contacts=msgspec.structs.replace(node.config.contacts, free_plan="anyone")
    )
    open_node, anybody = msgspec.structs.replace(node, config=vouching), await sign_up(node)
    assert await outcome(open_node, anybody, STRANGER, None) == "placed"
    found = []
    async with node.pools.as_service() as connection:
        for who in (free, paying, anybody):
            for one in await contacts.consents(connection, who.user_id):
                assert one.channel == "calls"
                words = (one.wording_id, one.wording_version, one.language)
                found.append((who.user_id, one.address, words, one.source))
    assert sorted(found) == sorted([
        (free.user_id, OTHER, ("own-call", 1, "en"), "own"),
        (paying.user_id, STRANGER, ("calls", 1, "de"), "told by user"),
        (paying.user_id, "+12025550177", ("", 0, ""), "told by user"),
        (anybody.user_id, STRANGER, ("vouched", 1, "en"), "vouched"),
    ])  # fmt: skip
    assert await owner.fetchval("select count(*) from calls") == len(found)
    noted = await owner.fetch(
        "select data, subject, user_id from app.audit_log where action = 'consent.given'"
    )
    assert len(noted) == len(found)
    assert not any("2025550" in str(tuple(row)) for row in noted)


async def test_a_consent_is_taken_back_for_one_channel_or_all(
    node: Deps, owner: asyncpg.Connection
) -> None:
    who = await premium(node, owner)
    await give_consent(node, who, STRANGER, "Yes.", "texts")
    await give_consent(node, who, STRANGER, "Yes.", "calls")
    await withdraw_consent(node, who, STRANGER, "texts")
    assert await outcome(node, who, STRANGER, None) == "placed"
    await withdraw_consent(node, who, STRANGER)
    assert await outcome(node, who, STRANGER, None) == "consent_required"
    actions = await owner.fetch("select action from app.audit_log where user_id = $1", who.user_id)
    assert Counter(row["action"] for row in actions)["consent.withdrawn"] == 2


async def test_at_night_ones_own_number_is_called_and_others_are_told_when(
    database: Database, owner: asyncpg.Connection
) -> None:
    opens = (time.gmtime().tm_hour + 2) % 24  # which it is nowhere in America
    hours = {"FIRST_HOUR": opens, "LAST_HOUR": opens + 1, "SUNDAY_FIRST_HOUR": opens}
    closed = {f"SMS__{name}": str(hour) for name, hour in hours.items()}
    async with open_nodes(database, "", ("a",), **LIMITS, **closed) as (node,):
        who = await premium(node, owner)
        async with node.pools.as_service() as connection:
            await contacts.note_own(connection, who.user_id, [OTHER])
        assert await outcome(node, who, OTHER, None) == "placed"
        with pytest.raises(AppError) as refused:
            await calls.start(node, who, CallRequest("moss", STRANGER, consent="Yes."))
    assert refused.value.code == "quiet_hours"
    assert refused.value.extra["opens_at"]
    assert refused.value.extra["retry_after"] > 0
    exempt = await owner.fetch(
        "select user_id, subject from app.audit_log where action = 'call.in_quiet_hours'"
    )
    placed = await owner.fetchval("select 'call:' || id from calls")
    assert [tuple(row) for row in exempt] == [(who.user_id, placed)]
    left = await owner.fetchval("select count(*) from app.consents where source = 'told by user'")
    assert left == 0, "a refused request leaves nothing behind"
