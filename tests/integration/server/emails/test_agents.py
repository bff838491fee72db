"""E-mails that the language model writes as an agent."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from db import agents
from db.accounts import users
from db.accounts.users import Profile
from db.agents import AgentValues
from db.core.pool import Pools
from media.languages.language import sentence
from server.agents.store import writer
from server.core.errors import AppError
from server.emails import delivery
from tests.integration.server.emails.email_node import EmailNode, open_email_node


@pytest.fixture
async def node(pools: Pools, owner: asyncpg.Connection, tmp_path: Path) -> AsyncIterator[EmailNode]:
    async with open_email_node(pools, owner, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("named", "told"),
    [("ann", "Call them Sir.\nYour language is French."), ("default", ""), (None, "")],
)
async def test_the_agent_that_is_named_writes(
    node: EmailNode, named: str | None, told: str
) -> None:
    async with node.deps.pools.as_service() as connection:
        values = AgentValues("Ann", "Call them Sir.", language="fr")
        await agents.insert(connection, uuid.uuid4(), "ann", values)
    row = await node.ask(content=None, agent=named)
    await delivery.write(node.deps, str(row.id))
    assert node.llm.prompts[-1].instructions == told
    assert (await node.now(row)).state == "queued"


async def test_ones_own_address_is_written_to_in_ones_own_language(node: EmailNode) -> None:
    async with node.deps.transaction() as tx:
        await users.state(tx.connection, node.who.user_id, Profile(language="de"))
    row = await node.ask(content=None)
    await delivery.write(node.deps, str(row.id))
    assert node.llm.prompts[-1].language == "de"
    assert await node.work(row) == ""
    assert sentence("de", "mail", "no_more") in str(await node.mails())
    async with node.deps.pools.as_service() as connection:
        to = (node.who.user_id, "ann@example.com")
        assert (await writer(connection, node.deps.config, None, *to)).language == "en"


async def test_an_agent_that_is_not_there_costs_nothing(node: EmailNode) -> None:
    with pytest.raises(AppError) as refused:
        await node.ask(content=None, agent="bob")
    assert refused.value.code == "unknown_agent"
    assert await node.reserved() == (0, 0)
