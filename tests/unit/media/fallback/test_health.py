"""Which engine is asked first, after failures and as time passes."""

from media.fallback.health import FIRST_SECONDS, LONGEST_SECONDS, Health


def test_the_configured_order_holds_while_all_is_well() -> None:
    assert Health(["a", "b", "c"]).order(0.0) == ["a", "b", "c"]


def test_one_that_failed_is_asked_last_for_a_while() -> None:
    health = Health(["a", "b"])
    health.failed("a", 10.0)
    assert health.order(10.0) == ["b", "a"]
    assert health.order(10.0 + FIRST_SECONDS) == ["a", "b"]


def test_each_failure_in_a_row_takes_longer_up_to_a_limit() -> None:
    health, now = Health(["a", "b"]), 0.0
    pauses = []
    for _ in range(6):
        health.failed("a", now)
        before = now
        while health.order(now)[0] != "a":
            now += 1.0
        pauses.append(now - before)
    assert pauses == [5.0, 10.0, 20.0, 40.0, LONGEST_SECONDS, LONGEST_SECONDS]


def test_what_fails_in_many_calls_at_once_counts_once() -> None:
    health = Health(["a", "b"])
    for _ in range(50):
        health.failed("a", 0.0)
    assert health.order(FIRST_SECONDS) == ["a", "b"]


def test_one_success_makes_up_for_all_failures() -> None:
    health = Health(["a", "b"])
    health.failed("a", 0.0)
    health.worked("a")
    assert health.order(0.0) == ["a", "b"]


def test_when_all_are_in_disgrace_the_one_that_is_back_first_is_asked_first() -> None:
    health = Health(["a", "b"])
    health.failed("b", 0.0)
    health.failed("a", 1.0)
    assert health.order(2.0) == ["b", "a"]
