"""How long the supervisor waits before it starts a worker again."""

from server.cli.workers import LONGEST_PAUSE_SECONDS, pause_seconds


def test_the_pause_doubles_from_a_fifth_of_a_second_to_five() -> None:
    assert [pause_seconds(failures) for failures in (1, 2, 3, 4, 5)] == [0.2, 0.4, 0.8, 1.6, 3.2]
    assert {pause_seconds(failures) for failures in (6, 7, 100_000)} == {LONGEST_PAUSE_SECONDS}
