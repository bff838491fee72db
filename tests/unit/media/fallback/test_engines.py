"""Several engines as one: whatever one of them does, the turn is not lost and not said twice."""

from collections.abc import AsyncIterator

import pytest

from media.audio.mulaw import SAMPLE_RATE
from media.dialogue import Prompt
from media.engines.base import (
    EngineError,
    LanguageModel,
    SpeechToText,
    Spoken,
    TextToSpeech,
    Understood,
)
from media.engines.scripted import (
    Behaviour,
    ScriptedLanguageModel,
    ScriptedSession,
    ScriptedSpeechToSpeech,
    ScriptedSpeechToText,
    ScriptedTextToSpeech,
)
from media.fallback.engines import (
    FallbackLanguageModel,
    FallbackSpeechToSpeech,
    FallbackSpeechToText,
    FallbackTextToSpeech,
)

PROMPT = Prompt("gardens", ())
TEXT = "one two three four five six seven eight nine ten"
BROKEN = [
    Behaviour(fails=True),
    Behaviour(raises=RuntimeError("whatever")),
    Behaviour(hangs=True),
]


async def said(voice: TextToSpeech, text: str = TEXT) -> bytes:
    return b"".join([chunk async for chunk in voice.speak(text)])


async def thought(llm: LanguageModel) -> str:
    return "".join([piece async for piece in llm.think(PROMPT) if isinstance(piece, str)])


@pytest.mark.parametrize("broken", BROKEN, ids=["fails", "raises", "hangs"])
async def test_another_voice_speaks(broken: Behaviour) -> None:
    good = ScriptedTextToSpeech()
    voice = FallbackTextToSpeech(
        "voice", {"bad": ScriptedTextToSpeech(behaviour=broken), "good": good}
    )
    assert await said(voice) == await said(good)


async def test_another_voice_says_the_rest_of_a_sentence() -> None:
    broken = ScriptedTextToSpeech(behaviour=Behaviour(after_pieces=5, fails=True))
    spoken: list[str] = []

    class Good(ScriptedTextToSpeech):
        def speak(self, text: str) -> AsyncIterator[bytes]:
            spoken.append(text)
            return super().speak(text)

    voice = FallbackTextToSpeech("voice", {"bad": broken, "good": Good()})
    await said(voice)
    [rest] = spoken
    assert TEXT.endswith(rest)
    assert 0 < len(rest) < len(TEXT)


async def test_the_one_that_failed_is_not_asked_for_the_next_sentence() -> None:
    broken = ScriptedTextToSpeech(behaviour=Behaviour(after_pieces=1, fails=True))
    voice = FallbackTextToSpeech("voice", {"bad": broken, "good": ScriptedTextToSpeech()})
    await said(voice)
    assert len(await said(voice, "one two")) == 2 * 300 * SAMPLE_RATE // 1000


async def test_when_no_voice_is_left_that_is_told() -> None:
    broken = Behaviour(fails=True)
    voices = {name: ScriptedTextToSpeech(behaviour=broken) for name in ("a", "b")}
    with pytest.raises(EngineError):
        await said(FallbackTextToSpeech("voice", voices))


@pytest.mark.parametrize("broken", BROKEN, ids=["fails", "raises", "hangs"])
async def test_other_ears_hear(broken: Behaviour) -> None:
    engines: dict[str, SpeechToText] = {
        "bad": ScriptedSpeechToText(["never"], broken),
        "good": ScriptedSpeechToText(["Hello."]),
    }
    assert await FallbackSpeechToText("recogniser", engines).recognise(b"") == Understood("Hello.")


@pytest.mark.parametrize("broken", BROKEN, ids=["fails", "raises", "hangs"])
async def test_another_model_answers(broken: Behaviour) -> None:
    engines: dict[str, LanguageModel] = {
        "bad": ScriptedLanguageModel(["Never said."], broken),
        "good": ScriptedLanguageModel(["I see. And then?"]),
    }
    assert await thought(FallbackLanguageModel("thinker", engines)) == "I see. And then?"


async def test_an_answer_that_breaks_off_after_a_sentence_is_one() -> None:
    broken = Behaviour(after_pieces=1, fails=True)
    engines: dict[str, LanguageModel] = {
        "bad": ScriptedLanguageModel(["It is so. And this is lost."], broken),
        "good": ScriptedLanguageModel(["Said twice."]),
    }
    assert await thought(FallbackLanguageModel("thinker", engines)) == "It is so. "


async def test_half_a_sentence_is_never_said() -> None:
    class Halting(ScriptedLanguageModel):
        async def think(self, prompt: Prompt) -> AsyncIterator[str]:
            del prompt
            yield "I would "
            raise EngineError("it broke off")

    engines: dict[str, LanguageModel] = {
        "bad": Halting([""]),
        "good": ScriptedLanguageModel(["Let us begin."]),
    }
    assert await thought(FallbackLanguageModel("thinker", engines)) == "Let us begin."


async def test_a_model_that_speaks_itself_is_left_out_for_a_while_after_a_session_failed() -> None:
    class Gone(ScriptedSpeechToSpeech):
        def open(self) -> ScriptedSession:
            session = super().open()
            session.run = gone  # type: ignore[method-assign]
            return session

    async def gone(prompt: Prompt) -> None:
        raise EngineError("closed")

    first, second = Gone([]), ScriptedSpeechToSpeech(["Fine."])
    several = FallbackSpeechToSpeech("speech_to_speech", {"first": first, "second": second})
    session = several.open()
    assert session is not None
    with pytest.raises(EngineError):
        await session.run(PROMPT)
    other = several.open()
    assert other is not None
    replied = [piece async for piece in other.reply(PROMPT) if isinstance(piece, Spoken)]
    assert [piece.text for piece in replied if piece.text] == ["Fine. "]
    assert (len(first.sessions), len(second.sessions)) == (1, 1)
    alone = FallbackSpeechToSpeech("speech_to_speech", {"first": first})
    failing = alone.open()
    assert failing is not None
    with pytest.raises(EngineError):
        await failing.run(PROMPT)
    assert alone.open() is None, "the call does without"


async def test_one_that_cannot_even_be_opened_is_left_out_as_well() -> None:
    class Raising(ScriptedSpeechToSpeech):
        opened = 0

        def open(self) -> ScriptedSession:
            self.opened += 1
            raise RuntimeError("whatever")

    raising = Raising([])
    several = FallbackSpeechToSpeech("speech_to_speech", {"raising": raising})
    assert [several.open(), several.open(), raising.opened] == [None, None, 1]
