"""A piece gets as many rows as fit into its time."""

from server.retention.piece_size import FIRST, GOAL_SECONDS, LEAST, MOST, next_size, smaller


def settled(seconds_per_row: float, size: int = FIRST) -> int:
    for _ in range(30):
        size = next_size(size, size * seconds_per_row)
    return size


def test_it_settles_where_a_piece_takes_its_time_however_quick_rows_are() -> None:
    for seconds_per_row in (1e-5, 1e-4, 1e-3):
        size = settled(seconds_per_row)
        assert abs(size * seconds_per_row - GOAL_SECONDS) < 0.1 * GOAL_SECONDS


def test_it_grows_twofold_at_most_and_shrinks_at_once() -> None:
    assert next_size(100, 0.0) == 200
    assert next_size(1000, 10 * GOAL_SECONDS) == 100


def test_it_stays_within_bounds() -> None:
    assert settled(1e-9) == MOST
    assert settled(1.0) == LEAST


def test_what_was_broken_off_is_tried_smaller_until_that_is_in_vain() -> None:
    size: int | None = MOST
    tried = []
    while size is not None:
        tried.append(size)
        size = smaller(size)
    assert tried == sorted(tried, reverse=True)
    assert tried[-1] == LEAST
