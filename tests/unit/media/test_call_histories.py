"""Any history at all, likely or absurd: what holds for every call that ever will be."""

import os
from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.agent import Agent
from media.call import Phase, fold
from media.effects import (
    Close,
    Dial,
    Effect,
    HangUp,
    Publish,
    Record,
    Say,
    SayOn,
    Settle,
    StopPlayback,
    Think,
    Transfer,
)
from media.events import (
    Adopted,
    AiMuted,
    AiUnmuted,
    AmdVerdict,
    Answered,
    Broken,
    BudgetSpent,
    CarrierSilent,
    CarrierStatus,
    Dialled,
    DialRefused,
    DialUnknown,
    DtmfAsked,
    EngineFailed,
    Event,
    GenerationFinished,
    HangUpAsked,
    Keyed,
    ListenBegan,
    ListenEnded,
    NodeStopping,
    OperatorJoined,
    OperatorLeft,
    OperatorSaid,
    PlaybackStarted,
    Recognised,
    RecordingAnswered,
    RecordingAsked,
    RecordPauseAsked,
    RecordStartAsked,
    RecordStopAsked,
    Sentence,
    SpeechBegan,
    SpeechPaused,
    StreamStarted,
    StreamStopped,
    TakeoverAsked,
    TakeoverReleased,
    Tick,
    ToneHeard,
    ToolAnswered,
    ToolCalled,
    TransferAsked,
    Transferred,
    TransferRefused,
    TransferUnknown,
    TurnPlayed,
)
from media.phases.connecting import Connecting
from media.phases.dialling import Dialling
from media.phases.ending import Ended, Ending
from media.phases.talking.standby import is_on_standby
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import Away, CallerPaused, CallerSpeaking, Standby
from media.phases.voicemail import Voicemail
from media.phases.waiting import Waiting
from media.settings import Settings, in_language
from media.tools import Tool, ToolCall
from tests.support.script import BEGAN, SID, Script, row, status

HISTORIES = int(os.environ.get("TALKING_TEST_HISTORIES", "150"))  # `make soak` plays more
THIS = -1  # stands for the turn, utterance or revision the call is at when the event arrives

ARGUMENTS = (
    '{"goodbye": "Goodbye.", "to": "+12025550100", "digits": "1", "by": "text"}'  # of them all
)
AGENT = Agent(
    "1", "shop", "Shop", tools=(Tool("find_order", "", "{}", "One moment."),),
    builtin_tools=("end_call", "transfer", "press_keys", "send_summary"),
    transfer_to=("+12025550100",), languages=("de", "en", "es"),
)  # fmt: skip
DISCLOSURES = {
    in_language(Settings(), one, also_own=True).conversation.disclosure for one in AGENT.languages
}
tools = st.sampled_from(
    ["find_order", "find_order", "nothing", "end_call", "transfer", "press_keys", "send_summary"]
)
turns = st.sampled_from([THIS, THIS, THIS, 0, 1, 2, 7])
words = st.sampled_from(["", "Yes.", "Mm-hmm.", "How do roses grow?", "and then", "Goodbye."])
languages = st.sampled_from(["", "en", "es", "de", "it"])
moments = st.floats(-5, 400).map(lambda seconds: BEGAN + seconds)
verdicts = st.sampled_from(
    ["human", "machine_start", "machine_end_beep", "machine_end_other", "fax", "unknown"]
)
carrier_states = st.sampled_from(
    ["queued", "initiated", "ringing", "in-progress", "completed", "busy", "no-answer", "failed",
     "canceled"]
)  # fmt: skip
sids = st.just(SID)
sides = st.sampled_from(["caller", "caller", "operator"])
EVENTS: dict[type[object], st.SearchStrategy[Event]] = {
    Dialled: st.builds(Dialled, sids),
    DialRefused: st.builds(DialRefused, st.just(21211), st.just("no")),
    DialUnknown: st.builds(DialUnknown),
    CarrierStatus: st.builds(
        CarrierStatus, carrier_states, sids, st.none() | moments, st.none() | st.integers(0, 300)
    ),
    CarrierSilent: st.builds(CarrierSilent, st.booleans()),
    Answered: st.builds(Answered, sids),
    AmdVerdict: st.builds(AmdVerdict, verdicts, by=st.sampled_from(["carrier", "operator"])),
    StreamStarted: st.builds(StreamStarted, st.just("MZ1")),
    StreamStopped: st.builds(StreamStopped, st.just("MZ1")),
    SpeechBegan: st.builds(SpeechBegan, turns, sides),
    SpeechPaused: st.builds(SpeechPaused, turns, turns, moments, sides),
    Recognised: st.builds(Recognised, turns, turns, words, sides, language=languages),
    Sentence: st.builds(Sentence, turns, words),
    ToolCalled: st.builds(
        ToolCalled, turns, st.builds(ToolCall, st.just("a"), tools, st.just(ARGUMENTS))
    ),
    ToolAnswered: st.builds(ToolAnswered, st.integers(1, 3), st.just("ok"), words),
    GenerationFinished: st.builds(GenerationFinished, turns),
    PlaybackStarted: st.builds(PlaybackStarted, turns),
    TurnPlayed: st.builds(TurnPlayed, turns, words, words, st.booleans()),
    EngineFailed: st.builds(
        EngineFailed, st.sampled_from(["recogniser", "thinker", "voice"]), turns, sides
    ),
    OperatorSaid: st.builds(OperatorSaid, words, st.booleans()),
    HangUpAsked: st.builds(HangUpAsked, st.sampled_from(["user", "node_lost"])),
    ToneHeard: st.builds(
        ToneHeard,
        st.sampled_from(["beep", "fax", "ringback", "busy", "intercept"]),
        st.just(1000),
        st.just(400),
        moments,
    ),
    Keyed: st.builds(Keyed, st.sampled_from("0123456789*#")),
    AiMuted: st.builds(AiMuted),
    AiUnmuted: st.builds(AiUnmuted),
    TakeoverAsked: st.builds(TakeoverAsked),
    OperatorJoined: st.builds(OperatorJoined),
    OperatorLeft: st.builds(OperatorLeft),
    TakeoverReleased: st.builds(TakeoverReleased),
    ListenBegan: st.builds(ListenBegan, st.just("1")),
    ListenEnded: st.builds(ListenEnded, st.just("1")),
    DtmfAsked: st.builds(DtmfAsked, st.just("1w#")),
    TransferAsked: st.builds(TransferAsked, st.just("+12025550100")),
    Transferred: st.builds(Transferred),
    TransferRefused: st.builds(TransferRefused, st.just(21220)),
    TransferUnknown: st.builds(TransferUnknown),
    Adopted: st.builds(Adopted, moments, st.booleans(), st.booleans()),
    NodeStopping: st.builds(NodeStopping),
    BudgetSpent: st.builds(BudgetSpent),
    RecordStartAsked: st.builds(RecordStartAsked),
    RecordPauseAsked: st.builds(RecordPauseAsked),
    RecordStopAsked: st.builds(RecordStopAsked),
    RecordingAsked: st.builds(RecordingAsked),
    RecordingAnswered: st.builds(RecordingAnswered, st.booleans()),
    Broken: st.builds(Broken),
    Tick: st.builds(Tick),
}
RARE = (
    HangUpAsked,
    NodeStopping,
    BudgetSpent,
    Broken,
    CarrierStatus,
    DialRefused,
    StreamStopped,
)  # they end the fun early
COMMON = st.one_of(*(s for kind, s in EVENTS.items() if kind not in RARE))
SCENES: list[Callable[[Script], Script]] = [
    lambda play: play, Script.waiting, Script.talking, Script.quiet, Script.voicemail,
    lambda play: Script.voicemail(play, "machine_start"),
    lambda play: Script.waiting(play).hears(StreamStarted("MZ1"), SpeechBegan(1)),
    lambda play: Script.quiet(play).caller_begins(),
    lambda play: Script.quiet(play).caller_says("How do roses grow?"),
    lambda play: Script.quiet(play).caller_says("My order?").hears(
        ToolCalled(2, ToolCall("a", "find_order", "{}")), GenerationFinished(2)
    ),
    lambda play: Script.talking(play).hears(AiMuted()),
    lambda play: Script.quiet(play).taken_over(),
    lambda play: Script.quiet(play).hears(TransferAsked("+12025550100")),
    lambda play: Script.quiet(play).hears(TransferAsked("+12025550100"), HangUpAsked("user")),
]  # fmt: skip
INBOUND: list[Callable[[Script], Script]] = [
    lambda play: play, lambda play: play.hears(StreamStarted("MZ1")),
    lambda play: play.hears(StreamStarted("MZ1")).agent_finishes(),
]  # fmt: skip
SCENES += INBOUND
acts = st.tuples(
    st.sampled_from([0.0, 0.1, 0.9, 4.0, 20.0]),
    COMMON | COMMON | COMMON | st.one_of(*(EVENTS[kind] for kind in RARE)),
)
histories = st.lists(acts, max_size=30)


def test_every_kind_of_event_is_tried() -> None:
    kinds = {kind.__name__ for kind in EVENTS}
    assert kinds == {kind.__name__ for kind in Event.__args__} - {"Requested"}


class Checked(Script):
    """A play whose every step is held against the rules."""

    def _take(self, event: Event) -> None:
        before, now, spoken = self.call.phase, self.now, self.call.settings.language
        consent = self.call.facts.recording_consent
        known = len(self.last)
        super()._take(event)
        effects, after = self.last[known:], self.call.phase
        _goes_forward(before, after)
        if self.call.settings.language != spoken:
            assert self.call.settings.language in AGENT.languages
            assert isinstance(event, Recognised), "of a caller who was understood"
            assert (event.side, isinstance(before, Talking)) == ("caller", True)
            assert consent != "asked", "an answer is read in the language of its question"
            told = [one.language for one in effects if isinstance(one, Record) and one.language]
            assert told == [self.call.settings.language]
        if isinstance(before, Ended):
            for effect in effects:
                heard = isinstance(effect, Publish) and effect.event.type == "transcript.final"
                times = isinstance(effect, Record) and row([effect]).keys() <= {
                    "sid", "ringing_at", "answered_at",
                }  # fmt: skip
                counted = isinstance(effect, Settle) and effect.use != ""
                assert times or (heard and isinstance(event, TurnPlayed)) or counted
        if any(isinstance(effect, Think) for effect in effects):
            assert isinstance(after, Talking)
        if isinstance(event, Tick) and before.deadline is not None and before.deadline <= now:
            moved = after.deadline is None or after.deadline > before.deadline
            assert moved or type(after) is not type(before), "the same deadline would tick for ever"
        _one_turn_at_a_time(self, event, effects)
        if isinstance(after, Talking):
            _is_on_standby_when_told(after, effects)
        if isinstance(after, Ended) and after.reason == "transferred":
            assert HangUp() not in effects, "the caller would be cut off from whom they were given"
        if isinstance(event, TransferRefused) and not isinstance(before, Ended):
            assert _transfers_open(self) == [], "what is refused counts for nothing"

    said: frozenset[int] = frozenset()  # turns of which the caller may still hear something


def _transfers_open(play: Script) -> list[str]:
    """The uses of transfers that are not settled; each is settled at most once, and never anew."""
    asked = [effect.use for effect in play.all if isinstance(effect, Transfer)]
    settled = [effect.use for effect in play.settled_transfers]
    assert len(set(asked)) == len(asked)
    assert len(set(settled)) == len(settled)
    assert set(settled) <= set(asked)
    return [use for use in asked if use not in settled]


def _goes_forward(before: Phase, after: Phase) -> None:
    order = (Dialling, Connecting, Waiting, Talking, Voicemail, Ending, Ended)
    assert order.index(type(before)) <= order.index(type(after))
    if isinstance(before, Ended):
        assert after == before


def _is_on_standby_when_told(after: Talking, effects: Sequence[Effect]) -> None:
    if not is_on_standby(after):
        waits = isinstance(after.turn_state, Standby) and after.turn_state.resume_at is not None
        assert waits or not isinstance(after.turn_state, Standby), "the agent would never go on"
        return
    assert isinstance(after.turn_state, Standby | Away)
    assert not any(isinstance(effect, Think) for effect in effects)
    says = [effect for effect in effects if isinstance(effect, Say | SayOn)]
    said = {say.turn for say in says if say.text not in DISCLOSURES}
    assert said <= set(after.operator_turns), "the agent speaks although it must not"


def _one_turn_at_a_time(play: Checked, event: Event, effects: Sequence[object]) -> None:
    if isinstance(event, TurnPlayed):
        play.said -= {event.turn}
    for effect in effects:
        match effect:
            case StopPlayback():
                play.said = frozenset()
            case Say(turn=turn):
                assert play.said <= {turn}, "two turns would be heard one after the other"
                play.said |= {turn}
            case _:
                pass


def perform(play: Checked, history: list[tuple[float, Event]]) -> Checked:
    for gap, event in history:
        if isinstance(event, Tick) and play.call.phase.deadline is not None:
            play.now = max(play.now, play.call.phase.deadline)
        else:
            play.now += gap
        play.hears(_resolved(play, event))
    return play


def _resolved(play: Script, event: Event) -> Event:
    """Put the call's own numbers where THIS stands."""
    phase = play.call.phase
    turn, utterance, revision = 0, 1, 1
    if isinstance(event, TransferAsked):
        event = msgspec.structs.replace(event, use=f"use {len(play.journal)}")
    if isinstance(phase, Talking):
        turn = phase.turn
        if isinstance(phase.turn_state, CallerSpeaking | CallerPaused):
            utterance = phase.turn_state.utterance
        if isinstance(phase.turn_state, Standby):
            side = getattr(event, "side", "caller")
            ear = phase.turn_state.caller if side == "caller" else phase.turn_state.operator
            utterance = ear.utterance if ear else 1
            revision = (ear and ear.revision) or 1
            if phase.turn_state.saying and isinstance(event, EngineFailed | TurnPlayed):
                turn = phase.turn_state.saying.turn
    if isinstance(event, EngineFailed) and event.ref == THIS:
        ref = utterance if event.engine == "recogniser" else turn
        return msgspec.structs.replace(event, ref=ref)
    own = {"turn": turn, "utterance": utterance, "revision": revision}
    here = {name: own[name] for name in own if getattr(event, name, None) == THIS}
    return msgspec.structs.replace(event, **here)


def set_the_scene(scene: Callable[[Script], Script]) -> Checked:
    play = Checked(agent=AGENT, inbound=scene in INBOUND)
    scene(play)
    return play


@settings(max_examples=HISTORIES, deadline=None)
@given(st.sampled_from(SCENES), histories)
def test_every_history_keeps_the_rules(
    scene: Callable[[Script], Script], history: list[tuple[float, Event]]
) -> None:
    play = perform(set_the_scene(scene), history)
    again = sum(isinstance(event, Adopted) and not event.dialled for _, event in history)
    dials = sum(isinstance(effect, Dial) for effect in play.all)
    assert dials == 0 if scene in INBOUND else 1 <= dials <= 1 + again
    assert len(play.settled) <= 1
    open_uses = _transfers_open(play)
    if isinstance(play.call.phase, Ended):
        assert len(play.settled) == 1
        before, answered = len(play.settled_transfers), play.hears(TransferRefused(0))
        assert _transfers_open(answered) == []
        given_back = [Settle(commit=False, use=use) for use in open_uses]
        assert answered.settled_transfers[before:] == given_back
        assert sum(isinstance(effect, Close) for effect in play.all) == 1
        assert play.row["status"] == play.call.phase.status
        assert play.row["duration_seconds"] >= 0


@settings(max_examples=HISTORIES // 2, deadline=None)
@given(st.sampled_from(SCENES), histories)
def test_a_journal_read_back_from_json_leads_to_the_same_call(
    scene: Callable[[Script], Script], history: list[tuple[float, Event]]
) -> None:
    play = perform(set_the_scene(scene), history)
    text = msgspec.json.encode(play.journal)
    assert fold(Settings(), msgspec.json.decode(text, type=list[tuple[float, Event]])) == (
        play.call
    )


@settings(max_examples=HISTORIES // 2, deadline=None)
@given(st.sampled_from(SCENES), histories)
def test_every_call_ends_by_itself_and_soon(
    scene: Callable[[Script], Script], history: list[tuple[float, Event]]
) -> None:
    """From wherever it got to, with nothing more than deadlines: no call lives for ever."""
    play = perform(set_the_scene(scene), history)
    for _ in range(40):
        if isinstance(play.call.phase, Ended):
            break
        deadline = play.call.phase.deadline
        play.at(deadline - BEGAN)
    assert isinstance(play.call.phase, Ended)
    assert len(play.settled) == 1
    assert _transfers_open(play.hears(TransferRefused(0))) == []


EARLY = [
    status("queued", 0),
    status("initiated", 1),
    status("ringing", 2),
    status("in-progress", 5),
]
ENDS = [status("completed", 30, 25), status("busy", 30, 0), status("failed", 30, 0)]


@settings(max_examples=100, deadline=None)
@given(st.data(), st.lists(st.sampled_from(EARLY), unique=True), st.sampled_from(ENDS))
def test_the_carriers_callbacks_give_the_same_row_in_any_order_and_number(
    data: st.DataObject, early: list[CarrierStatus], last: CarrierStatus
) -> None:
    rows = []
    for _ in range(2):
        told = [*early, last]
        told += data.draw(st.lists(st.sampled_from(told), max_size=4))
        play = Script().hears(Dialled(SID), *data.draw(st.permutations(told)))
        rows.append({name: value for name, value in play.row.items() if name != "waiting_room"})
        assert play.settled == [False]
    assert rows[0] == rows[1]


@settings(max_examples=100, deadline=None)
@given(st.data(), st.booleans(), st.sampled_from([*ENDS, status("no-answer", 30, 0)]))
def test_a_call_to_us_is_the_same_row_in_whatever_order_it_is_told_of(
    data: st.DataObject, talks: bool, last: CarrierStatus
) -> None:
    rows = []
    for _ in range(2):
        told = [*EARLY[2:], last]
        told += data.draw(st.lists(st.sampled_from(told), max_size=4))
        play = Checked(inbound=True)
        if talks:
            play.hears(StreamStarted("MZ1"))
        play.hears(*data.draw(st.permutations(told)))
        rows.append(play.row)
        assert play.settled == [talks]
    assert rows[0] == rows[1]


@pytest.mark.parametrize("scene", SCENES)
def test_time_alone_moves_deadlines_forward(scene: Callable[[Script], Script]) -> None:
    play = set_the_scene(scene)
    deadlines = []
    while (deadline := play.call.phase.deadline) is not None:
        deadlines.append(deadline)
        play.at(deadline - BEGAN)
    assert all(one < two for one, two in pairwise(deadlines))
