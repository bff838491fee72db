"""Refusals: who asks learns beforehand exactly what the call will do, in every scene."""

import pytest

from media.call import Refusal, fold, refusal, step
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


@pytest.mark.parametrize("scene", SCENES)
def test_facts_are_never_refused(scene: str) -> None:
    facts: list[Event] = [AmdVerdict("human"), OperatorJoined(), StreamStopped(STREAM), Tick()]
    assert [refusal(SCENES[scene].call, fact) for fact in facts] == [None] * len(facts)


@pytest.mark.parametrize("scene", SCENES)
def test_a_journal_with_refused_wishes_leads_to_the_call_without_them(scene: str) -> None:
    play = SCENES[scene]
    refused = [(play.now, wish) for wish in WISHES if refusal(play.call, wish) is not None]
    assert fold(play.call.settings, [*play.journal, *refused]) == play.call
