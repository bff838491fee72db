"""What is to be said becomes sound: of the voice, or of a reply that has sound of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from media.effects import EndTurn, Say, SayOn
from media.engines.scripted import ScriptedTextToSpeech
from media.events import Event, TurnPlayed
from media.playback.speaking import Play, Speaking
from media.playback.speech_queue import SpeechQueue
from media.settings import SpeechSettings
from media.speech_to_speech.reply import SpokenReply

OWN = b"\x20" * 4000  # of a reply: half a second
T = 1000.0
SETTINGS = SpeechSettings(lead_ms=60_000, sentence_gap_ms=0)


class Box:
    """A queue, its playback, and what was sent of it."""

    def __init__(self) -> None:
        self.speaking = Speaking(SETTINGS)
        self.posted: list[Event] = []
        self.queue = SpeechQueue(
            ScriptedTextToSpeech(100), self.speaking, {}, 1.0, self.posted.append, lambda: None
        )
        self.sent = b""

    async def settle(self) -> None:
        for _ in range(30):
            await asyncio.sleep(0)
        out, _ = self.speaking.pull(T)
        self.sent += b"".join(item.mulaw for item in out if isinstance(item, Play))

    def stopped(self, seconds: float) -> TurnPlayed:
        _, [fact] = self.speaking.stop_playback(T + seconds)
        assert isinstance(fact, TurnPlayed)
        return fact


@asynccontextmanager
async def speaking() -> AsyncIterator[Box]:
    box = Box()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(box.queue.run())
        yield box
        running.cancel()


def reply(text: str, *told: str) -> SpokenReply:
    made = SpokenReply(lambda _: None)
    made.turn, made.text = 2, text
    made.told += told
    made.sound(OWN)
    return made


async def test_a_voice_that_cannot_be_made_leaves_the_one_of_before() -> None:
    queue, made = Box().queue, list[str]()
    first, spanish = queue.text_to_speech, ScriptedTextToSpeech(100)

    def voice_in(language: str) -> ScriptedTextToSpeech:
        made.append(language)
        if language == "fr":
            raise RuntimeError("whatever")
        return spanish

    for language in ("fr", "fr", "es", "es"):
        queue.go_on_in(language, voice_in)
        assert queue.text_to_speech is (first if language == "fr" else spanish)
    assert made == ["fr", "es"]


async def test_a_reply_is_heard_once_and_in_its_own_sound_after_what_goes_before() -> None:
    async with speaking() as box:
        made = reply("Well then.", "Well", "then.")
        made.end()
        box.queue.answer_with(made)
        for item in (Say(2, "Hm."), Say(2, "Well"), Say(2, "then."), EndTurn(2)):
            box.queue.add(item)
        await box.settle()
        assert box.sent.endswith(OWN)
        assert box.sent.count(OWN) == 1
        assert len(box.sent) == 800 + len(OWN)
        assert box.stopped(20.0).text == "Hm. Well then."


async def test_what_lost_its_sound_is_said_by_the_voice() -> None:
    async with speaking() as box:
        made = reply("One two three four five six.", "One")
        made.end(is_broken=True)
        box.queue.answer_with(made)
        box.queue.add(Say(2, "One"))
        await box.settle()
        assert box.sent[: len(OWN)] == OWN
        assert len(box.sent) == len(OWN) + 4 * 800  # half a second is that of two words
        assert box.stopped(20.0).text == "One two three four five six."


async def test_a_reply_that_was_stopped_goes_on_in_its_own_sound() -> None:
    async with speaking() as box:
        made = reply("One two three four.", "One", "two three four.")
        made.end()
        box.queue.answer_with(made)
        box.queue.add(Say(2, "One"))
        await box.settle()
        heard = box.stopped(0.3).heard
        box.sent = b""
        left = made.text.removeprefix(heard).strip()
        box.queue.add(SayOn(3, left))
        box.queue.add(EndTurn(3))
        await box.settle()
        assert heard == "One two"
        assert set(box.sent) == set(OWN)
        assert len(box.sent) < len(OWN)
        assert box.stopped(20.0).text == left


async def test_what_a_stopped_reply_says_later_is_its_own_too() -> None:
    async with speaking() as box:
        made = reply("One two three four.", "One", "two three four.")
        box.queue.answer_with(made)
        box.queue.add(Say(2, "One"))
        await box.settle()
        box.stopped(0.3)
        box.sent = b""
        box.queue.add(SayOn(3, "three four."))
        await box.settle()
        made.text, made.told = f"{made.text} Five.", [*made.told, "Five."]
        made.sound(OWN)
        made.end()
        box.queue.add(Say(3, "Five."))
        box.queue.add(EndTurn(3))
        await box.settle()
        assert set(box.sent) == set(OWN)
        assert box.stopped(20.0).text == "three four. Five."
