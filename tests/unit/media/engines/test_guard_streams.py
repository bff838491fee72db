"""Whatever an endpoint streams: words, or one error, and never what no journal can keep."""

import asyncio
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.dialogue import Prompt, storable
from media.engines import guard
from media.engines.base import EngineError
from media.engines.llm.openai_llm import OpenAILanguageModel
from tests.support.odd_streams import Reply, answering, bodies, cut, places, replies

PROMPT = Prompt("tea", ())
TAG = re.compile(r"<\|[^<>]{0,40}\|>|</?think(?:ing)?>|<(?:start|end)_of_turn>|</s>", re.IGNORECASE)


class Mind:
    """One language model on a loop of its own, as making its client takes long."""

    def __init__(self) -> None:
        self.reply = Reply(200, "", ())
        self._runner = asyncio.Runner()
        self._llm = self._runner.run(self._made())

    async def _made(self) -> OpenAILanguageModel:
        return answering(lambda: self.reply)

    def thought(self, reply: Reply) -> tuple[str, bool]:
        """The words of an answer, and whether it was a whole one."""
        self.reply = reply
        return self._runner.run(self._think())

    async def _think(self) -> tuple[str, bool]:
        words = ""
        try:
            async for piece in guard.thought(self._llm, PROMPT):
                words += piece
        except EngineError:
            return words, False
        return words, True

    def close(self) -> None:
        self._runner.run(self._llm.close())
        self._runner.close()


@pytest.fixture(scope="module")
def mind() -> Iterator[Mind]:
    made = Mind()
    yield made
    made.close()


@given(replies)
@settings(max_examples=60, deadline=None)
def test_words_or_an_engine_error_and_nothing_else(mind: Mind, reply: Reply) -> None:
    words, _ = mind.thought(reply)
    assert words == storable(words)
    assert not TAG.search(words)


@given(bodies, places, st.booleans())
@settings(max_examples=30, deadline=None)
def test_where_the_network_cuts_changes_nothing(
    mind: Mind, body: bytes, where: list[int], fine: bool
) -> None:
    pieces = cut(body, list(range(min(len(body), 500))) if fine else where)
    whole = mind.thought(Reply(200, "text/event-stream", (body,)))
    assert mind.thought(Reply(200, "text/event-stream", pieces)) == whole
