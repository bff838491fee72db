"""CallRunner in real time, with scripted engines, a scripted carrier and a phone at the far end."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import pytest

from media.call import begin, fold, step
from media.dialogue import Prompt
from media.effects import Record
from media.engines.base import Engines
from media.engines.scripted import (
    Behaviour,
    ScriptedDetector,
    ScriptedLanguageModel,
    ScriptedSpeechToSpeech,
    ScriptedSpeechToText,
    ScriptedTextToSpeech,
)
from media.events import (
    AmdVerdict,
    Answered,
    Broken,
    Dialled,
    DialRefused,
    EngineFailed,
    GenerationFinished,
    HangUpAsked,
    OperatorSaid,
    Recognised,
    Requested,
    Sentence,
    SpeechBegan,
    SpeechPaused,
    StreamStarted,
    StreamStopped,
    Tick,
    ToneHeard,
    TurnPlayed,
)
from media.phases.ending import Ended
from media.runner import CallRunner
from tests.support.patience import patience
from tests.support.script import SID, status
from tests.support.sound import tone
from tests.unit.media.runner_harness import (
    IMPATIENT,
    LOUD,
    QUICK,
    QUIET,
    TALK,
    EventLog,
    Phone,
    ScriptedCarrier,
    call,
)


async def test_a_whole_conversation_from_dialling_to_goodbye() -> None:
    async with call(
        said=["How are you?", "Thanks, bye."], replies=["Fine. And you?", "Bye!"]
    ) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        phone.speaks()
        await harness.event_log.hears("Fine. And you?")
        phone.speaks()
        await harness.over()
    assert harness.event_log.heard("agent") == ["Hello there.", "Fine. And you?", "Bye!"]
    assert harness.event_log.heard("caller") == ["How are you?", "Thanks, bye."]
    assert (harness.event_log.row["status"], harness.event_log.row["end_reason"]) == (
        "ended",
        "caller_goodbye",
    )
    assert "clear" not in phone.events()
    assert harness.carrier.hang_ups == 1


async def test_speaking_over_the_agent_clears_at_once_and_keeps_what_was_heard() -> None:
    """All of the greeting is with the carrier already, so nothing else would wake the writer."""
    speech = msgspec.structs.replace(QUICK.speech, lead_ms=5000)
    ahead = msgspec.structs.replace(QUICK, speech=speech)
    async with call(
        said=["No."], text_to_speech=ScriptedTextToSpeech(1000), settings=ahead
    ) as harness:
        phone = harness.answer()
        await phone.receives("media", 100)
        before = len(phone.got)
        phone.speaks()
        async with asyncio.timeout(4):
            await phone.receives("clear")
        assert "media" not in phone.events()[before:]
        await harness.event_log.sees(TurnPlayed)
    cut = next(event for _, event in harness.event_log.journal if isinstance(event, TurnPlayed))
    assert cut == TurnPlayed(1, TALK.greeting, "", cut=True)


async def test_sound_and_sentences_given_up_by_a_hush_are_never_heard() -> None:
    async with call(said=["How are you?"], replies=["One. Two. Three."]) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.text_to_speech.behaviour = Behaviour(delay_seconds=0.05)
        phone.speaks()
        await harness.event_log.sees(GenerationFinished)
        harness.runner.post(OperatorSaid("Wait!", interrupt=True))
        await harness.event_log.hears("Wait!", "operator")
    assert harness.event_log.heard("agent") == ["Hello there."]
    after = phone.got[phone.events().index("clear") :]
    size = sum(len(base64.b64decode(m["media"]["payload"])) for m in after if m["event"] == "media")
    assert size == 20 * 8


@pytest.mark.parametrize("behaviour", [Behaviour(fails=True), Behaviour(hangs=True)])
@pytest.mark.parametrize("engine", ["recogniser", "thinker", "voice"])
async def test_an_engine_that_fails_or_hangs_brings_a_sentence_in_time(
    engine: str, behaviour: Behaviour
) -> None:
    """The sentence was prepared before, so that even a broken voice can say it."""
    sorry = {TALK.sorry_again: LOUD * 5}
    async with call(said=["How are you?"], phrases=sorry, settings=IMPATIENT) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.engine(engine).behaviour = behaviour
        phone.speaks()
        await harness.event_log.hears(TALK.sorry_again)
    failed = next(
        event for _, event in harness.event_log.journal if isinstance(event, EngineFailed)
    )
    assert failed.engine == engine


async def test_a_mind_that_fails_in_mid_answer_is_apologised_for() -> None:
    async with call(said=["How are you?"], replies=["One. Two."]) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.llm.behaviour = Behaviour(after_pieces=1, fails=True)
        phone.speaks()
        await harness.event_log.hears(TALK.sorry_again)


async def test_a_slow_engine_within_its_time_is_no_failure() -> None:
    async with call(said=["How are you?"]) as harness:
        harness.llm.behaviour = Behaviour(delay_seconds=0.05)
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        phone.speaks()
        await harness.event_log.hears("Fine.")
    assert not any(isinstance(event, EngineFailed) for _, event in harness.event_log.journal)


async def test_the_recogniser_gets_the_sound_of_the_utterance() -> None:
    got: list[bytes] = []

    def ears(sound: bytes) -> str:
        got.append(sound)
        return ""

    async with call(said=ears) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        phone.speaks(frames=30)
        await harness.event_log.until(lambda: bool(got))
    assert got[0].endswith(LOUD * 30 + QUIET * 15)


async def test_the_greeting_is_made_once_while_the_verdict_is_awaited() -> None:
    texts: list[str] = []

    class Counting(ScriptedTextToSpeech):
        def speak(self, text: str) -> AsyncIterator[bytes]:
            texts.append(text)
            return super().speak(text)

    async with call(text_to_speech=Counting(20)) as harness:
        harness.answer(verdict=False)
        await harness.event_log.hears("Hello there.")
        assert harness.runner.call.facts.answered_by is None
    assert texts == ["Hello there."]


async def test_tones_are_heard_while_they_tell_who_picked_up_and_not_after() -> None:
    beep = tone(1000, 400) + b"\xff" * 1600
    async with call() as running:
        phone = running.answer(verdict=False)
        await running.event_log.sees(StreamStarted)
        running.runner.frame(beep)
        await running.event_log.sees(ToneHeard)
        running.runner.post(HangUpAsked("test"))
        await running.event_log.sees(HangUpAsked)
        running.runner.frame(beep)
        assert phone.got == []
    tones = [event for _, event in running.event_log.journal if isinstance(event, ToneHeard)]
    assert [(one.kind, one.hz) for one in tones] == [("beep", 1000)]


async def test_a_refused_dial_ends_the_call_by_itself() -> None:
    async with call(carrier=ScriptedCarrier(DialRefused(21211, "bad number"))) as harness:
        await harness.over()
    assert harness.event_log.row["status"] == "failed"


async def test_code_that_fails_ends_its_own_call_as_lost_and_no_other() -> None:
    async with call(said=["How are you?"]) as other:
        phone = other.answer()
        async with asyncio.TaskGroup() as group:
            group.create_task(broken_call(ScriptedCarrier(ValueError("bug"))))
        await other.event_log.hears("Hello there.")
        phone.speaks()
        await other.event_log.hears("Fine.")


async def broken_call(carrier: ScriptedCarrier) -> None:
    loop, event_log = asyncio.get_running_loop(), EventLog()
    requested = Requested("roses")
    event_log.journal.append((loop.time(), requested))
    first, effects = begin(QUICK, requested, event_log.journal[0][0])
    engines = Engines(
        ScriptedSpeechToText([]),
        ScriptedTextToSpeech(),
        ScriptedLanguageModel(["x"]),
        ScriptedDetector,
    )
    runner = CallRunner(first, engines, carrier, event_log, loop.time, {})
    await runner.run(effects)
    assert isinstance(event_log.journal[-1][1], Broken)
    assert (event_log.row["status"], event_log.row["end_reason"]) == ("lost", "internal_error")
    assert carrier.hang_ups == 1
    assert fold(QUICK, event_log.journal) == runner.call


async def test_a_carrier_that_fails_even_to_hang_up_does_not_keep_the_loss_from_the_record() -> (
    None
):
    carrier = ScriptedCarrier(ValueError("bug"))
    carrier.refuses_to_hang_up = True
    await broken_call(carrier)


@pytest.mark.parametrize("after_pieces", [0, 1])
@pytest.mark.parametrize("engine", ["recogniser", "thinker", "voice"])
@pytest.mark.parametrize(
    "error",
    [
        AttributeError("you said: my number is 12"),
        KeyError("delta"),
        ExceptionGroup("two", [TypeError(), OSError()]),
        asyncio.CancelledError(),
    ],
)
async def test_whatever_an_engine_raises_is_apologised_for_and_the_call_goes_on(
    engine: str, error: BaseException, after_pieces: int, capsys: pytest.CaptureFixture[str]
) -> None:
    sorry = {TALK.sorry_again: LOUD * 5}
    said, replies = ["How are you?", "And now?", "And now?"], ["One. Two."]
    async with call(said=said, replies=replies, phrases=sorry) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.engine(engine).behaviour = Behaviour(after_pieces, raises=error)
        phone.speaks()
        await harness.event_log.hears(TALK.sorry_again)
        harness.engine(engine).behaviour = Behaviour()
        phone.speaks()
        await harness.event_log.hears("One. Two.")
    assert "number is 12" not in capsys.readouterr().out
    failed = {
        event.engine for _, event in harness.event_log.journal if isinstance(event, EngineFailed)
    }
    assert failed == {engine}


async def test_words_that_trickle_in_for_ever_are_apologised_for() -> None:
    class Trickling(ScriptedLanguageModel):
        async def think(self, prompt: Prompt) -> AsyncIterator[str]:
            self.prompts.append(prompt)
            while True:
                await asyncio.sleep(0.01)  # its pace: well within the limit between words
                yield "a "  # nor so many that it must be cut somewhere

    async with call(said=["How are you?"], llm=Trickling([]), settings=IMPATIENT) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        phone.speaks()
        await harness.event_log.hears(TALK.sorry_again)


async def test_a_mind_may_take_longer_to_its_first_words_than_between_words() -> None:
    speech = msgspec.structs.replace(QUICK.speech, think_timeout_seconds=600, think_gap_seconds=0.1)
    slow = msgspec.structs.replace(QUICK, speech=speech)
    said = ["How are you?", "And now?"]
    async with call(said=said, replies=["One. Two."], settings=slow) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.llm.behaviour = Behaviour(delay_seconds=0.3)
        phone.speaks()
        await harness.event_log.hears("One. Two.")
        harness.llm.behaviour = Behaviour(after_pieces=1, hangs=True)
        phone.speaks()
        async with patience():
            await harness.event_log.hears(TALK.sorry_again)


async def test_an_answer_is_begun_while_silence_decides_and_said_when_it_has() -> None:
    patient = msgspec.structs.replace(QUICK.speech, finished_silence_ms=1000)
    settings = msgspec.structs.replace(QUICK, speech=patient)
    async with call(said=["How are you?"], replies=["One. Two."], settings=settings) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        phone.speaks()
        await harness.event_log.sees(Recognised)
        await asyncio.gather(*(asyncio.sleep(0) for _ in range(3)))
        assert len(harness.llm.prompts) == 1
        kinds = [type(event) for _, event in harness.event_log.journal]
        assert Tick not in kinds, "it was asked before silence had decided"
        await harness.event_log.hears("One. Two.")
    kinds = [type(event) for _, event in harness.event_log.journal]
    assert kinds.index(Tick) < kinds.index(Sentence)
    assert len(harness.llm.prompts) == 1


async def test_a_caller_who_goes_on_drops_it_without_a_trace() -> None:
    said = ["How are you?", "How are you now?"]
    async with call(said=said, replies=["Wrong.", "Right."]) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        phone.speaks()
        await harness.event_log.sees(Recognised)
        phone.speaks()
        await harness.event_log.hears("Right.")
        assert not any("Wrong." in str(event) for _, event in harness.event_log.journal)
        assert not any("Wrong." in str(told) for told in harness.event_log.emitted)
    assert len(harness.llm.prompts) == 2


async def test_a_lost_line_that_comes_back_goes_on_over_the_new_stream() -> None:
    async with call(said=["How are you?"], text_to_speech=ScriptedTextToSpeech(200)) as harness:
        first = harness.answer()
        await first.receives("media", 5)
        harness.runner.detach("MZ1")
        await harness.event_log.sees(StreamStopped)
        sent = len(first.got)
        second = Phone(harness.runner, "MZ2")
        await harness.event_log.hears(f"{TALK.line_resumed} {TALK.greeting}")
        harness.runner.detach("MZ1")
        second.speaks()
        await harness.event_log.hears("Fine.")
    assert len(first.got) == sent
    assert "clear" not in second.events()[1:]


async def test_what_is_said_before_the_new_stream_is_acted_on_is_heard() -> None:
    """The first frames come in one piece, as it took a moment until a node had the call."""
    async with call(said=lambda sound: "Are you there?" if sound else "") as harness:
        harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.runner.detach("MZ1")
        await harness.event_log.sees(StreamStopped)
        Phone(harness.runner, "MZ2").speaks()
        await harness.event_log.hears("Are you there?", "caller")


async def test_whoever_began_before_the_stream_is_acted_on_is_known_to_be_done() -> None:
    async with call(said=["Hello?"]) as harness:
        phone = harness.answer(verdict=False)
        for frame in [LOUD] * 20:
            harness.runner.frame(frame)
        await harness.event_log.sees(SpeechBegan)
        for frame in [QUIET] * 40:
            harness.runner.frame(frame)
        await harness.event_log.sees(SpeechPaused)
        harness.runner.post(AmdVerdict("human"))
        await phone.receives("media")


async def test_a_second_stream_takes_the_place_of_the_first() -> None:
    async with call(text_to_speech=ScriptedTextToSpeech(200)) as harness:
        first = harness.answer()
        await first.receives("media", 5)
        second = Phone(harness.runner, "MZ2")
        await harness.event_log.hears(f"{TALK.disclosure} {TALK.line_back}")
    assert (first.is_replaced, second.is_replaced) == (True, False)
    assert second.events().count("media") > 0


async def test_a_socket_that_breaks_is_a_lost_line() -> None:
    async def broken(texts: Sequence[str]) -> None:
        raise ConnectionResetError

    async with call() as harness:
        harness.runner.post(Answered(SID))
        harness.runner.attach("MZ1", broken, lambda: None)
        harness.runner.post(AmdVerdict("human"))
        await harness.event_log.sees(StreamStopped)


async def test_what_was_heard_is_kept_when_the_end_is_told_before_the_stream_stops() -> None:
    async with call(text_to_speech=ScriptedTextToSpeech(200)) as harness:
        phone = harness.answer()
        await phone.receives("mark", 3)
        harness.runner.post(status("completed"))
        await harness.over()
    (heard,) = harness.event_log.heard("agent")
    assert TALK.greeting.startswith(heard)


async def test_a_stream_that_comes_after_the_end_is_not_served() -> None:
    async with call() as harness:
        harness.runner.post(status("completed"))
        await harness.over()
        phone = Phone(harness.runner)
        harness.runner.frame(LOUD)
        harness.runner.detach("MZ1")
    assert phone.got == []


async def test_hanging_up_is_seen_through_though_the_call_is_over() -> None:
    async with call() as harness:
        harness.carrier.release.clear()
        harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.runner.post(HangUpAsked("user"))
        await harness.event_log.until(lambda: isinstance(harness.runner.call.phase, Ended))
        harness.carrier.release.set()
        await harness.over()
    assert harness.carrier.hung_up


async def test_a_call_taken_away_stops_without_a_word_or_a_row() -> None:
    async with call() as harness:
        phone = harness.answer()
        await phone.receives("media", 2)
        noted = len(harness.event_log.journal)
        harness.task.cancel()
        await asyncio.wait([harness.task])
    assert len(harness.event_log.journal) == noted
    assert harness.carrier.hang_ups == 0


async def test_a_call_that_is_over_already_is_only_seen_off() -> None:
    loop, event_log, carrier = asyncio.get_running_loop(), EventLog(), ScriptedCarrier(Dialled(SID))
    over, _ = begin(QUICK, Requested("roses"), loop.time())
    over, _ = step(over, status("completed"), loop.time())
    engines = Engines(
        ScriptedSpeechToText([]),
        ScriptedTextToSpeech(),
        ScriptedLanguageModel(["x"]),
        ScriptedDetector,
    )
    await CallRunner(over, engines, carrier, event_log, loop.time, {}, seq=7).run([])
    assert event_log.journal == []


async def test_whoever_watches_sees_words_while_the_caller_speaks() -> None:
    async with call(said=lambda _: "How do roses") as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.runner.operators.want_levels()
        phone.speaks(frames=20)
        for _ in range(3):  # words come while it goes on
            harness.runner.frame(LOUD)
        async with patience():
            while not (shown := interims(harness.event_log)):
                harness.runner.frame(LOUD)
                await asyncio.sleep(0.02)
    assert shown[0] == {"speaker": "caller", "text": "How do roses", "segment": "caller:1"}


def interims(event_log: EventLog) -> list[object]:
    shown = [msgspec.to_builtins(event.event) for _, event in event_log.passing]
    return [words for words in shown if "segment" in words]


async def test_words_at_the_recogniser_as_the_call_ends_are_waited_for() -> None:
    async with call(said=["Never call me again."]) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.speech_to_text.behaviour = Behaviour(delay_seconds=0.2)
        for _ in range(20):
            harness.runner.frame(LOUD)
        harness.runner.detach(phone.sid)
        harness.runner.post(status("completed"))
        await harness.over()
    assert harness.event_log.heard("caller") == ["Never call me again."]
    assert any(isinstance(told, Record) and told.follow_up for told in harness.event_log.emitted)


class Raising:
    """Everything about it raises what no engine may."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class RaisingEngine(ScriptedSpeechToSpeech):
    """Its sessions open, and then nothing of them works."""

    def open(self) -> Any:
        session = super().open()
        for name in ("begin", "hear", "cut", "reply"):
            setattr(session, name, Raising().__getattr__)
        return session


@pytest.mark.parametrize("made", [lambda: RaisingEngine([]), Raising])
async def test_a_model_that_speaks_and_raises_anything_is_done_without(made: Any) -> None:
    engine = made()
    async with call(
        said=["How are you?"], replies=["Fine. And you?"], speech_to_speech=engine
    ) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        phone.speaks()
        await harness.event_log.hears("Fine. And you?")
    assert harness.event_log.row["status"] == "ended"


async def test_a_model_that_speaks_answers_with_its_own_sound() -> None:
    engine = ScriptedSpeechToSpeech(["Well. And you?"], word_ms=60)
    async with call(said=["How are you?"], speech_to_speech=engine) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        sent = len(phone.got)
        phone.speaks()
        await harness.event_log.hears("Well. And you?")
        [session] = engine.sessions
        assert session.prompts[-1].turns[-1].heard == "How are you?"
        assert bytes(session.heard).count(LOUD) >= 19
    media = [m for m in phone.got[sent:] if m["event"] == "media"]
    assert sum(len(base64.b64decode(m["media"]["payload"])) for m in media) == 3 * 60 * 8
