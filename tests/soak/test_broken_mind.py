"""Every way a mind on the network can fail, and how soon the caller hears of it."""

import pytest

from tests.acceptance.conversation import Finished
from tests.acceptance.test_broken_mind import broken_calls, check_that_it_was_given_up
from tests.bench.machine import say

pytestmark = pytest.mark.timeout(180)

WAYS = ("hanging", "stalling", "failing")


@pytest.fixture(scope="module")
def calls() -> dict[str, Finished]:
    """One call for each way to fail."""
    return broken_calls(*WAYS, SPEECH__THINK_TIMEOUT_SECONDS="0.8", SPEECH__THINK_GAP_SECONDS="0.8")


@pytest.mark.parametrize("way", WAYS)
def test_a_broken_mind_is_apologised_for_and_then_given_up(
    calls: dict[str, Finished], way: str
) -> None:
    check_that_it_was_given_up(calls[way])


@pytest.mark.parametrize("way", WAYS)
def test_no_answer_takes_long_to_be_apologised_for(calls: dict[str, Finished], way: str) -> None:
    reactions = calls[way].world["latencies"]["reactions"][1:]
    waits_ms = [reaction["after_person_stopped_ms"] for reaction in reactions]
    say(f"{way}: apologised for after {waits_ms} ms")
    assert len(waits_ms) == 2
    assert max(waits_ms) < 2500
