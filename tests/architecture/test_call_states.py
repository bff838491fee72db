"""docs/call-states.md says what the code does."""

import pytest

from media.events import Event
from tests.architecture.call_states import PATH, SCENES, document, events


def test_the_committed_table_is_current() -> None:
    assert PATH.read_text() == document(), "run: python -m tests.architecture.call_states"


@pytest.mark.parametrize("title", SCENES)
def test_every_phase_is_told_of_every_event(title: str) -> None:
    play = SCENES[title]
    assert type(play.call.phase).__name__ == title.split(":")[0]
    kinds = {type(event).__name__ for event in events(play).values()}
    assert kinds == {kind.__name__ for kind in Event.__args__} - {"Requested"}
