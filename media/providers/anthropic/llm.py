"""Anthropic's language model: `/v1/messages`, streamed.

Read in anthropic 2.14.0. An error can come in the middle of an answer that began with HTTP 200.
"""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import msgspec

from media.consumption import told_as_it_grows
from media.dialogue import Prompt
from media.engines.base import EngineError
from media.engines.llm import server_sent
from media.engines.llm.instructions import (
    conversation,
    instructions,
    reply_tokens,
    result_of,
)
from media.engines.llm.reply import CallPart, Piece, tokens, words_of
from media.providers.anthropic.settings import AnthropicSettings
from media.tools import ToolCall, ToolUse, arguments_of, rounds

_TOKENS = {"input_tokens": "anthropic.llm.input", "output_tokens": "anthropic.llm.output"}


class AnthropicLanguageModel:
    """LanguageModel on one pool of connections for all calls of the process."""

    def __init__(self, settings: AnthropicSettings, language: str) -> None:
        """`language` is that of the talk, which tells it by itself."""
        del language
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def think(self, prompt: Prompt) -> AsyncGenerator[str | ToolCall, None]:
        """Pieces of the reply as the model makes them, then the tools it calls.

        Raises EngineError when it cannot be reached, refuses, stalls, breaks off or says nothing.
        """
        url, asked = f"{self._settings.base_url}/v1/messages", self._asked(prompt)
        try:
            async with AsyncExitStack() as stack:
                told = stack.enter_context(told_as_it_grows())
                response = await stack.enter_async_context(self._opened().post(url, json=asked))
                if response.status != 200:
                    raise EngineError(f"the model failed with HTTP {response.status}")
                events = server_sent.data_of(response.content.iter_any())
                pieces = (read_event(msgspec.json.decode(data), told) async for data in events)
                async for words in words_of(pieces):
                    yield words
        except (aiohttp.ClientError, TimeoutError, OSError, msgspec.DecodeError) as error:
            raise EngineError(f"the model failed with {type(error).__name__}") from error

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            settings = self._settings
            self._session = aiohttp.ClientSession(
                headers=settings.headers,
                timeout=aiohttp.ClientTimeout(
                    total=None,
                    sock_connect=settings.connect_timeout_seconds,
                    sock_read=settings.read_timeout_seconds,
                ),
            )
        return self._session

    def _asked(self, prompt: Prompt) -> dict[str, Any]:
        return {
            "model": self._settings.llm_model,
            "max_tokens": reply_tokens(prompt),
            "stream": True,
            "system": instructions(prompt),
            "messages": messages(prompt),
            **({"tools": tools(prompt)} if prompt.tools else {}),
        }


def messages(prompt: Prompt) -> list[dict[str, Any]]:
    """The conversation, then what was called in this very answer."""
    said: list[dict[str, Any]] = [
        {"role": "user" if is_theirs else "assistant", "content": words}
        for is_theirs, words in conversation(prompt)
    ]
    before = [{"type": "text", "text": prompt.said}] if prompt.said else []
    for uses in rounds(prompt.used):
        said += [
            {"role": "assistant", "content": [*before, *map(_call, uses)]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": use.call.id, "content": result_of(use)}
                for use in uses
            ]},
        ]  # fmt: skip
        before = []
    return said


def tools(prompt: Prompt) -> list[dict[str, Any]]:
    """What the model may call, as the vendor has it."""
    return [
        {
            "name": tool.name,
            "description": tool.description,
            "input_schema": msgspec.json.decode(tool.parameters),
        }
        for tool in prompt.tools
    ]


def _call(use: ToolUse) -> dict[str, Any]:
    given = arguments_of(use.call) or {}  # nothing but an object may be told of
    return {"type": "tool_use", "id": use.call.id, "name": use.call.name, "input": given}


def read_event(event: Any, told: dict[str, int]) -> Piece:
    """One event of the stream; tokens of the whole reply so far become those in `told`.

    Raises EngineError when the event tells of an error.
    """
    match event.get("type"):
        case "message_start":
            told |= tokens(_of(event.get("message")).get("usage"), _TOKENS)
            return Piece()
        case "message_delta":
            told |= tokens(event.get("usage"), _TOKENS)
            return Piece()
        case "content_block_delta":
            delta = event.get("delta") or {}
            match delta.get("type"):
                case "text_delta":
                    return Piece(delta.get("text") or "")
                case "input_json_delta":
                    part = CallPart(_index(event), arguments=delta.get("partial_json") or "")
                    return Piece(calls=(part,))
                case _:
                    return Piece()
        case "content_block_start":
            block = event.get("content_block") or {}
            if block.get("type") != "tool_use":
                return Piece()
            part = CallPart(_index(event), str(block.get("id") or ""), str(block.get("name") or ""))
            return Piece(calls=(part,))
        case "message_stop":
            return Piece(is_last=True)
        case "error":
            raise EngineError(f"the model failed with {_kind(event)}")
        case _:
            return Piece()


def _index(event: Any) -> int:
    index = event.get("index")
    return index if isinstance(index, int) else 0


def _of(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _kind(event: Any) -> str:
    error = event.get("error")
    return str(error.get("type", "an error")) if isinstance(error, dict) else "an error"
