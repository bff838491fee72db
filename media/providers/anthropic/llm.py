"""Anthropic's language model: `/v1/messages`, streamed.

Read in anthropic 2.14.0. An error can come in the middle of an answer that began with HTTP 200.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import aiohttp
import msgspec

from media.consumption import consumed
from media.dialogue import Prompt
from media.engines.base import EngineError
from media.engines.llm import server_sent
from media.engines.llm.instructions import REPLY_TOKENS, conversation, instructions
from media.engines.llm.reply import words_of
from media.providers.anthropic.settings import AnthropicSettings


class AnthropicLanguageModel:
    """LanguageModel on one pool of connections for all calls of the process."""

    def __init__(self, settings: AnthropicSettings, language: str) -> None:
        """`language` is that of the talk, which tells it by itself."""
        del language
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def think(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        """Pieces of the reply as the model makes them.

        Raises EngineError when it cannot be reached, refuses, stalls, breaks off or says nothing.
        """
        try:
            async with self._opened().post(
                f"{self._settings.base_url}/v1/messages", json=self._asked(prompt)
            ) as response:
                if response.status != 200:
                    raise EngineError(f"the model failed with HTTP {response.status}")
                events = server_sent.data_of(_lines(response))
                pieces = (read_event(msgspec.json.decode(data)) async for data in events)
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
            "max_tokens": REPLY_TOKENS[prompt.form],
            "stream": True,
            "system": instructions(prompt),
            "messages": [
                {"role": "user" if is_theirs else "assistant", "content": words}
                for is_theirs, words in conversation(prompt)
            ],
        }


async def _lines(response: aiohttp.ClientResponse) -> AsyncIterator[str]:
    async for line in response.content:
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def read_event(event: Any) -> tuple[str, bool]:
    """Text in one event of the stream, and whether it is the last.

    Raises EngineError when the event tells of an error.
    """
    match event.get("type"):
        case "message_start":
            _count(_of(event.get("message")), "input")
            return "", False
        case "message_delta":
            _count(event, "output")
            return "", False
        case "content_block_delta":
            delta = event.get("delta") or {}
            text = delta.get("text") if delta.get("type") == "text_delta" else ""
            return text or "", False
        case "message_stop":
            return "", True
        case "error":
            raise EngineError(f"the model failed with {_kind(event)}")
        case _:
            return "", False


def _count(told: dict[str, Any], side: str) -> None:
    """Tokens, where it is told how many."""
    tokens = _of(told.get("usage")).get(f"{side}_tokens")
    if isinstance(tokens, int):
        consumed(f"anthropic.llm.{side}", tokens)


def _of(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _kind(event: Any) -> str:
    error = event.get("error")
    return str(error.get("type", "an error")) if isinstance(error, dict) else "an error"
