"""Whatever an endpoint streams: words, or one error, and never what no journal can keep.

TALKING_TEST_STREAMS says how many streams each property is tried on.
"""

import asyncio
import json
import os
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

STREAMS = int(os.environ.get("TALKING_TEST_STREAMS", "100"))
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
                words += piece if isinstance(piece, str) else ""
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


@pytest.fixture(scope="module")
def plain_mind() -> Iterator[Mind]:
    """One that has read no tags of a model's thoughts: they tell how its next reply begins."""
    made = Mind()
    yield made
    made.close()


def first_thought(reply: Reply) -> tuple[str, bool]:
    """Of one that has read nothing before."""
    made = Mind()
    try:
        return made.thought(reply)
    finally:
        made.close()


@given(replies)
@settings(max_examples=STREAMS, deadline=None)
def test_words_or_an_engine_error_and_nothing_else(mind: Mind, reply: Reply) -> None:
    words, _ = mind.thought(reply)
    assert words == storable(words)
    assert not TAG.search(words)


@given(bodies, places, st.booleans())
@settings(max_examples=30, deadline=None)
def test_where_the_network_cuts_changes_nothing(body: bytes, where: list[int], fine: bool) -> None:
    pieces = cut(body, list(range(min(len(body), 500))) if fine else where)
    whole = first_thought(Reply(200, "text/event-stream", (body,)))
    assert first_thought(Reply(200, "text/event-stream", pieces)) == whole


def streamed(deltas: list[str], between: str, end: str) -> bytes:
    """A whole answer as endpoints send it: a chunk for each delta, and what may stand between."""
    chunks = [
        json.dumps({"choices": [{"index": 0, "delta": {"content": each}}]}) for each in deltas
    ]
    last = '{"choices":[{"delta":{},"finish_reason":"stop"}]}'
    return "".join(f"{between}data: {one}{end}{end}" for one in (*chunks, last, "[DONE]")).encode()


@given(
    st.lists(st.text("ab Zéß好😀.,!?'0", max_size=6), min_size=1, max_size=12),
    st.sampled_from(("", ": ping\n\n", "event: message\n", "id: 7\n")),
    st.sampled_from(("\n", "\r\n")),
    places,
)
@settings(max_examples=STREAMS, deadline=None)
def test_no_word_of_a_whole_answer_is_lost_wherever_it_is_cut(
    plain_mind: Mind, deltas: list[str], between: str, end: str, where: list[int]
) -> None:
    body = streamed(deltas, between, end)
    words, is_whole = plain_mind.thought(Reply(200, "text/event-stream", cut(body, where)))
    said = "".join(deltas).strip()
    assert is_whole == bool(said)
    assert words.strip() == said
