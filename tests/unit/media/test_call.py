"""`step`, `begin` and `fold`: the state of a call is what its journal says, and nothing else."""

import msgspec
import pytest

from media.call import begin, fold, step
from media.effects import Dial
from media.events import Dialled, Event, Requested, Tick
from media.phases.dialling import Dialling
from media.settings import Settings
from tests.support.script import BEGAN, SID, Script, status

JOURNAL = msgspec.json.Decoder(list[tuple[float, Event]])


def whole_call() -> Script:
    """A conversation with a barge-in, from request to end."""
    play = Script().quiet().caller_says("How do roses grow?").caller_begins()
    play.later(1).caller_pauses("Tulips, I mean.").later(1)
    return play.at(40).hears(status("completed", 40, 39))


def test_a_call_begins_with_its_request() -> None:
    call, effects = begin(Settings(), Requested("roses"), BEGAN)
    assert (call.facts.topic, call.phase, effects) == ("roses", Dialling(BEGAN + 90), [Dial()])


def test_the_journal_read_back_from_json_leads_to_the_same_call() -> None:
    play = whole_call()
    again = JOURNAL.decode(msgspec.json.encode(play.journal))
    assert fold(play.call.settings, again) == play.call


def test_a_journal_from_before_operators_took_part_can_still_be_read() -> None:
    old = JOURNAL.decode(
        """[[1700000000, {"type": "requested", "topic": "roses"}],
            [1700000001, {"type": "answered", "sid": "CA1"}],
            [1700000002, {"type": "stream_started", "stream_sid": "MZ1"}],
            [1700000002, {"type": "amd_verdict", "answered_by": "human"}],
            [1700000003, {"type": "speech_began", "utterance": 1}],
            [1700000004, {"type": "speech_paused", "utterance": 1, "revision": 1, "ended_at": 1}],
            [1700000004, {"type": "recognised", "utterance": 1, "revision": 1, "text": "Hi you."}],
            [1700000005, {"type": "engine_failed", "engine": "thinker", "ref": 2}]]"""
    )
    assert [turn.text for turn in fold(Settings(), old).facts.turns] == ["Hi you."]


def test_the_same_step_gives_the_same_answer() -> None:
    play = Script().waiting()
    assert step(play.call, Tick(), play.now) == step(play.call, Tick(), play.now)


@pytest.mark.parametrize("journal", [[], [(BEGAN, Dialled(SID))]])
def test_a_journal_without_its_beginning_is_refused(journal: list[tuple[float, Event]]) -> None:
    with pytest.raises(ValueError, match="requested"):
        fold(Settings(), journal)
