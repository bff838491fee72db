"""A number becomes one's own by the code that is texted to it, or spoken."""

import asyncio
import re
from typing import Literal

import asyncpg
import pytest

from db.accounts import users
from db.accounts.users import Profile
from media.languages.language import sentence
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.texts import own_numbers
from server.texts.own_numbers import Code, ProveNumber
from tests.integration.server.texts.text_node import TextNode, new_number
from tests.support.patience import patience


async def code_of(node: TextNode, who: Identity, number: str) -> str:
    await own_numbers.ask(node.deps, who, ProveNumber(number))
    found = re.search(r"\b\d{6}\b", (await node.sent_to(number))[-1]["body"])
    assert found is not None
    return found[0]


async def spoken_code(node: TextNode, who: Identity, number: str) -> str:
    await own_numbers.ask(node.deps, who, ProveNumber(number, "call"))
    async with patience():
        while not (said := await said_by_carrier(node, number)):  # noqa: ASYNC110 - a process
            await asyncio.sleep(0.05)
    return "".join(re.findall(r"\d", said[0]))


async def person(node: TextNode) -> str:
    """The number of somebody who picks up."""
    number = new_number()
    body = {"name": "somebody", "number": number, "rings_seconds": 0}
    async with node.http.post(f"{node.deps.config.twilio.base_url}/people", json=body) as answer:
        assert answer.status == 201
    return number


async def said_by_carrier(node: TextNode, number: str) -> list[str]:
    async with node.http.get(f"{node.deps.config.twilio.base_url}/world") as answer:
        calls = (await answer.json())["calls"]
    entries = [entry for call in calls if call["to"] == number for entry in call["timeline"]]
    return [entry["fields"]["text"] for entry in entries if entry["event"] == "carrier_says"]


async def refusal(node: TextNode, who: Identity, code: str) -> str:
    with pytest.raises(AppError) as refused:
        await own_numbers.verify(node.deps, who, Code(code))
    return refused.value.code


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_the_code_makes_the_number_ones_own_once(node: TextNode) -> None:
    who, stranger, number = await node.sign_up(), await node.sign_up(), new_number()
    code = await code_of(node, who, number)
    assert await refusal(node, stranger, code) == "wrong_code"
    assert await refusal(node, who, wrong(code)) == "wrong_code"
    assert number in (await own_numbers.verify(node.deps, who, Code(code))).addresses
    assert await refusal(node, who, code) == "wrong_code", "used"
    assert number in (await own_numbers.mine(node.deps, who)).addresses
    assert number not in (await own_numbers.mine(node.deps, stranger)).addresses


async def test_the_code_is_in_the_language_of_whom_it_is_for(node: TextNode) -> None:
    who, number = await node.sign_up(), await person(node)
    async with node.deps.transaction() as tx:
        await users.state(tx.connection, who.user_id, Profile(language="es-MX"))
    await code_of(node, who, number)
    assert (await node.sent_to(number))[-1]["body"].startswith("Su clave de Talking App es ")
    await spoken_code(node, who, number)
    said, *_ = await said_by_carrier(node, number)
    assert said.startswith(sentence("es", "proof", "hello"))


async def test_a_spoken_code_does_the_same_and_counts_as_a_call(node: TextNode) -> None:
    who, number = await node.sign_up(), await person(node)
    code = await spoken_code(node, who, number)
    assert len(code) == 6, "said at once, digit by digit"
    assert await refusal(node, who, wrong(code)) == "wrong_code"
    assert number in (await own_numbers.verify(node.deps, who, Code(code))).addresses
    assert await node.sent_to(number) == []


async def test_calls_and_texts_with_codes_share_one_pace(node: TextNode) -> None:
    number = new_number()
    ways: tuple[Literal["text", "call"], ...] = ("text", "call", "text")
    for by in ways:
        await own_numbers.ask(node.deps, await node.sign_up(), ProveNumber(number, by))
    for by in ways[:2]:
        with pytest.raises(AppError) as refused:
            await own_numbers.ask(node.deps, await node.sign_up(), ProveNumber(number, by))
        assert refused.value.code == "too_many_messages"


async def test_five_tries_are_all_also_at_once(node: TextNode) -> None:
    who = await node.sign_up()
    code = await code_of(node, who, new_number())
    await asyncio.gather(*(refusal(node, who, wrong(code)) for _ in range(20)))
    assert await refusal(node, who, code) == "wrong_code"


async def test_a_code_gets_old(node: TextNode, owner: asyncpg.Connection) -> None:
    who = await node.sign_up()
    code = await code_of(node, who, new_number())
    await owner.execute("update app.number_proofs set expires_at = now()")
    assert await refusal(node, who, code) == "wrong_code"


async def test_no_more_codes_than_a_number_bears(node: TextNode) -> None:
    number = new_number()
    people = [await node.sign_up() for _ in range(own_numbers.PER_HOUR + 2)]

    async def ask(who: Identity) -> str:
        try:
            await own_numbers.ask(node.deps, who, ProveNumber(number))
        except AppError as error:
            return error.code
        return "sent"

    answers = await asyncio.gather(*(ask(who) for who in people))
    assert answers.count("sent") == own_numbers.PER_HOUR
    assert len(await node.sent_to(number)) == own_numbers.PER_HOUR
