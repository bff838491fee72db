"""Which agent somebody means, and what is told of it to whoever talks or writes. Knows no requests.

"default", or none at all, is what the configuration says. One that is switched off is operators'
alone, who may try it out.
"""

import uuid

import msgspec

from db import agents
from db.agents import AgentRow
from db.consent import contacts
from db.core.rows import Connection
from media.agent import Agent, instructions
from media.tools import Builtin, Tool
from server.accounts.languages import language_of
from server.core.config import Config
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.engines import call_languages, caller_languages

DEFAULT = "default"


async def chosen(connection: Connection, who: Identity, named: str | None) -> AgentRow | None:
    """The agent of this id or slug; None is the configuration's.

    Raises AppError: unknown_agent, agent_deleted.
    """
    if named is None or named == DEFAULT:
        return None
    row = await _found(connection, named)
    if row is None or not (row.enabled or row.deleted_at or who.operator):
        raise AppError("unknown_agent")
    if row.deleted_at is not None:
        raise AppError("agent_deleted")
    return row


def can_call(row: AgentRow, config: Config) -> bool:
    """Whether calls can be in its language."""
    return row.language is None or row.language in call_languages(config)


class Writer(msgspec.Struct, frozen=True):
    """Who writes: what a language model is told of them, and the language of our own sentences."""

    instructions: str
    language: str


async def writer(
    connection: Connection, config: Config, agent_id: uuid.UUID | None, user_id: uuid.UUID, to: str
) -> Writer:
    """The agent that writes for a user to an address, as it is by now; a deleted one is as it was
    last. Where it has no language, a user's own address is written to in that of their profile."""
    row = None if agent_id is None else await agents.get(connection, agent_id)
    told = "" if row is None else instructions(row.instructions, row.language)
    if row is not None and row.language is not None:
        return Writer(told, row.language)
    whose = user_id if await contacts.is_own(connection, user_id, to) else None
    return Writer(told, await language_of(connection, whose, config.language))


def talking(row: AgentRow, config: Config) -> Agent:
    """The agent as a call keeps it. Where ears do not tell languages any more, it goes by none."""
    languages = caller_languages(config, row.recogniser) if row.follows_caller else ()
    own = None if languages else row.language  # what is spoken is told with each turn
    return Agent(
        id=str(row.id),
        slug=row.slug,
        name=row.name,
        instructions=instructions(row.instructions, own),
        greeting=row.greeting,
        voice=row.voice,
        limit_seconds=row.limit_seconds,
        voicemail_message=row.voicemail_message,
        tools=tuple(
            Tool(
                tool.name, tool.description, msgspec.json.encode(tool.parameters).decode(),
                tool.filler,
            )
            for tool in row.tools
        ),
        builtin_tools=msgspec.convert(row.builtin_tools, tuple[Builtin, ...]),
        transfer_to=row.transfer_to,
        language=row.language,
        recogniser=row.recogniser,
        language_model=row.language_model,
        call_budget=row.call_budget,
        languages=languages,
    )  # fmt: skip


async def _found(connection: Connection, named: str) -> AgentRow | None:
    try:
        agent_id = uuid.UUID(named)
    except ValueError:
        return await agents.by_slug(connection, named)
    return await agents.get(connection, agent_id)
