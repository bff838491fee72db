"""That a machine speaks: told until it was heard, whoever interrupts."""

import pytest

from media.effects import Say, StopPlayback, Think, Transfer
from media.events import AiMuted, AiUnmuted, OperatorSaid, Sentence, TransferAsked, TurnPlayed
from media.phases.talking.disclosure import greeting, telling, was_told
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import Speaking, Standby
from media.settings import ConversationSettings
from tests.support.script import Script

TALK = ConversationSettings()
TELLS = TALK.disclosure


def with_greeting(text: str) -> ConversationSettings:
    return ConversationSettings(greeting=text)


def says(play: Script) -> list[str]:
    return [effect.text for effect in play.last if isinstance(effect, Say)]


def test_a_greeting_that_tells_is_left_as_it_is() -> None:
    assert " ".join(greeting(TALK, "roses")) == TALK.greeting.format(topic="roses")


def test_a_topic_that_is_a_sentence_of_its_own_ends_none_of_ours() -> None:
    custom = with_greeting("A call about {topic}. " + TELLS)
    assert greeting(custom, "How was Lisbon?")[0] == "A call about How was Lisbon."
    assert greeting(custom, "?")[0].startswith("A call about ?")


def test_one_that_does_not_is_followed_by_the_sentence_that_does() -> None:
    custom = with_greeting("Hi, Rosa here. How do {topic} do?")
    assert greeting(custom, "roses") == ("Hi, Rosa here.", TELLS, "How do roses do?")


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        ("", False),
        ("Hi there. I am a computer", False),
        (f"Hi there. {TELLS}", True),
        (f"Hi there. {TELLS} How", True),
    ],
)
def test_it_counts_when_its_sentence_was_heard_whole(heard: str, told: bool) -> None:
    assert was_told(f"Hi there. {TELLS} How are you?", heard, TALK) is told


def test_words_that_tell_need_no_other() -> None:
    assert telling("A computer voice, too.", TALK) == ("A computer voice, too.",)
    assert telling("Roses.", TALK) == (TELLS, "Roses.")


def interrupted(heard: str) -> Script:
    """The caller spoke over the greeting."""
    play = Script().talking().later(1).caller_begins().agent_is_cut(heard)
    return play.later(1).caller_pauses("Hello? Who is this?").later(1).expect(Think)


def test_an_answer_begins_with_it_while_it_was_not_heard() -> None:
    play = interrupted("Hello, this is the Talking App")
    turn = play.call.phase.turn  # type: ignore[union-attr]
    assert says(play.hears(Sentence(turn, "It is me."))) == [TELLS, "It is me."]
    assert says(play.hears(Sentence(turn, "Roses?"))) == ["Roses?"]
    play.caller_begins().agent_is_cut(f"{TELLS} It is").later(1).caller_pauses("Ah. Fine?").later(1)
    play.expect(Think).hears(Sentence(turn + 1, "Good."))
    assert says(play) == ["Good."]


def test_once_heard_it_is_not_said_again() -> None:
    play = interrupted("Hello, this is the Talking App assistant, a computer voice. You asked")
    turn = play.call.phase.turn  # type: ignore[union-attr]
    assert says(play.hears(Sentence(turn, "It is me."))) == ["It is me."]


def test_an_operator_who_mutes_the_agent_does_not_cut_it() -> None:
    play = Script().talking().hears(AiMuted())
    play.expect(StopPlayback, Say(2, TELLS))
    assert play.turn_state(Standby).saying == Speaking(2, TELLS)
    play.hears(TurnPlayed(2, TELLS, TELLS), AiUnmuted())
    assert TELLS not in says(play)


def test_what_an_operator_types_is_spoken_by_a_machine() -> None:
    play = Script().talking().hears(OperatorSaid("One moment, please.", interrupt=True))
    assert says(play) == [TELLS, "One moment, please."]


def test_nobody_is_transferred_while_they_are_being_told() -> None:
    play = Script().talking().hears(TransferAsked("+12025550100")).expect_no(Transfer)
    assert play.is_in(Talking).transfer_until is None
    play.agent_finishes().hears(TransferAsked("+12025550100")).expect(Transfer)
