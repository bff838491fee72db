"""A language model's tool calls by the wires of the sandbox's stand-ins: alone, and in a call."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import openai
import pytest
from msgspec.structs import replace
from openai.types.shared_params import FunctionDefinition

from media.agent import Agent
from media.dialogue import Prompt, Turn
from media.engines.base import Engines, LanguageModel
from media.engines.llm.openai_llm import OpenAILanguageModel, OpenAISettings
from media.engines.scripted import ScriptedDetector
from media.phases.ending import Ended
from media.providers.anthropic.llm import AnthropicLanguageModel
from media.providers.anthropic.settings import AnthropicSettings
from media.settings import Settings
from media.tools import Tool, ToolCall, ToolUse
from tests.bench.conversation.call import a_call, phrases
from tests.bench.conversation.clock import held, run
from tests.support.tones import TALK, OfflineEars, OfflineVoice, Words
from tests.support.vendors import KEY, ToneWords, Vendors, running_vendors

FIELDS = {"type": "object", "properties": {"id": {"type": "integer"}, "who": {"type": "string"}}}
TOOL = Tool("find_order", "Finds orders", json.dumps(FIELDS))
ASKED = "Please find order 17."
PROMPT = Prompt("orders", (Turn("caller", ASKED, ASKED),), tools=(TOOL,))


def openai_llm(vendors: Vendors) -> OpenAILanguageModel:
    return OpenAILanguageModel(OpenAISettings(f"{vendors.at('openai')}/v1", KEY.reveal(), "m"))


def anthropic_llm(vendors: Vendors) -> AnthropicLanguageModel:
    return AnthropicLanguageModel(AnthropicSettings(KEY, vendors.at("anthropic")), "en")


@pytest.fixture
async def vendors() -> AsyncIterator[Vendors]:
    async with running_vendors(ToneWords()) as there:
        yield there


@pytest.mark.parametrize("make", [openai_llm, anthropic_llm])
async def test_a_model_calls_a_tool_and_speaks_of_what_it_gave(
    vendors: Vendors, make: Callable[[Vendors], LanguageModel]
) -> None:
    llm = make(vendors)
    try:
        (call,) = [piece async for piece in llm.think(PROMPT) if piece]
        assert isinstance(call, ToolCall)
        assert call.name == "find_order"
        assert json.loads(call.arguments) == {"id": 17, "who": ASKED.lower()}
        used = replace(PROMPT, used=(ToolUse(1, 2, 0, call, "On its way."),), said="One moment.")
        words = [piece async for piece in llm.think(used)]
        assert "".join(map(str, words)) == "It says: On its way."
        plain = [piece async for piece in llm.think(replace(PROMPT, tools=()))]
        assert not any(isinstance(piece, ToolCall) for piece in plain)
    finally:
        await llm.close()


async def test_the_vendors_own_client_reads_the_stand_ins_tool_calls(vendors: Vendors) -> None:
    function: FunctionDefinition = {"name": "end_call", "parameters": {
        "type": "object", "properties": {"goodbye": {"type": "string"}},
    }}  # fmt: skip
    async with (
        openai.AsyncOpenAI(api_key="k", base_url=f"{vendors.at('openai')}/v1") as client,
        client.chat.completions.stream(
            model="m",
            messages=[{"role": "user", "content": "Please hang up."}],
            tools=[{"type": "function", "function": function}],
        ) as stream,
    ):
        whole = await stream.get_final_completion()
    (call,) = whole.choices[0].message.tool_calls or []
    assert whole.choices[0].finish_reason == "tool_calls"
    assert json.loads(call.function.arguments)["goodbye"].endswith("Goodbye.")


def test_a_call_that_the_model_ends_is_over_once_its_goodbye_was_heard() -> None:
    agent = Agent("a", "ann", "Ann", builtin_tools=("end_call",))
    settings = Settings(conversation=TALK)

    async def call() -> None:
        async with running_vendors(Words()) as vendors:
            engines = Engines(
                OfflineEars(vendors.speech), OfflineVoice(vendors.speech), openai_llm(vendors),
                ScriptedDetector,
            )  # fmt: skip
            prepared = await phrases(engines, settings)
            async with a_call(engines, settings=settings, prepared=prepared, agent=agent) as one:
                await one.phone.agent_finishes()
                await one.phone.say(vendors.speech.sound("Please hang up."))
                assert await one.over()
            await engines.close()
        facts, phase = one.call.facts, one.call.phase
        assert [(use.call.name, use.result) for use in facts.tool_uses] == [
            ("end_call", "The call ends.")
        ]
        assert isinstance(phase, Ended)
        assert phase.reason == "agent_goodbye"
        assert facts.turns[-1].heard == "It was good to talk. Goodbye.", "to its end"
        with held():  # threads that libraries started look up names, if anything
            await asyncio.get_running_loop().shutdown_default_executor()

    run(call)
