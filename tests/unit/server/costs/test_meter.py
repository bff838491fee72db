"""What a running call consumes: taken once, priced, and held against its budget."""

from decimal import Decimal

import pytest

from server.core.settings.costs import Costs, Price
from server.costs.meter import LOOK_SECONDS, CallMeter

PRICES = {
    "deepgram.tts": Price("thousand_characters", "0.03"),
    "twilio.call": Price("minute", "0.06"),
}
AT = 1_700_000_000.0


class Metered:
    """A meter, and how often it said that the budget is spent."""

    def __init__(self, budget: str, spent: str = "0", answered_at: float | None = None) -> None:
        costs = Costs(call_budget=budget, prices=PRICES)
        self.meter = CallMeter(costs, "twilio.call", answered_at, Decimal(spent))
        self.meter.on_spent = self._spent
        self.told = 0

    def _spent(self) -> None:
        self.told += 1


def test_what_was_consumed_is_taken_once_and_not_with_every_event() -> None:
    meter = Metered("").meter
    meter.counter["deepgram.tts"] += 10
    assert meter.look(AT) == {"deepgram.tts": 10}
    meter.counter["deepgram.tts"] += 5
    assert meter.look(AT + LOOK_SECONDS - 0.1) == {}
    meter.counter["deepgram.tts"] += 5
    assert meter.look(AT + LOOK_SECONDS) == {"deepgram.tts": 10}


def test_when_the_sound_ends_all_is_taken_and_the_call_is_not_over() -> None:
    play = Metered("0.03")
    play.meter.look(AT)
    play.meter.counter["deepgram.tts"] += 1
    assert play.meter.look(AT + 1, at_once=True) == {"deepgram.tts": 1}
    play.meter.counter["deepgram.tts"] += 999
    assert play.meter.look(AT + 2) == {}
    play.meter.look(AT + 1 + LOOK_SECONDS)
    assert play.told == 1


def test_from_the_end_on_everything_is_taken_at_once() -> None:
    meter = Metered("").meter
    for count in (1, 2, 3):
        meter.counter["deepgram.tts"] += count
        assert meter.look(AT, is_over=count == 1) == {"deepgram.tts": count}


@pytest.mark.parametrize(
    ("characters", "seconds", "spent", "told"),
    [
        (999, 0, "0", 0), (1000, 0, "0", 1), (500, 15, "0", 1), (500, 14, "0", 0),
        (0, 0, "0.03", 1), (10, 0, "0.0297", 1), (10, 0, "0.0296", 0),
    ],
)  # fmt: skip
def test_the_budget_holds_for_services_telephone_and_what_other_nodes_spent(
    characters: int, seconds: float, spent: str, told: int
) -> None:
    play = Metered("0.03", spent, answered_at=AT - seconds)
    play.meter.counter["deepgram.tts"] = characters
    play.meter.look(AT)
    assert play.told == told


def test_without_a_budget_and_after_the_end_nobody_is_told() -> None:
    for budget, is_over in (("", False), ("0.01", True)):
        play = Metered(budget)
        play.meter.counter["deepgram.tts"] = 10_000
        play.meter.look(AT, is_over=is_over)
        assert play.told == 0


@pytest.mark.parametrize(
    ("configured", "agents", "budget"),
    [
        ("", None, None), ("0.5", None, "0.5"), ("", "0.20", "0.20"), ("0.5", "0.20", "0.20"),
        ("0.5", "10", "0.5"),
    ],
)  # fmt: skip
def test_of_two_budgets_the_lower_one_counts(
    configured: str, agents: str | None, budget: str | None
) -> None:
    found = Costs(call_budget=configured, prices=PRICES).within(agents).budget
    assert found == (None if budget is None else Decimal(budget))
