"""A language model behind any OpenAI-compatible chat completions endpoint, streamed.

Sends the conversation in the protocol's roles and hands on the words as they come. Between replies
it keeps only which dialect the endpoint speaks; it knows no calls.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Literal

import msgspec
import openai
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolUnionParam

from media.consumption import told_as_it_grows
from media.dialogue import Prompt, storable
from media.engines.base import EngineError
from media.engines.llm import server_sent
from media.engines.llm.instructions import (
    conversation,
    instructions,
    reply_tokens,
    result_of,
)
from media.engines.llm.reply import CallPart, MisreadError, Piece, tokens, words_of
from media.tools import ToolCall, ToolUse, rounds


class OpenAISettings(msgspec.Struct, frozen=True):
    """Where the model is and how long it may take. `api_key` may be empty for a local server."""

    base_url: str
    api_key: str
    model: str
    connect_timeout_seconds: float = 2.0
    read_timeout_seconds: float = 10.0  # longest silence; who asks has shorter limits of their own
    max_retries: int = 1  # of a refused or failed request; never once words have come


class Dialect(msgspec.Struct, frozen=True):
    """What endpoints of this protocol differ in."""

    limit: Literal["max_completion_tokens", "max_tokens"]
    has_system_role: bool = True
    tells_usage: bool = False


# In the order in which they are tried on an endpoint that refuses.
DIALECTS = (
    Dialect("max_completion_tokens", tells_usage=True),
    Dialect("max_tokens", tells_usage=True),
    Dialect("max_completion_tokens"),
    Dialect("max_tokens"),
    Dialect("max_tokens", has_system_role=False),
    Dialect("max_completion_tokens", has_system_role=False),
)
_USAGE: dict[bool, dict[str, Any]] = {
    True: {"stream_options": {"include_usage": True}}, False: {},
}  # fmt: skip
_TOKENS = {"prompt_tokens": "openai.llm.input", "completion_tokens": "openai.llm.output"}
# By a part's type, the field with its words.
_SAID_IN: dict[object, str] = {
    None: "text", "text": "text", "output_text": "text", "refusal": "refusal",
}  # fmt: skip
_FAILED = frozenset({"error", "network_error", "abort"})  # as a reason to finish
_NOT_UNDERSTOOD = (openai.BadRequestError, openai.UnprocessableEntityError)


class OpenAILanguageModel:
    """On a chat completions endpoint; one connection pool for all calls of the process."""

    def __init__(self, settings: OpenAISettings) -> None:
        self._settings = settings
        self._dialect: Dialect | None = None  # not known before the first answer
        self._begins_thinking = False  # as where a chat template opens what the model closes
        self._client = openai.AsyncOpenAI(
            base_url=settings.base_url,
            api_key=settings.api_key or "none",
            max_retries=settings.max_retries,
            timeout=openai.Timeout(
                settings.read_timeout_seconds, connect=settings.connect_timeout_seconds
            ),
        )

    async def think(self, prompt: Prompt) -> AsyncGenerator[str | ToolCall, None]:
        """Pieces of the reply as the model makes them, then the tools it calls.

        Raises EngineError when the endpoint cannot be reached, refuses, stalls, breaks off or
        answers nothing; words already handed on stay valid. Closing the iterator, or cancelling,
        closes the connection, so the model stops working.
        """
        try:
            async with AsyncExitStack() as stack:
                told = stack.enter_context(told_as_it_grows())
                response = await self._answer(prompt, stack)
                chunks = (read_chunk(data, told) async for data in _events(response))
                async for words in words_of(chunks, begins_thinking=self._begins_thinking):
                    yield words
        except MisreadError:
            self._begins_thinking = not self._begins_thinking
            raise
        except EngineError:
            raise
        except Exception as error:  # of two libraries, one under the other
            raise EngineError(f"the model failed with {_reason(error)}") from error

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        await self._client.close()

    async def _answer(self, prompt: Prompt, stack: AsyncExitStack) -> openai.AsyncAPIResponse[Any]:
        """The endpoint's answer, in the dialect it is known to speak, else in the first it takes.

        Raises what the first was refused with when it takes none.
        """
        refused: Exception | None = None
        for dialect in (self._dialect,) if self._dialect else DIALECTS:
            try:
                response = await stack.enter_async_context(self._request(prompt, dialect))
            except openai.APIStatusError as error:
                refused = refused or error
                if not isinstance(error, _NOT_UNDERSTOOD):
                    break
            else:
                self._dialect = dialect
                return response
        raise refused or EngineError("no dialect")

    def _request(
        self, prompt: Prompt, dialect: Dialect
    ) -> AbstractAsyncContextManager[openai.AsyncAPIResponse[Any]]:
        return self._client.chat.completions.with_streaming_response.create(
            model=self._settings.model,
            messages=messages(prompt, has_system_role=dialect.has_system_role),
            stream=True,
            tools=tools(prompt) or openai.omit,
            extra_body={dialect.limit: reply_tokens(prompt), **_USAGE[dialect.tells_usage]},
        )


async def _events(response: openai.AsyncAPIResponse[Any]) -> AsyncGenerator[str, None]:
    """Data of the answer's events up to the last; some endpoints then keep the connection."""
    async for data in server_sent.data_of(response.iter_bytes()):
        yield data
        if data.startswith("[DONE]"):
            return


def read_chunk(data: str, told: dict[str, int]) -> Piece:
    """One piece of the stream; tokens of the whole reply so far become those in `told`.

    Endpoints of this protocol leave out, or set to null, whatever they have no use for.
    Raises EngineError when the endpoint tells of an error, ValueError on what is not JSON.
    """
    if data.startswith("[DONE]"):
        return Piece(is_last=True)
    chunk = json.loads(data)  # which takes NaN and half of a pair, as some write them
    chunk = chunk[0] if isinstance(chunk, list) and chunk else chunk
    told |= tokens(_field(chunk, "usage"), _TOKENS)
    if _field(chunk, "error"):
        raise EngineError("the model failed with an error in its reply")
    choices = _list(_field(chunk, "choices"))
    choice = next((one for one in choices if _field(one, "index") in (None, 0, "0")), None)
    finish = _field(choice, "finish_reason")
    if finish in _FAILED or _field(choice, "error"):
        raise EngineError("the model failed with an error in its reply")
    said = _field(choice, "delta")
    said = _field(choice, "message") if said is None else said
    said = choice if said is None else said  # as completions that are no chat have it
    said = {"content": said} if isinstance(said, str) else said
    texts = (_text(_field(said, name)) for name in ("content", "text", "refusal"))
    legacy = _field(said, "function_call")
    calls = _list(_field(said, "tool_calls")) or ([{"function": legacy}] if legacy else [])
    return Piece(
        next(filter(None, texts), ""),
        finish not in (None, "", "null"),
        tuple(_part(at, call) for at, call in enumerate(calls)),
    )


def _part(at: int, call: object) -> CallPart:
    """Part of a tool call; id and name are in a call's first part only."""
    index, function = _field(call, "index"), _field(call, "function") or call
    arguments = _field(function, "arguments")
    if isinstance(arguments, dict):  # where nothing is streamed in parts, some do not write it out
        arguments = msgspec.json.encode(arguments).decode()
    return CallPart(
        index if isinstance(index, int) else at,
        _string(_field(call, "id")), _string(_field(function, "name")), _string(arguments),
    )  # fmt: skip


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text(content: object) -> str:
    """`content` is a string, or parts of which only texts are meant to be said, and refusals."""
    texts = (
        part if isinstance(part, str) else _field(part, _SAID_IN[_field(part, "type")])
        for part in (content if isinstance(content, list) else [content])
        if isinstance(part, str) or _field(part, "type") in _SAID_IN
    )
    return storable("".join(text for text in texts if isinstance(text, str)))


def _field(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _list(value: object) -> list[object]:
    """A list; what stands in place of one that it would be alone in, too."""
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


def messages(prompt: Prompt, *, has_system_role: bool = True) -> list[ChatCompletionMessageParam]:
    """The conversation as chat messages: instructions, then the two sides in strict alternation."""
    asked = conversation(prompt, with_instructions=not has_system_role)
    said: list[ChatCompletionMessageParam] = [
        {"role": "user", "content": words} if is_theirs else {"role": "assistant", "content": words}
        for is_theirs, words in asked
    ]
    said += [message for uses in rounds(prompt.used) for message in _used(uses)]
    if prompt.used and prompt.said:
        at = -sum(1 + len(uses) for uses in rounds(prompt.used))
        said.insert(at, {"role": "assistant", "content": prompt.said})
    if not has_system_role:
        return said
    return [{"role": "system", "content": instructions(prompt)}, *said]


def _used(uses: list[ToolUse]) -> list[ChatCompletionMessageParam]:
    """What the model called at once, and what it was given."""
    calls: ChatCompletionMessageParam = {
        "role": "assistant",
        "tool_calls": [
            {
                "id": use.call.id,
                "type": "function",
                "function": {"name": use.call.name, "arguments": use.call.arguments},
            }
            for use in uses
        ],
    }
    given: list[ChatCompletionMessageParam] = [
        {"role": "tool", "tool_call_id": use.call.id, "content": result_of(use)} for use in uses
    ]
    return [calls, *given]


def tools(prompt: Prompt) -> list[ChatCompletionToolUnionParam]:
    """What the model may call, as the protocol has it."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": msgspec.json.decode(tool.parameters),
            },
        }
        for tool in prompt.tools
    ]


def _reason(error: Exception) -> str:
    """What went wrong, without the error's text, which may quote the conversation."""
    status: int | None = getattr(error, "status_code", None)
    return f"HTTP {status}" if status else type(error).__name__
