"""A reply with sound of its own, told as facts; whatever happens to it, the turn is answered."""

import asyncio

import pytest

from media.dialogue import Prompt
from media.engines.scripted import GOOD, Behaviour, ScriptedSpeechToSpeech
from media.events import Event, GenerationFinished, Sentence
from media.speech_to_speech.answer import _Words, answer
from media.speech_to_speech.reply import SpokenReply

PROMPT = Prompt("tea", ())
TEXT = "I see. What matters most to you?"


async def answered(
    text: str = TEXT, behaviour: Behaviour = GOOD, word_ms: int = 40
) -> tuple[SpokenReply, list[str], list[str]]:
    """The reply, its words as they were posted, and who else was asked."""
    posted: list[Event] = []
    others: list[str] = []
    reply = SpokenReply(lambda _: None)

    async def ask_other() -> None:
        others.append("asked")

    session = ScriptedSpeechToSpeech([text], word_ms, behaviour).open()
    await answer(session, PROMPT, reply, 0.2, posted.append, ask_other)
    sentences = [event.text for event in posted if isinstance(event, Sentence)]
    assert (GenerationFinished(0) in posted) != bool(others), "one of them ends the turn"
    return reply, sentences, others


async def test_the_first_words_are_told_with_their_sound_then_sentences() -> None:
    reply, sentences, others = await answered()
    assert sentences == ["I", "see.", "What matters most to you?"]
    assert (reply.text, others) == (TEXT, [])
    assert reply.seconds == pytest.approx(7 * 0.04)


async def test_no_letter_is_lost_where_sentences_follow_each_other_without_a_space() -> None:
    text = "你好。今天好吗？我很好。"
    posted: list[Event] = []
    reply = SpokenReply(lambda _: None)
    words = _Words(reply, posted.append)
    reply.sound(b"\x10" * 800)
    for letter in text:
        words.take(letter)
    words.end()
    assert [event.text for event in posted if isinstance(event, Sentence)] == [
        "你好。", "今天好吗？", "我很好。",
    ]  # fmt: skip
    assert (reply.told, reply.text) == (["你好。", "今天好吗？", "我很好。"], text)


async def test_words_without_sound_are_another_voices() -> None:
    reply, sentences, others = await answered(word_ms=0)
    assert (" ".join(sentences), others) == (TEXT, [])
    assert reply.told == []


@pytest.mark.parametrize(
    "how", [Behaviour(fails=True), Behaviour(raises=OSError()), Behaviour(hangs=True)]
)
async def test_who_fails_before_a_word_is_replaced(how: Behaviour) -> None:
    _, sentences, others = await answered(behaviour=how)
    assert (sentences, others) == ([], ["asked"])


async def test_an_empty_reply_is_replaced() -> None:
    _, sentences, others = await answered(text="")
    assert (sentences, others) == ([], ["asked"])


async def test_who_breaks_off_after_a_sentence_has_answered() -> None:
    reply, sentences, others = await answered(behaviour=Behaviour(after_pieces=8, fails=True))
    assert (sentences, others) == (["I", "see."], [])
    assert reply.text == "I see."  # half a sentence is not said


async def test_who_breaks_off_in_the_first_sentence_is_replaced() -> None:
    reply, sentences, others = await answered(
        text="What matters most to you?", behaviour=Behaviour(after_pieces=4, fails=True)
    )
    assert (sentences, others) == (["What"], ["asked"])
    assert reply.text == "What matters"


async def test_all_words_are_told_when_playback_is_stopped() -> None:
    posted: list[Event] = []
    reply = SpokenReply(lambda _: None)
    session = ScriptedSpeechToSpeech(
        [TEXT], behaviour=Behaviour(after_pieces=10, hangs=True)
    ).open()

    async def no_other() -> None:
        raise AssertionError

    async with asyncio.TaskGroup() as group:
        work = group.create_task(answer(session, PROMPT, reply, 5.0, posted.append, no_other))
        for _ in range(20):  # steps of the loop, of which it needs a few
            await asyncio.sleep(0)
        assert reply.text == "I see. What matters most"
        reply.stopped(reply.text, 100)
        work.cancel()
    assert posted[-1] == Sentence(0, "What matters most")
    assert reply.soundless("I see.") == "see."  # 0.2 s of sound: it was broken off
