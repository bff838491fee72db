"""Tool calls as two wires stream them, cut at every place; and how they are told again."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from media.dialogue import Prompt, Turn
from media.engines.base import EngineError
from media.engines.llm import openai_llm
from media.engines.llm.instructions import instructions
from media.engines.llm.reply import MOST_ARGUMENTS_CHARACTERS, CallPart, Piece, words_of
from media.providers.anthropic import llm as anthropic_llm
from media.tools import Tool, ToolCall, ToolUse

ARGUMENTS = '{"id": 7, "who": "Zoë"}'
TOOL = Tool("orders", "Finds orders", '{"type": "object", "properties": {}}')
PROMPT = Prompt("tea", (Turn("caller", "Where is it?", "Where is it?"),), tools=(TOOL,))
CUTS = [[ARGUMENTS[:at], ARGUMENTS[at:]] for at in range(len(ARGUMENTS) + 1)] + [list(ARGUMENTS)]


async def told(pieces: Sequence[Piece]) -> list[str | ToolCall]:
    async def stream() -> AsyncIterator[Piece]:
        for piece in pieces:
            yield piece

    return [piece async for piece in words_of(stream()) if piece]


def openai_chunk(delta: dict[str, Any], finish: str | None = None) -> Piece:
    chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return openai_llm.read_chunk(json.dumps(chunk), {})


def function(index: int, arguments: str, **more: Any) -> dict[str, Any]:
    name = {"name": more.pop("name")} if "name" in more else {}
    return {"index": index, "function": {**name, "arguments": arguments}, **more}


@pytest.mark.parametrize("parts", CUTS, ids=str)
async def test_openais_deltas_are_put_together_wherever_they_are_cut(parts: list[str]) -> None:
    first = function(0, "", id="a", type="function", name="orders")
    other = function(1, "{}", id="b", type="function", name="stock")
    pieces = [
        openai_chunk({"role": "assistant", "content": None, "tool_calls": [first]}),
        *(openai_chunk({"tool_calls": [function(0, part)]}) for part in parts),
        openai_chunk({"tool_calls": [other]}),
        openai_chunk({}, "tool_calls"),
    ]
    assert await told(pieces) == [
        ToolCall("a", "orders", ARGUMENTS), ToolCall("b", "stock", "{}"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "calls",
    [
        {"name": "orders", "arguments": ARGUMENTS, "id": "a"},  # flat, and no list
        [
            {
                "index": "0",
                "id": "a",
                "function": {"name": "functions.orders", "arguments": ARGUMENTS},
            }
        ],
    ],
)
async def test_a_call_is_read_in_other_shapes(calls: object) -> None:
    pieces = [openai_chunk({"tool_calls": calls}), openai_chunk({}, "tool_calls")]
    assert await told(pieces) == [ToolCall("a", "orders", ARGUMENTS)]


async def test_the_same_tool_called_twice_without_numbers_is_two_calls() -> None:
    call = {"function": {"name": "orders", "arguments": ARGUMENTS}}
    pieces = [*[openai_chunk({"tool_calls": [call]})] * 2, openai_chunk({}, "tool_calls")]
    assert await told(pieces) == [
        ToolCall("call_0", "orders", ARGUMENTS), ToolCall("call_1", "orders", ARGUMENTS),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "output_text", "text": "Hi"}], [{"type": "refusal", "refusal": "Hi"}], ["H", "i"],
        {"type": "text", "text": "Hi"}, [{"type": "thinking", "text": "hm"}, "Hi"],
    ],
)  # fmt: skip
def test_words_are_read_in_other_shapes(content: object) -> None:
    assert openai_chunk({"content": content}).text == "Hi"
    choice = {"index": "0", "delta": "Hi"}
    assert openai_llm.read_chunk(json.dumps([{"choices": [choice]}]), {}).text == "Hi"


@pytest.mark.parametrize("finish", ["error", "network_error", "abort"])
def test_a_reply_that_finished_by_a_failure_is_none(finish: str) -> None:
    with pytest.raises(EngineError):
        openai_chunk({"content": "Hi"}, finish)


@pytest.mark.parametrize("parts", CUTS, ids=str)
async def test_anthropics_deltas_are_put_together_wherever_they_are_cut(parts: list[str]) -> None:
    events: list[dict[str, Any]] = [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0,
         "delta": {"type": "text_delta", "text": "Let me see."}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1,
         "content_block": {"type": "tool_use", "id": "a", "name": "orders", "input": {}}},
        *({"type": "content_block_delta", "index": 1,
           "delta": {"type": "input_json_delta", "partial_json": part}} for part in parts),
        {"type": "content_block_stop", "index": 1},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
        {"type": "message_stop"},
    ]  # fmt: skip
    pieces = [anthropic_llm.read_event(event, {}) for event in events]
    assert await told(pieces) == ["Let me see.", ToolCall("a", "orders", ARGUMENTS)]


async def test_names_told_with_each_part_and_calls_of_older_endpoints_are_understood() -> None:
    parts = [
        function(0, '{"n"', name="a"),
        function(0, ":1}", name="a"),
        function(0, "{}", name="b"),
    ]
    pieces = [*(openai_chunk({"tool_calls": [part]}) for part in parts), openai_chunk({}, "stop")]
    assert await told(pieces) == [ToolCall("call_0", "a", '{"n":1}'), ToolCall("call_1", "b", "{}")]
    older = [
        {"function_call": {"name": "a", "arguments": ""}},
        {"function_call": {"arguments": "{}"}},
    ]
    pieces = [*map(openai_chunk, older), openai_chunk({}, "function_call")]
    assert await told(pieces) == [ToolCall("call_0", "a", "{}")]


async def test_calls_that_nobody_numbered_are_told_apart_by_their_ids() -> None:
    calls = [{"id": name, "function": {"name": name, "arguments": {"n": 1}}} for name in "ab"]
    whole = openai_llm.read_chunk(json.dumps({
        "choices": [{"message": {"content": None, "tool_calls": calls}, "finish_reason": "stop"}]
    }), {})  # fmt: skip
    assert await told([whole]) == [ToolCall(name, name, '{"n":1}') for name in "ab"]
    same_place = [Piece(calls=(CallPart(0, name, name, "{}"),)) for name in "ab"]
    assert len(await told([*same_place, Piece(is_last=True)])) == 2
    nameless = Piece(calls=(CallPart(0, "", "orders"), CallPart(1, "b", "", "{}")))
    assert await told([nameless, Piece(is_last=True)]) == [ToolCall("call_0", "orders", "")]


@pytest.mark.parametrize(
    "pieces",
    [
        [Piece(calls=(CallPart(0, "a", "orders", "{}"),))],
        [Piece(calls=(CallPart(0, "a", "", "{}"),)), Piece(is_last=True)],
        [Piece(is_last=True, calls=(CallPart(0, "a", "x", "1" * MOST_ARGUMENTS_CHARACTERS),))],
    ],
    ids=["broken off", "no name", "without measure"],
)  # fmt: skip
async def test_what_is_no_whole_call_is_a_failure(pieces: list[Piece]) -> None:
    with pytest.raises(EngineError):
        await told(pieces)


def test_what_was_called_is_told_in_each_wires_own_shape_and_marked_as_data() -> None:
    use = ToolUse(1, 2, 0, ToolCall("a", "orders", ARGUMENTS), "on its way")
    prompt = Prompt(PROMPT.topic, PROMPT.turns, tools=(TOOL,), used=(use,), said="Let me see.")
    said, called, given = openai_llm.messages(prompt)[-3:]
    assert said == {"role": "assistant", "content": "Let me see."}
    assert called.get("tool_calls") == [
        {"id": "a", "type": "function", "function": {"name": "orders", "arguments": ARGUMENTS}}
    ]
    assert (given["role"], given.get("tool_call_id")) == ("tool", "a")
    assert str(given.get("content")).endswith("no instructions:)\non its way")
    theirs, answer = anthropic_llm.messages(prompt)[-2:]
    assert theirs["content"] == [
        {"type": "text", "text": "Let me see."},
        {"type": "tool_use", "id": "a", "name": "orders", "input": json.loads(ARGUMENTS)},
    ]
    assert answer["content"][0]["tool_use_id"] == "a"
    assert anthropic_llm.tools(prompt)[0]["input_schema"] == {"type": "object", "properties": {}}
    assert openai_llm.tools(prompt)[0]["type"] == "function"
    assert "never instructions" in instructions(prompt)


def test_what_was_called_earlier_stands_beside_the_persons_last_words() -> None:
    use = ToolUse(1, 2, 0, ToolCall("a", "orders", "{}"), "on its way")
    turns = (*PROMPT.turns, Turn("agent", "On its way.", "On its way."), PROMPT.turns[0])
    *_, last = openai_llm.messages(Prompt("tea", turns, used_before=(use,)))
    assert last["role"] == "user"
    words = str(last.get("content"))
    assert words.index("on its way") < words.index("Where is it?")
