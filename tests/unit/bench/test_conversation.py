"""The rig of `python -m tests.bench conversation`: its clock, its telephone and a whole call."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from media.engines.base import Engines
from media.engines.scripted import ScriptedDetector, ScriptedSpeechToText, ScriptedTextToSpeech
from media.events import TurnPlayed
from sandbox.core.channel.channel import Channel
from sandbox.core.channel.settings import LineSettings
from tests.bench.conversation.call import a_call
from tests.bench.conversation.clock import StuckError, VirtualLoop, run, worked
from tests.bench.conversation.engines import BenchModel
from tests.support.sound import tone


def test_time_jumps_to_the_next_timer_and_nowhere_else() -> None:
    async def main() -> list[tuple[str, float]]:
        loop, seen = asyncio.get_running_loop(), []

        async def wait(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            seen.append((name, loop.time()))

        async with asyncio.TaskGroup() as group:
            group.create_task(wait("late", 3600.0))
            group.create_task(wait("early", 0.02))
        return seen

    (first, early), (second, late) = run(main)
    assert (first, second) == ("early", "late")
    assert [early, late] == pytest.approx([0.02, 3600.0])


def test_time_stands_still_for_work_and_takes_what_the_work_is_said_to_take() -> None:
    async def main() -> tuple[str, float, list[float]]:
        loop, ticks = asyncio.get_running_loop(), []
        loop.call_later(0.05, lambda: ticks.append(loop.time()))
        with ThreadPoolExecutor(1) as pool:
            result = await worked(loop.run_in_executor(pool, _work), 0.3)
        return result, loop.time(), ticks

    result, now, ticks = run(main)
    assert result == "words"
    assert [now, *ticks] == pytest.approx([0.3, 0.05])


def _work() -> str:
    time.sleep(0.1)  # real work, so that a loop that did not wait for it would be ahead
    return "words"


def test_a_limit_passes_in_virtual_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.sleep(6)
        return asyncio.get_running_loop().time()

    assert run(main) == pytest.approx(5.0)


def test_waiting_for_nothing_is_an_error() -> None:
    with pytest.raises(StuckError):
        run(lambda: asyncio.Event().wait())


def test_a_call_on_the_rig() -> None:
    """A burst is taken for a turn and answered; an echo comes back into the microphone, late."""
    engines = Engines(
        ScriptedSpeechToText(["What is it?"]), ScriptedTextToSpeech(100), BenchModel(["It is so."]),
        lambda: ScriptedDetector(60),
    )  # fmt: skip
    channel = Channel(LineSettings(echo_db=-30, echo_delay_ms=200))

    async def main() -> None:
        assert isinstance(asyncio.get_running_loop(), VirtualLoop)
        async with a_call(engines, channel=channel, network_seconds=0.04) as call:
            phone = call.phone
            assert await phone.agent_finishes()
            (greeted, fell_silent), said = phone.agent_spans[-1], phone.now
            began, ended = await phone.say(tone(400, 400))
            assert [began, ended] == pytest.approx([said, said + 0.4])
            assert await phone.agent_answers(ended)
            assert phone.first_audible(ended) == pytest.approx(ended + 1.35, abs=0.35)
            assert call.log.heard("agent")[-1] == "It is so."
            assert call.log.heard("caller") == ["What is it?"]
            assert not any(turn.cut for turn in call.log.events(TurnPlayed))
            echo = phone.mouth[int((greeted - phone.began + 0.2) * 8000) :][:800]
            assert len(set(echo)) > 2
            assert set(phone.mouth[: int((greeted - phone.began + 0.18) * 8000)]) <= {0xFF, 0x7F}
            assert fell_silent > greeted
        assert call.is_over

    run(main)
