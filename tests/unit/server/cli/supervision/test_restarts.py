"""How long a supervisor waits before it starts a process again."""

from server.cli.supervision.restarts import LONGEST_PAUSE_SECONDS, failures_after, pause_seconds


def test_the_pause_doubles_from_a_fifth_of_a_second_to_five() -> None:
    assert [pause_seconds(failures) for failures in (1, 2, 3, 4, 5)] == [0.2, 0.4, 0.8, 1.6, 3.2]
    assert {pause_seconds(failures) for failures in (6, 7, 100_000)} == {LONGEST_PAUSE_SECONDS}


def test_a_minute_of_health_makes_up_for_what_was_before() -> None:
    assert [failures_after(7, lived_seconds) for lived_seconds in (0, 59.9, 60)] == [8, 8, 1]
