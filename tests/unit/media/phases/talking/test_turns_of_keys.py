"""Keys that the caller presses: what is typed in a row is what they say."""

from media.effects import Say, Think
from media.events import Keyed
from media.phases.talking.turn_state import Quiet
from media.phases.talking.turns import KEYS_SECONDS
from tests.support.script import Script, status


def typed(play: Script, keys: str, pause: float = 0.4) -> Script:
    for key in keys:
        play.later(pause).hears(Keyed(key))
    return play


def said(play: Script) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in play.call.facts.turns[1:]]


def test_a_number_that_is_typed_is_one_turn_of_the_callers() -> None:
    play = typed(Script().quiet().later(1.0), "94110", pause=1.5).expect_no(Think)
    play.later(KEYS_SECONDS - 0.1).expect_no(Think, Say)
    play.later(0.2).expect(Think)
    assert said(play) == [("caller", "94110")]
    assert len(play.published("call.dtmf")) == 5


def test_the_pound_key_ends_a_number_and_is_no_part_of_it() -> None:
    play = typed(Script().quiet(), "42#").later(0.1).expect(Think)
    assert said(play) == [("caller", "42")]
    assert said(typed(Script().quiet(), "#").later(0.1)) == [("caller", "#")]


def test_nobody_who_types_is_asked_whether_they_are_there() -> None:
    play = Script().quiet()
    until = play.turn_state(Quiet).until
    play.later(until - play.now - 0.5)
    typed(play, "123456", pause=1.8).expect_no(Say)


def test_what_is_typed_while_the_agent_speaks_is_answered_when_it_has_spoken() -> None:
    play = typed(Script().talking(), "0").later(KEYS_SECONDS + 1.0).expect_no(Think)
    play.agent_finishes().later(0.0).expect(Think)
    assert said(play)[-1] == ("caller", "0")


def test_keys_after_the_goodbye_change_nothing() -> None:
    play = Script().quiet().caller_says("Goodbye.")
    typed(play, "1").later(KEYS_SECONDS)
    assert ("caller", "1") not in said(play)


def test_what_was_typed_as_the_caller_hung_up_is_kept() -> None:
    play = typed(Script().quiet(), "42").hears(status("completed", seconds=9))
    assert said(play) == [("caller", "42")]
