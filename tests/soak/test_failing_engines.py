"""A thousand failures of speech and language services: no call lost, no turn, nothing said twice.

In virtual time: the real runner, the real engines of other makers and their stand-ins talk over
real sockets of loopback, and only what is waited for takes time. What is said are tones, so that it
is exact what was heard. Each service takes as long as is stated below; offline engines come last.
"""

import asyncio
import random
from collections import Counter
from functools import partial
from typing import Any, cast

import msgspec
import pytest

from media.engines.base import Engines, LanguageModel, SpeechToText, TextToSpeech
from media.engines.llm.openai_llm import OpenAILanguageModel
from media.engines.llm.openai_llm import OpenAISettings as ModelSettings
from media.engines.scripted import ScriptedDetector, ScriptedLanguageModel
from media.fallback.engines import (
    FallbackLanguageModel,
    FallbackSpeechToText,
    FallbackTextToSpeech,
)
from media.providers import registry
from media.providers.anthropic.settings import AnthropicSettings
from media.providers.assemblyai.settings import AssemblyAISettings
from media.providers.cartesia.settings import CartesiaSettings
from media.providers.deepgram.settings import DeepgramSettings
from media.providers.elevenlabs.settings import ElevenLabsSettings
from media.settings import Settings
from sandbox.core.faults import VendorFault
from tests.bench.conversation.call import BenchCall, a_call, phrases
from tests.bench.conversation.clock import held, run
from tests.bench.machine import percentile, say
from tests.support.tones import TALK, OfflineEars, OfflineVoice
from tests.support.vendors import KEY, Sections, ToneWords, Vendors, running_vendors

pytestmark = pytest.mark.timeout(1200)

FAILURES = 1000
LISTEN_SECONDS = SPEAK_SECONDS = 0.15
THINK_SECONDS = 0.4
FORGET_SECONDS = 61.0  # so long at most nobody asks one that failed
LINES = (
    "I grow red beans.",
    "They need warm water.",
    "My roses look yellow.",
    "We have snails here.",
)
KINDS = {
    "ears": ("deepgram", "assemblyai"),
    "voice": ("elevenlabs", "cartesia"),
    "mind": ("anthropic", "openai"),
}
FAULTS = ("refuse", "hang", "close", "garbage")


def engines_of(vendors: Vendors) -> Engines:
    """Two services of each kind, and the offline one after them."""
    sections = Sections(
        deepgram=DeepgramSettings(KEY, vendors.at("deepgram")),
        assemblyai=AssemblyAISettings(KEY, vendors.at("assemblyai")),
        elevenlabs=ElevenLabsSettings(KEY, vendors.at("elevenlabs")),
        cartesia=CartesiaSettings(KEY, vendors.at("cartesia")),
        anthropic=AnthropicSettings(KEY, vendors.at("anthropic")),
    )

    def made(kind: registry.Kind, name: str) -> Any:
        return registry.make(kind, name, cast("registry.ProviderSections", sections), "en")

    ears: dict[str, SpeechToText] = {
        **{name: made("speech_to_text", name) for name in KINDS["ears"]},
        "offline": OfflineEars(vendors.speech),
    }
    voices: dict[str, TextToSpeech] = {
        **{name: made("text_to_speech", name) for name in KINDS["voice"]},
        "offline": OfflineVoice(vendors.speech),
    }
    minds: dict[str, LanguageModel] = {
        "anthropic": made("llm", "anthropic"),
        "openai": OpenAILanguageModel(
            ModelSettings(f"{vendors.at('openai')}/v1", "a-key", "a-model")
        ),
        "offline": ScriptedLanguageModel(["I see. What matters most to you about that?"]),
    }
    return Engines(
        FallbackSpeechToText("recogniser", ears),
        FallbackTextToSpeech("voice", voices),
        FallbackLanguageModel("thinker", minds),
        ScriptedDetector,
    )


class Outcome(msgspec.Struct):
    """What came of all calls so far."""

    calls: int = 0
    lost: int = 0
    turns: int = 0
    waits: list[float] = []
    wrong: list[str] = []
    struck: Counter[str] = msgspec.field(default_factory=Counter)


def test_a_thousand_failures_lose_no_call_and_no_turn() -> None:
    found = run(partial(_days, random.Random(15)))
    first = [percentile(found.waits, share) for share in (0.5, 0.9, 0.99)]
    by = ", ".join(f"{what} {number}" for what, number in sorted(found.struck.items()))
    say(f"N = {sum(found.struck.values())} failures: {by}")
    say(
        f"{found.calls} calls, {found.lost} lost; {found.turns} turns, {len(found.wrong)} lost, "
        f"misheard or said twice; first sound after the caller's last, virtual time: median "
        f"{first[0]:.2f} s, 90 % {first[1]:.2f} s, 99 % {first[2]:.2f} s, "
        f"most {max(found.waits):.2f} s"
    )
    for wrong in found.wrong:
        say(wrong)
    assert sum(found.struck.values()) >= FAILURES
    assert found.lost == 0
    assert not found.wrong
    assert first[2] <= 2.0


async def _days(chance: random.Random) -> Outcome:
    """Calls until so many failures were met."""
    found = Outcome()
    async with running_vendors(ToneWords(LISTEN_SECONDS), found.struck) as vendors:
        vendors.think_seconds = THINK_SECONDS
        engines = engines_of(vendors)
        try:
            prepared = await phrases(engines, Settings(conversation=TALK))
            fillers = {text: vendors.speech.sound(text) for text in TALK.fillers}
            while sum(found.struck.values()) < FAILURES:
                await _call(engines, {**prepared, **fillers}, vendors, chance, found)
        finally:
            await engines.close()
    with held():  # threads that libraries started look up names, if anything
        await asyncio.get_running_loop().shutdown_default_executor()
    return found


async def _call(
    engines: Engines,
    prepared: dict[str, bytes],
    vendors: Vendors,
    chance: random.Random,
    found: Outcome,
) -> None:
    """Four turns, with failures of some kinds in each."""
    found.calls += 1
    said = []
    async with a_call(engines, settings=Settings(conversation=TALK), prepared=prepared) as call:
        await call.phone.agent_finishes()
        for text in LINES:
            faults = _faults(chance)
            vendors.fail_all(faults)
            _, ended = await call.phone.say(vendors.speech.sound(text))
            ended -= 60 / 1000  # of silence after each word
            await call.phone.agent_answers(ended, quiet=4.0, patience=30)
            vendors.fail_all({})
            said.append((text, ended, faults))
        await _judge(call, vendors, said, found)
        found.lost += call.is_over
    await call.phone.pause(FORGET_SECONDS)


def _faults(chance: random.Random) -> dict[str, VendorFault]:
    """Of one kind or more, of the first of the two services or both."""
    return {
        vendor: VendorFault(
            chance.choice(FAULTS),  # type: ignore[arg-type]
            status=chance.choice((401, 429, 500, 503)),
            after_messages=chance.randrange(4),
        )
        for kind in chance.sample(sorted(KINDS), chance.choice((1, 1, 2, 3)))
        for vendor in KINDS[kind][: chance.choice((1, 2))]
    }


async def _judge(
    call: BenchCall,
    vendors: Vendors,
    said: list[tuple[str, float, dict[str, VendorFault]]],
    found: Outcome,
) -> None:
    """Each line is a turn of the caller's, in order, with one answer, whose words were heard."""
    turns = [turn for turn in call.call.facts.turns if turn.heard.strip()]
    asked = [turn.heard for turn in turns if turn.speaker == "caller"]
    if asked != [text for text, *_ in said]:
        found.wrong.append(f"asked {asked}")
    for text, ended, faults in said:
        found.turns += 1
        heard_at = call.phone.first_audible(ended)
        if heard_at is None:
            found.wrong.append(f"{text} was answered with silence: {faults}")
            continue
        found.waits.append(heard_at - ended)
    answers = [turn.heard for turn in turns if turn.speaker == "agent"]
    spoken = [word for word in " ".join(answers).split() if word not in TALK.fillers]
    ear = vendors.speech.words(bytes(call.phone.ear)).split()
    ear = [word for word in ear if word not in TALK.fillers]
    twice = len(ear) - len(spoken)
    if any("Sorry" in answer for answer in answers) or len(answers) != len(said) + 1:
        found.wrong.append(f"{answers}: {said}")
    elif abs(twice) > len(said):  # where one voice goes on for another, it may cut a word
        found.wrong.append(f"{answers} were heard as {ear}: {said}")
