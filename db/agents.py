"""Agents: who talks, as operators wrote it. They are the installation's, nobody's own.

One that was deleted stays as it was last, and its slug is free. Its own tools, and the numbers that
callers may be connected to, are sealed. Knows nothing of who may do what.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from db.core.rows import Connection
from db.core.sealed import Sealed

SEALED = Sealed("app.agents", json=("transfer_to", "tools"))
_COLUMNS = """id, slug, name, instructions, greeting, voice, language, limit_seconds,
    voicemail_message, enabled, recogniser, language_model, call_budget, follows_caller,
    builtin_tools, transfer_to, tools, rev, created_at, updated_at, deleted_at"""
_LIST = f"""
select {_COLUMNS} from app.agents where deleted_at is null and (enabled or $1)
order by name, created_at, id
"""  # noqa: S608 - the columns above
_COUNT = "select count(*) from app.agents where deleted_at is null"
_GET = f"select {_COLUMNS} from app.agents where id = $1"  # noqa: S608
_LOCK = f"{_GET} for no key update"  # what names it meanwhile does not wait
_BY_SLUG = f"""
select {_COLUMNS} from app.agents where slug = $1 order by deleted_at desc nulls first limit 1
"""  # noqa: S608
_INSERT = f"""
insert into app.agents (id, slug, name, instructions, greeting, voice, language, limit_seconds,
    voicemail_message, enabled, recogniser, language_model, call_budget, follows_caller,
    builtin_tools, transfer_to, tools)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
on conflict (slug) where deleted_at is null do nothing returning {_COLUMNS}
"""  # noqa: S608
_CHANGE = f"""
update app.agents set name = $2, instructions = $3, greeting = $4, voice = $5, language = $6,
    limit_seconds = $7, voicemail_message = $8, enabled = $9, recogniser = $10,
    language_model = $11, call_budget = $12, follows_caller = $13, builtin_tools = $14,
    transfer_to = $15, tools = $16,
    rev = rev + 1, updated_at = now()
where id = $1 returning {_COLUMNS}
"""  # noqa: S608
_DELETE = f"""
update app.agents set enabled = false, rev = rev + 1, updated_at = now(), deleted_at = now()
where id = $1 returning {_COLUMNS}
"""  # noqa: S608


class AgentTool(msgspec.Struct, frozen=True):
    """A tool of the owner's: what a model is told of it, where it is asked and for how long, what
    the caller hears meanwhile, and what its requests are signed by."""

    name: str
    description: str
    parameters: dict[str, Any]
    url: str
    timeout_seconds: float
    filler: str
    secret: str


class AgentValues(msgspec.Struct, frozen=True):
    """What of an agent can be changed; None is what the configuration says."""

    name: str
    instructions: str = ""
    greeting: str | None = None
    voice: str | None = None
    language: str | None = None
    limit_seconds: int | None = None
    voicemail_message: str | None = None
    enabled: bool = True
    recogniser: str | None = None
    language_model: str | None = None
    call_budget: str | None = None
    follows_caller: bool = False
    builtin_tools: tuple[str, ...] = ()
    transfer_to: tuple[str, ...] = ()
    tools: tuple[AgentTool, ...] = ()


class AgentRow(msgspec.Struct, frozen=True):
    """A row of app.agents; `rev` goes up with every change."""

    id: UUID
    slug: str
    name: str
    instructions: str
    greeting: str | None
    voice: str | None
    language: str | None
    limit_seconds: int | None
    voicemail_message: str | None
    enabled: bool
    recogniser: str | None
    language_model: str | None
    call_budget: str | None
    follows_caller: bool
    builtin_tools: tuple[str, ...]
    transfer_to: tuple[str, ...]
    tools: tuple[AgentTool, ...]
    rev: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


async def list_of(connection: Connection, *, disabled: bool) -> list[AgentRow]:
    """Those that are not deleted, by name; `disabled`: also those that are switched off."""
    return await SEALED.many(connection, await connection.fetch(_LIST, disabled), AgentRow)


async def count(connection: Connection) -> int:
    """How many there are that are not deleted."""
    found: int = await connection.fetchval(_COUNT)
    return found


async def get(connection: Connection, agent_id: UUID, *, lock: bool = False) -> AgentRow | None:
    """The agent, also one that was deleted."""
    record = await connection.fetchrow(_LOCK if lock else _GET, agent_id)
    return await SEALED.one(connection, record, AgentRow)


async def by_slug(connection: Connection, slug: str) -> AgentRow | None:
    """The agent that has this slug, or else the last one that had it."""
    return await SEALED.one(connection, await connection.fetchrow(_BY_SLUG, slug), AgentRow)


async def insert(
    connection: Connection, agent_id: UUID, slug: str, values: AgentValues
) -> AgentRow | None:
    """Keep a new one; None if the slug is another's."""
    given = await _sealed(connection, agent_id, values)
    record = await connection.fetchrow(_INSERT, agent_id, slug, *given)
    return await SEALED.one(connection, record, AgentRow)


async def change(connection: Connection, agent_id: UUID, values: AgentValues) -> AgentRow:
    """Write a locked agent's values."""
    given = await _sealed(connection, agent_id, values)
    record = await connection.fetchrow(_CHANGE, agent_id, *given)
    return await SEALED.opened(connection, record, AgentRow)


async def delete(connection: Connection, agent_id: UUID) -> AgentRow:
    """Mark a locked agent as deleted."""
    record = await connection.fetchrow(_DELETE, agent_id)
    return await SEALED.opened(connection, record, AgentRow)


async def _sealed(connection: Connection, agent_id: UUID, values: AgentValues) -> Sequence[object]:
    """The values in order, as they are written: sealed by the key of what is nobody's."""
    *clear, transfer_to, tools = msgspec.structs.astuple(values)
    sealed = await SEALED.seal(
        connection, None, agent_id,
        transfer_to=list(transfer_to), tools=msgspec.to_builtins(tools),
    )  # fmt: skip
    return [*clear, *sealed]
