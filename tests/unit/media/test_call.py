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
    assert (call.about.topic, call.phase, effects) == ("roses", Dialling(BEGAN + 90), [Dial()])


def test_the_journal_read_back_from_json_leads_to_the_same_call() -> None:
    play = whole_call()
    again = JOURNAL.decode(msgspec.json.encode(play.journal))
    assert fold(play.call.settings, again) == play.call


def test_the_same_step_gives_the_same_answer() -> None:
    play = Script().waiting()
    assert step(play.call, Tick(), play.now) == step(play.call, Tick(), play.now)


@pytest.mark.parametrize("journal", [[], [(BEGAN, Dialled(SID))]])
def test_a_journal_without_its_beginning_is_refused(journal: list[tuple[float, Event]]) -> None:
    with pytest.raises(ValueError, match="requested"):
        fold(Settings(), journal)
