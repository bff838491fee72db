"""What people can do with agents: everybody reads those that are switched on; operators make,
change and delete them, and each such act is in the audit log.

An edit is for calls that are placed from then on, and for the next words of texts and e-mails.
"""

import uuid

import msgspec
from msgspec import UNSET

from db import agents
from db.agents import AgentRow, AgentValues
from db.core.rows import Connection
from media.providers.registry import Kind
from server.agents.store import DEFAULT
from server.agents.tools import checked_numbers, checked_tools, fresh, kept
from server.agents.wire import (
    MOST_INSTRUCTIONS_CHARACTERS,
    MOST_NAME_CHARACTERS,
    MOST_SPOKEN_CHARACTERS,
    ChangeAgent,
    MakeAgent,
)
from server.audit.notes import note, only_operators
from server.core.config import Config
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.validation import one_line, some_text
from server.engines import caller_languages, in_language

MOST_AGENTS = 200


async def everyone(deps: Node, who: Identity) -> list[AgentRow]:
    """All agents by name; those that are switched off for administrators alone."""
    async with deps.pools.as_service() as connection:
        return await agents.list_of(connection, disabled=who.admin)


async def read(deps: Node, who: Identity, agent_id: uuid.UUID) -> AgentRow:
    """One agent. Raises AppError: not_found, agent_deleted."""
    async with deps.pools.as_service() as connection:
        row = await _there(connection, agent_id)
    if not row.enabled and not who.admin:
        raise AppError("not_found")
    return row


async def make(deps: Node, who: Identity, body: MakeAgent) -> tuple[AgentRow, dict[str, str]]:
    """A new agent, with its tools' secrets. Raises AppError: forbidden, bad_request, slug_taken,
    too_many, invalid_number, country_not_allowed."""
    await only_operators(deps, who, "agents")
    if body.slug == DEFAULT:
        raise AppError("slug_taken", "`default` is the agent that the configuration describes.")
    given = msgspec.structs.asdict(body)
    slug = given.pop("slug")
    given["tools"] = kept(body.tools, ())
    values = checked(deps.config, AgentValues(**given))
    async with deps.transaction() as tx:
        if await agents.count(tx.connection) >= MOST_AGENTS:
            raise AppError("too_many", f"There are {MOST_AGENTS} agents; delete one first.")
        row = await agents.insert(tx.connection, uuid.uuid4(), slug, values)
        if row is None:
            raise AppError("slug_taken")
        note(tx, "agent.made", subject=f"agent:{row.id}")
    return row, fresh(row.tools, ())


async def change(
    deps: Node, who: Identity, agent_id: uuid.UUID, body: ChangeAgent
) -> tuple[AgentRow, dict[str, str]]:
    """Change what is given; with the secrets of tools that are new. Raises AppError: forbidden,
    bad_request, not_found, agent_deleted, stale_rev, invalid_number, country_not_allowed."""
    await only_operators(deps, who, f"agent:{agent_id}")
    given = msgspec.structs.asdict(body)
    rev = given.pop("rev")
    given = {name: value for name, value in given.items() if value is not UNSET}
    async with deps.transaction() as tx:
        row = await _there(tx.connection, agent_id, lock=True)
        _refuse_stale(row, rev)
        before = msgspec.convert(row, AgentValues, from_attributes=True)
        if body.tools is not UNSET:
            given["tools"] = kept(body.tools, row.tools)
        after = msgspec.structs.replace(before, **given)
        if given != {"enabled": False}:  # whatever the configuration does not have any more
            after = checked(deps.config, after)
        changed = [name for name in given if getattr(before, name) != getattr(after, name)]
        if not changed:
            return row, {}
        row = await agents.change(tx.connection, row.id, after)
        note(tx, "agent.changed", subject=f"agent:{row.id}", data={"fields": changed})
    return row, fresh(row.tools, before.tools)


async def delete(
    deps: Node, who: Identity, agent_id: uuid.UUID, rev: int | None = None
) -> AgentRow:
    """Nobody can name it any more. Raises AppError: forbidden, not_found, agent_deleted,
    stale_rev."""
    await only_operators(deps, who, f"agent:{agent_id}")
    async with deps.transaction() as tx:
        row = await _there(tx.connection, agent_id, lock=True)
        _refuse_stale(row, rev)
        row = await agents.delete(tx.connection, row.id)
        note(tx, "agent.deleted", subject=f"agent:{row.id}")
    return row


def checked(config: Config, given: AgentValues) -> AgentValues:
    """The values as they are kept. Raises AppError("bad_request"), which names the field."""
    most = int(config.conversation.limit_seconds)
    _check_engines(config, given)
    _check_followed(config, given)
    if given.limit_seconds is not None and given.limit_seconds > most:
        raise AppError("bad_request", f"`limit_seconds` is {most} at most.")
    instructions, message = given.instructions, given.voicemail_message
    if instructions.strip():
        instructions = some_text(instructions, "instructions", MOST_INSTRUCTIONS_CHARACTERS)
    if message is not None and message.strip():
        message = one_line(message, "voicemail_message", MOST_SPOKEN_CHARACTERS)
    greeting = given.greeting
    if greeting is not None:
        greeting = one_line(greeting, "greeting", MOST_SPOKEN_CHARACTERS)
    return msgspec.structs.replace(
        given,
        name=one_line(given.name, "name", MOST_NAME_CHARACTERS),
        instructions=instructions.strip(),
        greeting=greeting,
        voicemail_message=None if message is None else message.strip(),
        builtin_tools=tuple(dict.fromkeys(given.builtin_tools)),
        transfer_to=checked_numbers(config, given.transfer_to),
        tools=checked_tools(config, given.tools),
    )


def _check_engines(config: Config, given: AgentValues) -> None:
    """Only engines that are configured, and know the agent's language, can be named."""
    named: tuple[tuple[Kind, str, str | None, tuple[str, ...]], ...] = (
        ("speech_to_text", "recogniser", given.recogniser, config.speech.recogniser),
        ("text_to_speech", "voice", given.voice, config.speech.voice),
        ("llm", "language_model", given.language_model, config.thinker.engine),
    )
    language = given.language or config.language
    for kind, field, name, configured in named:
        if name is None:
            continue
        if name not in configured:
            raise AppError("bad_request", f"`{field}` must be one of {', '.join(configured)}.")
        if language != config.language and not in_language(config, kind, (name,), language):
            raise AppError("bad_request", f"`{field}`: {name} does not know `language` {language}.")


def _check_followed(config: Config, given: AgentValues) -> None:
    """Only ears that tell languages can be gone by, and the first one is among those."""
    if not given.follows_caller:
        return
    known = caller_languages(config, given.recogniser)
    if not known:
        ears = given.recogniser or ", ".join(config.speech.recogniser)
        told = f"`follows_caller`: {ears} cannot tell which language is spoken."
        raise AppError("bad_request", f"{told} docs/agents.md says what can.")
    if (given.language or config.language) not in known or len(known) == 1:
        told = f"calls that follow their caller can be in {', '.join(known)} only."
        raise AppError("bad_request", f"`follows_caller`: {told}")


def _refuse_stale(row: AgentRow, rev: int | None) -> None:
    if rev is not None and rev != row.rev:
        raise AppError("stale_rev", rev=row.rev)


async def _there(connection: Connection, agent_id: uuid.UUID, *, lock: bool = False) -> AgentRow:
    row = await agents.get(connection, agent_id, lock=lock)
    if row is None:
        raise AppError("not_found")
    if row.deleted_at is not None:
        raise AppError("agent_deleted")
    return row
