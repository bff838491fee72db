"""REST for agents: parse, act, reply."""

import uuid
from typing import Annotated

import msgspec
from msgspec import Meta

from db.agents import AgentRow
from server.agents import actions
from server.agents.wire import AgentOut, AgentShown, ChangeAgent, MakeAgent, agent_out
from server.core.identity.auth import Identity
from server.core.node import Node
from server.engines import call_languages, caller_languages
from server.http.routing import Route

ALL = "/v1/agents"
ONE = f"{ALL}/<uuid:agent_id>"


class Agents(msgspec.Struct, frozen=True):
    """All that may be named, by name; administrators see those that are switched off as well.
    `voices`, `recognisers` and `language_models` are those that an agent may have, `languages`
    those that its calls can be in, `caller_languages` those of them that its calls can change to
    with their caller; `limit_seconds` is how long a call may be at most, and `currency` what its
    `call_budget` is in."""

    agents: list[AgentOut]
    voices: tuple[str, ...]
    recognisers: tuple[str, ...]
    language_models: tuple[str, ...]
    languages: tuple[str, ...]
    caller_languages: tuple[str, ...]
    limit_seconds: int
    currency: str


class RevQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The agent's `rev` as it was read: if it has another by now it stays."""

    rev: Annotated[int, Meta(ge=1)] | None = None


async def _list(deps: Node, who: Identity) -> Agents:
    rows = await actions.everyone(deps, who)
    config = deps.config
    return Agents(
        [agent_out(row, is_admin=who.admin) for row in rows], config.speech.voice,
        config.speech.recogniser, config.thinker.engine, call_languages(config),
        caller_languages(config), int(config.conversation.limit_seconds),
        config.costs.currency,
    )  # fmt: skip


def _shown(row: AgentRow, secrets: dict[str, str]) -> AgentShown:
    out = msgspec.structs.asdict(agent_out(row, is_admin=True))
    return AgentShown(**out, tool_secrets=secrets)


async def _make(deps: Node, who: Identity, body: MakeAgent) -> AgentShown:
    return _shown(*await actions.make(deps, who, body))


async def _get(deps: Node, who: Identity, agent_id: uuid.UUID) -> AgentOut:
    return agent_out(await actions.read(deps, who, agent_id), is_admin=who.admin)


async def _change(deps: Node, who: Identity, agent_id: uuid.UUID, body: ChangeAgent) -> AgentShown:
    return _shown(*await actions.change(deps, who, agent_id, body))


async def _delete(deps: Node, who: Identity, agent_id: uuid.UUID, query: RevQuery) -> AgentOut:
    return agent_out(await actions.delete(deps, who, agent_id, query.rev), is_admin=True)


ROUTES = (
    Route("GET", ALL, _list, Agents, "The agents that may talk"),
    Route("POST", ALL, _make, AgentShown, "Make an agent; for operators", MakeAgent, status=201,
          shown_once=("tool_secrets",)),
    Route("GET", ONE, _get, AgentOut, "One agent"),
    Route("PATCH", ONE, _change, AgentShown, "Change an agent; for operators", ChangeAgent,
          shown_once=("tool_secrets",)),
    Route("DELETE", ONE, _delete, AgentOut, "Delete an agent; for operators", query=RevQuery),
)  # fmt: skip
