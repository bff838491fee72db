"""CallRunner with people in the call: listeners, an operator's voice, keys, a transfer."""

import base64

from media import published
from media.audio.audio_fanout import AudioListener, Cleared
from media.audio.tones import dtmf
from media.effects import Publish, Settle
from media.engines.scripted import ScriptedTextToSpeech
from media.events import (
    AiMuted,
    AiUnmuted,
    DtmfAsked,
    ListenEnded,
    OperatorLeft,
    Recognised,
    TakeoverAsked,
    TakeoverReleased,
    TransferAsked,
    TransferRefused,
)
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import Standby
from tests.support.script import status
from tests.unit.media.runner_harness import LOUD, QUIET, EventLog, Phone, RunnerHarness, call


class Person:
    """Somebody who listens, and keeps what comes."""

    def __init__(self, harness: RunnerHarness, *, talk: bool = False) -> None:
        self.event_log = harness.event_log
        self.got: list[bytes | Cleared] = []
        self.listener = AudioListener(self._take, "somebody", talk=talk)
        self.runner = harness.runner
        harness.runner.operators.listen(self.listener)

    def _take(self) -> None:
        while (item := self.listener.take()) is not None:
            self.got.append(item)
        self.event_log._news.set()

    def track(self, number: int) -> bytes:
        frames = [item for item in self.got if isinstance(item, bytes) and item[0] == number]
        return b"".join(frame[5:] for frame in frames)

    def says(self, frames: int = 20) -> None:
        for frame in [LOUD] * frames + [QUIET] * 15:
            self.runner.operators.talk(self.listener, frame)


def sent(phone: Phone) -> bytes:
    payloads = [m["media"]["payload"] for m in phone.got if m["event"] == "media"]
    return b"".join(base64.b64decode(payload) for payload in payloads)


def phase(harness: RunnerHarness) -> Talking:
    assert isinstance(harness.runner.call.phase, Talking)
    return harness.runner.call.phase


def finals(event_log: EventLog, speaker: str) -> list[str]:
    return event_log.heard(speaker)


async def test_a_listener_gets_both_sides_and_the_clear_of_a_barge_in() -> None:
    async with call(said=["No."], text_to_speech=ScriptedTextToSpeech(1000)) as harness:
        person = Person(harness)
        phone = harness.answer()
        await harness.event_log.until(lambda: len(person.track(1)) > 320)
        phone.speaks()
        await harness.event_log.until(lambda: Cleared() in person.got)
        assert person.track(0).startswith(LOUD * 3)
        assert sent(phone).startswith(person.track(1)[:320])
        harness.runner.operators.unlisten(person.listener)
        harness.runner.operators.unlisten(person.listener)
        await harness.event_log.sees(ListenEnded)
        levels = [news for _, news in harness.event_log.passing if news.event.type == "audio.level"]
        assert {news.key for news in levels} >= {"level:caller", "level:agent"}
    assert person.listener.ended is None


async def test_nothing_is_copied_or_measured_while_nobody_wants_it() -> None:
    async with call(said=["No."]) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        phone.speaks()
        await harness.event_log.hears("No.", "caller")
        assert harness.event_log.passing == []
        harness.runner.operators.want_levels()
        phone.speaks()
        await harness.event_log.until(lambda: len(harness.event_log.passing) > 0)


async def test_the_end_of_the_call_is_the_end_of_listening() -> None:
    async with call() as harness:
        person = Person(harness)
        harness.answer()
    assert person.listener.ended == "over"


async def test_an_operators_voice_reaches_the_caller_and_becomes_turns() -> None:
    async with call(said=["I am Anna."], replies=["Thanks, Anna."]) as harness:
        phone = harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.runner.post(TakeoverAsked())
        await harness.event_log.until(lambda: phase(harness).operator_status == "awaited")
        assert harness.runner.operators.is_talkable(harness.runner.call, 1)
        assert not harness.runner.operators.is_talkable(harness.runner.call, 2)
        operator = Person(harness, talk=True)
        await harness.event_log.until(lambda: phase(harness).operator_status == "present")
        assert not harness.runner.operators.is_talkable(harness.runner.call, 1)
        before = len(sent(phone))
        operator.says()
        await harness.event_log.hears("I am Anna.", "operator")
        await phone.receives("mark", 2)
        assert set(sent(phone)[before:]) <= set(LOUD + QUIET)
        harness.runner.post(TakeoverReleased())
        await harness.event_log.until(lambda: operator.listener.ended == "released")
        operator.says()
        await harness.event_log.until(lambda: not isinstance(phase(harness).turn_state, Standby))
        operators = [e for _, e in harness.event_log.journal if isinstance(e, Recognised)]
        assert [event.side for event in operators] == ["operator"]


async def test_an_operator_who_goes_is_awaited_and_may_come_back() -> None:
    async with call() as harness:
        harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.runner.post(TakeoverAsked())
        await harness.event_log.until(lambda: phase(harness).operator_status == "awaited")
        operator = Person(harness, talk=True)
        harness.runner.operators.unlisten(operator.listener)
        await harness.event_log.sees(OperatorLeft)
        assert harness.runner.operators.is_talkable(harness.runner.call, 1)


async def test_a_muted_agent_is_cleared_and_goes_on_where_it_was() -> None:
    async with call() as harness:
        phone = harness.answer()
        await phone.receives("media")
        harness.runner.post(AiMuted())
        await phone.receives("clear")
        harness.runner.post(AiUnmuted())
        await harness.event_log.until(
            lambda: "".join(finals(harness.event_log, "agent")).endswith("there.")
        )


async def test_keys_are_sent_as_tones_between_the_words() -> None:
    async with call() as harness:
        phone = harness.answer()
        await phone.receives("media")
        harness.runner.post(DtmfAsked("1"))
        await phone.receives("media", 10)
        assert dtmf("1")[:800] in sent(phone)


async def test_a_transfer_is_asked_of_the_carrier_and_ends_the_call_without_hanging_up() -> None:
    async with call() as harness:
        harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.runner.post(TransferAsked("+12125550199"))
        await harness.over()
    assert (harness.carrier.transferred_to, harness.carrier.hang_ups) == ("+12125550199", 0)
    assert harness.event_log.row["end_reason"] == "transferred"


async def test_a_refused_transfer_is_told_and_the_call_goes_on() -> None:
    async with call() as harness:
        harness.carrier.transfer_answer = TransferRefused(13214)
        harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.runner.post(TransferAsked("+12125550199"))
        failed = Publish(published.TransferFailed(code=13214))
        await harness.event_log.until(lambda: failed in harness.event_log.emitted)


async def test_a_call_that_ends_before_the_carrier_answers_a_transfer_learns_of_it() -> None:
    async with call() as harness:
        harness.carrier.transfers.clear()
        harness.carrier.transfer_answer = TransferRefused(21220)
        harness.answer()
        await harness.event_log.hears("Hello there.")
        harness.runner.post(TransferAsked("+12125550199", use="u-1"))
        harness.runner.post(status("completed"))
        await harness.event_log.until(lambda: "end_reason" in harness.event_log.row)
        harness.carrier.transfers.set()
        await harness.over()
    assert Settle(commit=False, use="u-1") in harness.event_log.emitted


async def test_who_asks_is_answered_by_what_was_asked_before_though_it_is_not_done_yet() -> None:
    async with call() as harness:
        assert harness.runner.ask(AiMuted()) == "not_talking"
        harness.answer()
        await harness.event_log.hears("Hello there.")
        assert harness.runner.ask(AiMuted()) is None
        assert harness.runner.ask(AiMuted()) == "muted"
        assert harness.runner.refuses(AiUnmuted()) is None
        assert harness.runner.ask(AiUnmuted()) is None
        await harness.event_log.sees(AiUnmuted)
    assert [type(event) for _, event in harness.event_log.journal].count(AiMuted) == 1
