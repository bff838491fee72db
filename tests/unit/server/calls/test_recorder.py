"""How long an entry of the journal may wait for others: as long as nobody waits for it."""

import pytest

from media.effects import Publish, Record, Settle
from media.events import Event, Keyed, Recognised, SpeechBegan, ToneHeard, TurnPlayed
from media.ports import Emitted
from media.published import AgentMuted, AgentState, TranscriptFinal
from server.calls.recorder import GROUP_SECONDS, IDLE_SECONDS, QUIET_SECONDS, patience

SAID = Publish(TranscriptFinal("caller", "Hello.", "Hello."))
PASSING = Publish(AgentState("listening"), key="state")


@pytest.mark.parametrize(
    "emitted",
    [
        [Record(status="ringing", type="call.ringing")],
        [Record(waiting_room="waiting")],
        [PASSING, Settle(commit=True)],
        [Publish(AgentMuted(), cause="c-1")],
        [SAID, Record(status="ended", type="call.ended")],
    ],
)
def test_what_somebody_waits_for_is_committed_at_once(emitted: list[Emitted]) -> None:
    for event in (Keyed("1"), SpeechBegan(1)):
        assert patience(event, emitted, is_watched=False) == GROUP_SECONDS


@pytest.mark.parametrize("event", [TurnPlayed(1, "a", "a"), Recognised(1, 1, "a"), Keyed("1")])
@pytest.mark.parametrize("emitted", [[], [PASSING], [SAID], [PASSING, SAID]])
def test_what_was_said_waits_a_quarter_of_a_second_unless_it_is_watched(
    event: Event, emitted: list[Emitted]
) -> None:
    assert patience(event, emitted, is_watched=False) == QUIET_SECONDS
    watched = patience(event, emitted, is_watched=True)
    assert watched == (GROUP_SECONDS if SAID in emitted else QUIET_SECONDS)


@pytest.mark.parametrize("event", [SpeechBegan(1), ToneHeard("music", 0, 900, 1.0)])
@pytest.mark.parametrize("is_watched", [True, False])
def test_what_is_lost_with_the_sound_anyway_waits_longest(event: Event, is_watched: bool) -> None:
    assert patience(event, [], is_watched=is_watched) == IDLE_SECONDS
    assert patience(event, [PASSING], is_watched=is_watched) == IDLE_SECONDS
    assert patience(event, [SAID], is_watched=False) == QUIET_SECONDS
