"""What counts as the caller: not our echo, not a television, but a caller who is quiet."""

from media.barge_in.gate import Gate
from tests.unit.media.barge_in.test_levels import SILENCE, tone


class Line:
    """A gate in time, 20 ms a frame; the agent speaks when `agent` is given a level."""

    def __init__(self) -> None:
        self.gate = Gate()
        self.now = 0.0
        self.speaking = False

    def hears(self, db: float | None, seconds: float, agent: float | None = None) -> float:
        """The share of frames that count as speech."""
        frame = SILENCE if db is None else tone(db)
        counted, frames = 0, round(seconds * 50)
        for _ in range(frames):
            if agent is not None:
                self.gate.sent(tone(agent), self.now)
            likely = 0.0 if db is None else 1.0
            counted += self.gate.weigh(frame, likely, self.now, speaking=self.speaking) > 0
            self.now += 0.02
        return counted / frames

    def says(self, db: float, seconds: float = 1.0) -> None:
        """An utterance of the caller while the agent is silent, and the silence after it."""
        self.speaking = True
        self.hears(db, seconds)
        self.speaking = False
        self.hears(None, 0.3)


def test_between_silence_and_silence_nothing_is_learnt_of_an_echo() -> None:
    line = Line()
    line.hears(None, 0.6, agent=-75)  # a voice's breath before its words
    line.hears(None, 0.5, agent=-15)
    assert line.hears(-17, 0.4) > 0.8  # who answers at once is heard


def test_a_few_words_over_the_agents_first_ones_are_no_echo_of_theirs() -> None:
    line = Line()
    for db in (-17, None, -19, None):
        line.hears(db, 0.1, agent=-13)
        line.hears(None, 0.4, agent=-13)
    assert line.hears(-17, 0.4, agent=-13) > 0.7


def test_while_the_agent_is_silent_everybody_is_heard() -> None:
    line = Line()
    assert line.hears(-50, 1.0) == 1.0
    assert not line.gate.audible


def test_echo_is_nobody_whether_it_is_known_yet_or_not() -> None:
    for below in (10, 20, 30, 45):
        line = Line()
        assert line.hears(-20 - below, 10.0, agent=-20) == 0.0
        assert line.gate.audible


def test_a_caller_over_echo_is_heard_and_over_less_of_it_a_quieter_one() -> None:
    loud, faint = Line(), Line()
    loud.hears(-30, 3.0, agent=-20)
    faint.says(-32)
    faint.hears(-50, 3.0, agent=-20)
    assert loud.hears(-20, 0.2, agent=-20) > 0.7
    assert faint.hears(-36, 0.2, agent=-20) > 0.7


def test_the_echo_that_follows_the_agents_last_word_is_nobody() -> None:
    line = Line()
    line.hears(-30, 3.0, agent=-20)
    assert line.hears(-32, 0.5) == 0.0


def test_what_the_carrier_was_told_to_clear_makes_no_echo() -> None:
    heard, cleared = Line(), Line()
    for line in (heard, cleared):
        line.says(-35)
        line.gate.sent(tone(-20, 50), line.now)
    cleared.gate.cleared(line.now - 0.02)
    assert heard.hears(-40, 0.5) == 0.0
    assert cleared.hears(-40, 0.5) == 1.0


def test_a_television_takes_no_floor_once_the_caller_is_known() -> None:
    line = Line()
    line.says(-20)
    assert line.hears(-35, 5.0, agent=-20) == 0.0
    assert line.hears(-35, 10.0) < 0.15, "nor in the silence after the agent"


def test_one_that_was_there_before_the_caller_is_no_caller() -> None:
    line = Line()
    line.hears(-35, 5.0, agent=-20)
    line.hears(-35, 1.0)
    assert line.hears(-35, 1.0) == 0.0
    line.speaking = True
    assert line.hears(-20, 0.5) > 0.8


def test_a_steady_television_lets_the_caller_pause() -> None:
    line = Line()
    line.says(-20)
    line.speaking = True
    assert line.hears(-35, 2.0) > 0.3, "at first it may be they"
    assert line.hears(-35, 2.0) == 0.0


def test_a_caller_who_has_become_quiet_is_heard_in_silence() -> None:
    line = Line()
    line.says(-20)
    line.hears(None, 5.0, agent=-20)
    line.hears(None, 1.0)
    assert line.hears(-38, 0.5) == 1.0


def test_the_callers_level_follows_them_down_slowly_and_up_at_once() -> None:
    line = Line()
    line.says(-35)
    line.says(-20)
    assert line.hears(-35, 1.0, agent=-20) == 0.0
    for _ in range(20):
        line.says(-28)
    line.hears(None, 5.0, agent=-20)
    assert line.hears(-33, 0.3, agent=-20) > 0.7
