"""Random streams of a language model in whole calls and written answers: none is lost to them.

Calls run in virtual time. TALKING_TEST_STREAMS says how many streams; 10,000 take some minutes.
"""

import asyncio
import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from media.dialogue import Form, Prompt, storable
from media.engines.base import EngineError, Engines
from media.engines.completion import complete
from media.engines.llm.openai_llm import OpenAILanguageModel
from media.engines.scripted import ScriptedDetector, ScriptedSpeechToText, ScriptedTextToSpeech
from media.events import Broken, TurnPlayed
from media.phases.ending import Ended
from server.texts.segments import plain, segments
from tests.bench.conversation.call import a_call
from tests.bench.conversation.clock import VirtualLoop
from tests.bench.machine import say
from tests.support.odd_streams import Reply, answering, replies
from tests.support.sound import tone

pytestmark = pytest.mark.timeout(1800)

STREAMS = int(os.environ.get("TALKING_TEST_STREAMS", "10000"))
CALL_SECONDS = 12.0
FORMS: tuple[Form, ...] = ("text", "letter", "summary")
seen: Counter[str] = Counter()


class Minds:
    """One language model for all, on one virtual loop."""

    def __init__(self) -> None:
        self.reply = Reply(200, "", ())
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.llm = self.runner.run(self._made())
        loop = self.runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        self.loop = loop

    async def _made(self) -> OpenAILanguageModel:
        return answering(lambda: self.reply)


def test_no_stream_loses_a_call_or_a_written_answer() -> None:
    minds = Minds()

    @given(replies)
    @settings(
        max_examples=STREAMS,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    def one(reply: Reply) -> None:
        minds.reply = reply
        minds.runner.run(_written(minds.llm))
        minds.runner.run(_call(minds.llm))
        seen["streams"] += 1

    try:
        one()
    finally:
        say(f"{dict(seen)}")
        minds.runner.run(minds.llm.close())
        minds.loop.held += 1  # the client used threads, which are joined now
        minds.runner.close()
    assert seen["streams"] >= STREAMS


async def _written(llm: OpenAILanguageModel) -> None:
    """A text, an e-mail or a summary: words that can be kept, or what jobs retry after."""
    form = FORMS[seen["streams"] % len(FORMS)]
    try:
        words = await complete(llm, Prompt("tea", (), form=form), 15.0)
    except EngineError:
        seen["written: error"] += 1
        return
    assert words.strip()
    assert words == storable(words)
    assert segments(plain(words)).count > 0
    seen["written: words"] += 1


async def _call(llm: OpenAILanguageModel) -> None:
    """A caller says something to it: they hear an answer or the apology, and the call goes on until
    it is ended in order."""
    engines = Engines(
        ScriptedSpeechToText(["What is it?"] * 5),
        ScriptedTextToSpeech(100),
        llm,
        lambda: ScriptedDetector(60),
    )
    async with a_call(engines) as call:
        await call.log.sees(TurnPlayed)
        began = asyncio.get_running_loop().time()
        await call.phone.say(tone(400, 600))
        played = len(call.log.events(TurnPlayed))
        async with asyncio.timeout(CALL_SECONDS):
            await call.log.until(lambda: call.is_over or len(call.log.events(TurnPlayed)) > played)
        seen["longest answer, ms"] = max(
            seen["longest answer, ms"],
            int((asyncio.get_running_loop().time() - began) * 1000),
        )
    assert isinstance(call.call.phase, Ended)
    assert not call.log.events(Broken)
    assert call.call.phase.status == "ended", call.call.phase
    for _, event in call.log.journal:
        assert "\x00" not in repr(event)
    seen["calls"] += 1
