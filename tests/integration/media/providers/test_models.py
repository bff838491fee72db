"""Anthropic's wire: an answer as it comes, and faults."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from media.consumption import metered
from media.dialogue import Prompt, Turn
from media.engines.base import EngineError, LanguageModel
from media.engines.scripted import ScriptedLanguageModel
from media.fallback.engines import FallbackLanguageModel
from media.providers.anthropic.llm import AnthropicLanguageModel
from media.providers.anthropic.settings import AnthropicSettings
from sandbox.core.faults import VendorFault
from tests.integration.media.providers.conftest import KEY, Vendors

PROMPT = Prompt("gardens", (Turn("caller", "I like them.", "I like them."),))


@pytest.fixture
async def llm(vendors: Vendors) -> AsyncIterator[AnthropicLanguageModel]:
    model = AnthropicLanguageModel(AnthropicSettings(KEY, vendors.at("anthropic")), "en")
    yield model
    await model.close()


async def answer(llm: AnthropicLanguageModel) -> list[str]:
    return [piece async for piece in llm.think(PROMPT) if isinstance(piece, str)]


async def test_answers_in_pieces(llm: AnthropicLanguageModel) -> None:
    with metered(found := Counter[str]()):
        pieces = await answer(llm)
    assert found == {"anthropic.llm.input": 1, "anthropic.llm.output": 1}, "as the stand-in tells"
    assert len(pieces) > 2
    assert "".join(pieces) == "That makes sense. How did it begin?"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (VendorFault("refuse", status=529), "HTTP 529"),
        (VendorFault("close", after_messages=5), "ClientPayloadError"),
        (VendorFault("garbage", after_messages=5), "broke off"),
    ],
    ids=["refuse", "close", "garbage"],
)
async def test_what_goes_wrong_is_told(
    vendors: Vendors, llm: AnthropicLanguageModel, fault: VendorFault, reason: str
) -> None:
    vendors.fail("anthropic", fault)
    with pytest.raises(EngineError, match=reason):
        await answer(llm)


async def test_what_was_told_of_an_answer_that_failed_or_nobody_wanted_is_counted(
    vendors: Vendors, llm: AnthropicLanguageModel
) -> None:
    told = {"anthropic.llm.input": 1, "anthropic.llm.output": 1}
    vendors.fail("anthropic", VendorFault("close", after_messages=2))
    models: dict[str, LanguageModel] = {
        "anthropic": llm,
        "scripted": ScriptedLanguageModel(["Well."]),
    }
    with metered(found := Counter[str]()):
        said = [piece async for piece in FallbackLanguageModel("thinker", models).think(PROMPT)]
    assert ("".join(map(str, said)).strip(), found) == ("Well.", told)
    vendors.fail("anthropic", VendorFault("hang", after_messages=5))
    with metered(found := Counter[str]()):
        answer = llm.think(PROMPT)
        await anext(answer)
        await answer.aclose()
    assert found == told
