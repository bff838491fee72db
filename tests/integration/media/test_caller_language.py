"""A whole call that changes its language: ears tell it by a vendor's wire, the caller hears it."""

import asyncio
from typing import Any

from media.agent import Agent
from media.call import fold
from media.effects import Record
from media.engines.base import AUTO, Engines
from media.engines.scripted import ScriptedDetector, ScriptedLanguageModel
from media.languages.language import sentence
from media.providers import registry
from media.providers.deepgram.settings import DeepgramSettings
from media.settings import Settings, SpeechSettings
from tests.bench.conversation.call import a_call
from tests.bench.conversation.clock import held, run
from tests.support.tones import TALK, OfflineEars, OfflineVoice, Words
from tests.support.vendors import KEY, Sections, running_vendors

ANN = Agent("a", "ann", "Ann", languages=("de", "en", "es", "fr"))
SPANISH = "Quisiera hablar de mi jardín, por favor."
ENGLISH = "I would rather speak English with you."


def test_a_caller_who_speaks_spanish_is_answered_in_it_and_in_english_once_they_go_back() -> None:
    settings = Settings(conversation=TALK, speech=SpeechSettings(think_ahead=False))
    llm = ScriptedLanguageModel(["Muy bien.", "Good."])
    silence = settings.conversation.silence_prompt_seconds

    async def call() -> None:
        async with running_vendors(Words()) as vendors:
            speech = vendors.speech
            sections: Any = Sections(deepgram=DeepgramSettings(KEY, vendors.at("deepgram")))
            telling = registry.make("speech_to_text", "deepgram", sections, AUTO)
            voices = {one: {"": OfflineVoice(speech)} for one in ("en", "es")}
            engines = Engines(
                OfflineEars(speech), voices["en"][""], llm, ScriptedDetector,
                recognisers=lambda language: {"": telling} if language == AUTO else {},
                voices=lambda language: voices[language],
            ).chosen("en", tells_language=True)  # fmt: skip
            async with a_call(engines, settings=settings, agent=ANN) as one:
                await one.phone.agent_finishes()
                _, ended = await one.phone.say(speech.sound(SPANISH))
                await one.phone.agent_answers(ended)
                assert one.call.settings.language == "es"
                await one.phone.agent_answers(one.phone.now, patience=2 * silence)
                _, ended = await one.phone.say(speech.sound(ENGLISH))
                await one.phone.agent_answers(ended)
            await engines.close()
        assert one.call.settings == settings
        assert [prompt.language for prompt in llm.prompts] == ["es", "en"]
        still_there = sentence("es", "conversation", "silence_prompt")
        heard = [turn.heard for turn in one.call.facts.turns]
        assert heard[1:] == [SPANISH, "Muy bien.", still_there, ENGLISH, "Good."]
        told = [each.language for each in one.log.emitted if isinstance(each, Record)]
        assert [language for language in told if language] == ["es", "en"]
        assert fold(settings, one.log.journal).facts.turns == one.call.facts.turns
        with held():  # threads that libraries started look up names, if anything
            await asyncio.get_running_loop().shutdown_default_executor()

    run(call)
