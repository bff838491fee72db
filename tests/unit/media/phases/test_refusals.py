"""Refusals: who asks learns beforehand exactly what the call will do, in every scene."""

import msgspec
import pytest

from media import published
from media.call import Refusal, fold, refusal, step
from media.effects import LetGoOperator
from media.events import (
    AiMuted,
    AiUnmuted,
    AmdVerdict,
    DtmfAsked,
    Event,
    HangUpAsked,
    OperatorJoined,
    OperatorLeft,
    OperatorSaid,
    RecordPauseAsked,
    RecordStartAsked,
    RecordStopAsked,
    StreamStarted,
    StreamStopped,
    TakeoverAsked,
    TakeoverReleased,
    Tick,
    TransferAsked,
)
from tests.support.script import STREAM, Script, status

NUMBER = "+12125550199"
WISHES: list[Event] = [
    AiMuted(), AiUnmuted(), TakeoverAsked(), TakeoverReleased(), DtmfAsked("1"),
    TransferAsked(NUMBER), OperatorSaid("Hi.", interrupt=False),
    OperatorSaid("Hi.", interrupt=True),
    AmdVerdict("human", by="operator"), AmdVerdict("machine_start", by="operator"),
]  # fmt: skip
SCENES: dict[str, Script] = {
    "dialling": Script(),
    "waiting": Script().waiting(),
    "waiting with sound": Script().waiting().hears(StreamStarted(STREAM)),
    "waiting for sound alone": Script().waiting().hears(AmdVerdict("human")),
    "taken for a human": Script().waiting().hears(StreamStarted(STREAM)).at(10),
    "talking": Script().talking(),
    "quiet": Script().quiet(),
    "thinking": Script().quiet().caller_says("How do roses grow?"),
    "muted": Script().quiet().hears(AiMuted()),
    "taken over": Script().quiet().taken_over(),
    "operator lost": Script().quiet().taken_over().hears(OperatorLeft()),
    "transferring": Script().quiet().hears(TransferAsked(NUMBER)),
    "no sound": Script().quiet().hears(StreamStopped(STREAM)),
    "no sound, muted": Script().quiet().hears(AiMuted(), StreamStopped(STREAM)),
    "voicemail": Script().voicemail(),
    "ending": Script().quiet().hears(HangUpAsked("user")),
    "ended": Script().quiet().hears(status("completed", 1, 1)),
}  # fmt: skip


@pytest.mark.parametrize("wish", WISHES, ids=str)
@pytest.mark.parametrize("scene", SCENES)
def test_what_is_refused_changes_nothing_and_what_is_not_has_an_effect(
    scene: str, wish: Event
) -> None:
    call, now = SCENES[scene].call, SCENES[scene].now
    after, effects = step(call, wish, now)
    if refusal(call, wish) is not None:
        assert (after, effects) == (call, [])
    else:
        assert after != call or effects


@pytest.mark.parametrize(
    ("scene", "wish", "reason"),
    [
        ("waiting", AiMuted(), "not_talking"),
        ("ended", OperatorSaid("Hi.", interrupt=True), "not_talking"),
        ("muted", AiMuted(), "muted"),
        ("talking", AiUnmuted(), "not_muted"),
        ("talking", TakeoverReleased(), "not_taken_over"),
        ("taken over", TakeoverAsked(), "taken_over"),
        ("operator lost", TakeoverAsked(), "taken_over"),
        ("transferring", TakeoverAsked(), "transferring"),
        ("transferring", DtmfAsked("1"), "transferring"),
        ("transferring", TransferAsked(NUMBER), "transferring"),
        ("no sound", DtmfAsked("1"), "no_sound"),
        ("no sound", TransferAsked(NUMBER), "no_sound"),
        ("waiting for sound alone", AmdVerdict("human", by="operator"), "not_waiting"),
        ("taken for a human", AmdVerdict("human", by="operator"), "not_waiting"),
        ("quiet", AiMuted(), None),
        ("muted", TakeoverAsked(), None),
        ("waiting", AmdVerdict("human", by="operator"), None),
        ("no sound", OperatorSaid("Hi.", interrupt=True), None),
    ],
)
def test_each_refusal_has_its_reason(scene: str, wish: Event, reason: Refusal | None) -> None:
    assert refusal(SCENES[scene].call, wish) == reason


A, B = "0b1f6c0e-0000-4000-8000-00000000000a", "0b1f6c0e-0000-4000-8000-00000000000b"
ALL_WISHES: list[Event] = [
    *WISHES[:8], HangUpAsked("operator"), RecordStartAsked(), RecordPauseAsked(), RecordStopAsked(),
]  # fmt: skip
ALWAYS_THE_OWNERS = (HangUpAsked, RecordPauseAsked, RecordStopAsked)


def by(who: str | None, wish: Event) -> Event:
    return msgspec.structs.replace(wish, operator_id=who)


@pytest.mark.parametrize("wish", ALL_WISHES, ids=str)
@pytest.mark.parametrize(("holder", "other"), [(A, B), (A, None), (None, B)])
@pytest.mark.parametrize("lost", [False, True])
def test_whoever_took_a_call_over_holds_it_alone(
    holder: str | None, other: str | None, wish: Event, *, lost: bool
) -> None:
    play = Script().quiet().hears(by(holder, TakeoverAsked(exclusive=True)), OperatorJoined())
    if lost:
        play.hears(OperatorLeft())
    is_owners = other is None and isinstance(wish, ALWAYS_THE_OWNERS)
    refused = refusal(play.call, by(other, wish))
    assert (refused == "held") is not is_owners
    before = play.call
    assert is_owners or play.hears(by(other, wish)).call == before
    assert refusal(before, by(holder, wish)) != "held"


def test_a_takeover_ends_by_its_holder_in_time_or_by_naming_whose_it_is() -> None:
    play = Script().quiet().hears(by(A, TakeoverAsked(exclusive=True)))
    assert refusal(play.call, by(B, TakeoverReleased(of=B))) == "held"
    assert refusal(play.call, by(B, TakeoverReleased(of=""))) == "held"
    assert refusal(play.call, by(A, TakeoverReleased(of=B))) == "held", "it is A's, not B's"
    assert play.published("takeover.started")[0].event == published.TakeoverStarted(
        takeover=1, by=A
    )
    play.hears(by(B, TakeoverReleased(of=A))).expect(LetGoOperator)
    assert refusal(play.call, by(B, OperatorSaid("Hi.", interrupt=False))) is None
    play = Script().quiet().hears(by(A, TakeoverAsked(exclusive=True))).later(6)
    assert refusal(play.call, by(B, TakeoverAsked(exclusive=True))) is None


def test_a_takeover_of_an_older_journal_is_given_back_by_anybody() -> None:
    play = Script().quiet().hears(by(A, TakeoverAsked()), by(B, TakeoverReleased()))
    assert play.published("takeover.ended")


@pytest.mark.parametrize("scene", SCENES)
def test_facts_are_never_refused(scene: str) -> None:
    facts: list[Event] = [AmdVerdict("human"), OperatorJoined(), StreamStopped(STREAM), Tick()]
    assert [refusal(SCENES[scene].call, fact) for fact in facts] == [None] * len(facts)


@pytest.mark.parametrize("scene", SCENES)
def test_a_journal_with_refused_wishes_leads_to_the_call_without_them(scene: str) -> None:
    play = SCENES[scene]
    refused = [(play.now, wish) for wish in WISHES if refusal(play.call, wish) is not None]
    assert fold(play.call.settings, [*play.journal, *refused]) == play.call
