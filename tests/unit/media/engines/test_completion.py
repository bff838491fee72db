"""Words that are written: whatever the mind does, the job that asked learns it as one error."""

import asyncio

import pytest

from media.dialogue import Prompt
from media.engines.base import EngineError
from media.engines.completion import complete
from media.engines.scripted import Behaviour, ScriptedLanguageModel

PROMPT = Prompt("tea", (), form="text")


async def test_all_pieces_are_put_together() -> None:
    assert (
        await complete(ScriptedLanguageModel([" Tea it is. Good. "]), PROMPT, 1.0)
        == "Tea it is. Good."
    )


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(fails=True),
        Behaviour(hangs=True),
        Behaviour(raises=AttributeError("delta")),
        Behaviour(after_pieces=1, raises=ExceptionGroup("two", [KeyError("x"), OSError()])),
        Behaviour(raises=asyncio.CancelledError()),
    ],
)
async def test_a_mind_that_fails_in_any_way_is_one_kind_of_error(behaviour: Behaviour) -> None:
    with pytest.raises(EngineError):
        await complete(ScriptedLanguageModel(["Tea. Time."], behaviour), PROMPT, 0.05)


async def test_a_mind_that_says_nothing_has_failed() -> None:
    with pytest.raises(EngineError):
        await complete(ScriptedLanguageModel(["  "]), PROMPT, 1.0)
