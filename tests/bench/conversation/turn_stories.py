"""Answers over the end of a question, and monologues: what becomes of them on the real runner."""

from functools import partial

from media.engines.base import Engines
from media.events import Recognised, SpeechPaused
from media.settings import ConversationSettings, Settings
from tests.bench.conversation.call import a_call
from tests.bench.conversation.clock import run
from tests.bench.conversation.engines import BenchModel, Models
from tests.bench.conversation.turn_texts import SENTENCES
from tests.bench.conversation.voices import speech
from tests.bench.machine import say

_WORDS = ("Yes.", "Yeah.", "Okay.", "Sure.")
_EARLIER_SECONDS = (0.15, 0.3, 0.5, 0.8)
_QUESTION = "Roses like the sun. Would you like to hear more about them?"
_VOICES = ("heart-high", "flite-slt", "heart-deep")


def report(models: Models) -> None:
    """Both."""
    engines = models.engines(BenchModel(["Very well.", "All right."]))
    end = run(partial(_end_of_question, engines))
    answers = [
        run(partial(_answers, engines, word, end - earlier))
        for word in _WORDS
        for earlier in _EARLIER_SECONDS
    ]
    say(f"a yes over the last 150-800 ms of a question is an answer: {_share(answers)}")
    for voice in _VOICES:
        said, kept, left, ready = run(partial(_monologue, engines, voice))
        say(
            f"monologue of {said:.0f} s, {voice}: {100 * kept:.0f} % of its words in the turn, "
            f"{left:.1f} s left for its end, known {1000 * ready:.0f} ms after the pause"
        )


def _share(answers: list[bool]) -> str:
    return f"{sum(answers)} of {len(answers)}"


async def _end_of_question(engines: Engines) -> float:
    """When the last sound of the question is heard, from the call's beginning."""
    async with a_call(engines, settings=_settings()) as call:
        await call.phone.agent_finishes()
        return call.phone.agent_spans[-1][1] - call.phone.began


def _settings() -> Settings:
    return Settings(conversation=ConversationSettings(greeting=_QUESTION))


async def _answers(engines: Engines, word: str, at: float) -> bool:
    """Whether a word said at that time is a turn that the mind answers."""
    async with a_call(engines, settings=_settings()) as call:
        await call.phone.pause(at)
        await call.phone.say(speech(word, "heart-deep"))
        await call.phone.pause(3.0)
        turns = [turn for turn in call.call.facts.turns if turn.speaker == "caller"]
    return len(turns) == 1


async def _monologue(engines: Engines, voice: str) -> tuple[float, float, float, float]:
    """Its seconds, the share of its words that are in turns, the seconds of sound left to recognise
    at its end, and how long after its last pause that was done."""
    texts = [text for _, text in SENTENCES if not text.startswith("@")][:40]
    sentences = [speech(text, voice) + b"\xff" * 1600 for text in texts]
    seconds = sum(map(len, sentences)) / 8000
    settings = Settings(conversation=ConversationSettings(greeting="Tell me all about it."))
    before = len(_heard(engines))
    async with a_call(engines, settings=settings) as call:
        await call.phone.agent_finishes()
        for sentence in sentences:
            await call.phone.say(sentence)
        await call.phone.pause(4.0)
        turns = [turn.text for turn in call.call.facts.turns if turn.speaker == "caller"]
        ready = call.log.times(Recognised)[-1] - call.log.times(SpeechPaused)[-1]
    wanted = [word.strip(".,?!").lower() for text in texts for word in text.split()]
    got = {word.strip(".,?!").lower() for text in turns for word in text.split()}
    kept = sum(word in got for word in wanted) / len(wanted)
    return seconds, kept, _heard(engines)[before:][-1][0], ready


def _heard(engines: Engines) -> list[tuple[float, str]]:
    return engines.speech_to_text.heard  # type: ignore[attr-defined, no-any-return]
