"""What becomes of a language model's answer: sentences that can be said, or a failure."""

import pytest

from media import engine_jobs
from media.dialogue import Prompt
from media.effects import Think
from media.engine_jobs import think
from media.engines.scripted import ScriptedLanguageModel
from media.events import EngineFailed, Event, GenerationFinished, Sentence
from media.settings import SpeechSettings


async def answered(reply: str) -> list[Event]:
    posted: list[Event] = []
    await think(
        ScriptedLanguageModel([reply]), Think(3, Prompt("tea", ())), SpeechSettings(), posted.append
    )
    return posted


@pytest.mark.parametrize("reply", ["你好。很高兴。", "こんにちは", "👍 🎉", "*sighs*"])
async def test_an_answer_that_cannot_be_said_is_a_failure_and_not_silence(reply: str) -> None:
    assert await answered(reply) == [EngineFailed("thinker", 3)]


async def test_of_a_mixed_answer_what_can_be_said_is() -> None:
    assert await answered("你好。 Tea it is. 👍") == [
        Sentence(3, "Tea it is."),
        GenerationFinished(3),
    ]


@pytest.mark.parametrize("rules", ["speakable", "split_sentences"])
async def test_rules_of_ours_that_fail_on_words_leave_them_as_they_are(
    rules: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> str:
        raise IndexError("on 12/31")

    monkeypatch.setattr(engine_jobs, rules, fail)
    said = [event.text for event in await answered("On 12/31.") if isinstance(event, Sentence)]
    assert said == ["On 12/31."]
    assert "IndexError" in (logged := capsys.readouterr().out)
    assert "12/31" not in logged
