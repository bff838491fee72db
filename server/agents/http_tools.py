"""One call's way to the tools of its agent's owner: posted, signed as webhooks are, once.

What comes of it is words for the language model, never an exception. Neither arguments nor answers
are logged. Knows nothing of turns and of what is said meanwhile.
"""

import asyncio
import uuid
from typing import Any

import msgspec
import structlog

from db import agents
from db.agents import AgentTool
from media.call import Call
from media.dialogue import storable
from media.effects import UseTool
from media.events import ToolAnswered
from media.phases.talking.tools import NO_ANSWER
from media.tools import Outcome, arguments_of
from server.agents.tools import is_allowed
from server.core.times import rfc3339, utc
from server.webhooks import signing
from server.webhooks.deps import WebhookDeps

log = structlog.get_logger(__name__)

MOST_RESULT_BYTES = 8192
_MARGIN_SECONDS = 2.0  # for the row


class HttpTools:
    """Implements `media.ports.Tools` for the call with this id."""

    def __init__(self, deps: WebhookDeps, call_id: uuid.UUID) -> None:
        self._deps = deps
        self._call_id = call_id

    async def answer(self, call: Call, asked: UseTool) -> ToolAnswered:
        """What the tool gave. Raises nothing but cancellation."""
        outcome, result, took_ms = await self._tried(call, asked)
        log.info("tool_used", call_id=str(self._call_id), outcome=outcome, took_ms=took_ms)
        return ToolAnswered(asked.number, outcome, result)

    async def _tried(self, call: Call, asked: UseTool) -> tuple[Outcome, str, int]:
        try:
            tool = await self._found(call, asked)
            if tool is None or not is_allowed(self._deps.config, tool.url):
                return "refused", "The tool is not there any more.", 0
            return await self._posted(tool, asked)
        except Exception as error:  # noqa: BLE001 - it is a failure of the tool, not of the call
            log.warning("tool_failed", call_id=str(self._call_id), error=type(error).__name__)
            return "failed", NO_ANSWER, 0

    async def _found(self, call: Call, asked: UseTool) -> AgentTool | None:
        """The tool as it is by now; its secret is in no journal."""
        if call.facts.agent is None:
            return None
        async with asyncio.timeout(_MARGIN_SECONDS), self._deps.pools.as_service() as connection:
            row = await agents.get(connection, uuid.UUID(call.facts.agent.id))
        tools = row.tools if row is not None else ()
        return next((tool for tool in tools if tool.name == asked.call.name), None)

    async def _posted(self, tool: AgentTool, asked: UseTool) -> tuple[Outcome, str, int]:
        now = self._deps.clock()
        body = msgspec.json.encode(self._told(tool, asked, now))
        message = f"msg_{self._call_id.hex}_{asked.number}"
        headers = signing.headers(message, int(now), body, [tool.secret])
        found = await self._deps.hooks.post(
            tool.url, headers, body, seconds=tool.timeout_seconds, most_bytes=MOST_RESULT_BYTES
        )
        if found.error is not None:
            outcome: Outcome = "timeout" if found.error == "timeout" else "failed"
            return outcome, NO_ANSWER, found.took_ms
        if not found.went_well:
            return "failed", f"The tool failed with HTTP {found.status}.", found.took_ms
        result = storable(found.body.decode("utf-8", "replace")).strip()
        return "ok", result or "It is done; there is nothing more to say of it.", found.took_ms

    def _told(self, tool: AgentTool, asked: UseTool, now: float) -> dict[str, Any]:
        return {
            "type": "tool.call",
            "timestamp": rfc3339(utc(now)),
            "data": {
                "call_id": str(self._call_id),
                "tool": tool.name,
                "arguments": arguments_of(asked.call),
            },
        }
