"""What is left of a plan."""

from server.usage.wire import metric_out


def test_what_is_reserved_is_not_left() -> None:
    assert metric_out(2, 1, 5).left == 2
    assert metric_out(5, 0, 5).left == 0
    assert metric_out(7, 0, 5).left == 0
    assert metric_out(7, 3, -1).left == -1
