"""Prices: decimal arithmetic by unit, and what is not priced."""

from decimal import Decimal

import pytest

from server.core.settings.costs import Charge, Costs, Per, Price


@pytest.mark.parametrize(
    ("what", "per", "price", "count", "amount"),
    [
        ("twilio.call", "started_minute", "0.014", 61_000, "0.028"),
        ("twilio.call", "started_minute", "0.014", 60_000, "0.014"),
        ("twilio.call", "minute", "0.06", 61_000, "0.061"),
        ("deepgram.stt", "hour", "0.36", 100_000, "0.01"),
        ("elevenlabs.tts", "thousand_characters", "0.3", 7, "0.0021"),
        ("openai.llm.input", "million_tokens", "0.15", 1, "0.00000015"),
        ("openai.realtime.audio_output", "million_tokens", "64", 1500, "0.096"),
        ("sendgrid.email", "message", "0.0001", 3, "0.0003"),
    ],
)
def test_a_price_is_per_its_unit_and_exact(
    what: str, per: Per, price: str, count: int, amount: str
) -> None:
    costs = Costs(prices={what: Price(per, price)})
    assert costs.faults() == []
    assert costs.charge(what, count).amount == Decimal(amount)
    assert costs.total({what: count, "hibari.tts": 100}) == Decimal(amount)


def test_what_has_no_price_is_counted_all_the_same() -> None:
    found = Costs().charge("moonshine.stt", 1500)
    assert found == Charge("moonshine.stt", "seconds", Decimal("1.5"), None)


@pytest.mark.parametrize(
    ("what", "per", "fault"),
    [
        ("openai", "minute", "must be a service's name"),
        ("openai.ears", "minute", "must be a service's name"),
        ("openai.llm.input", "minute", "is counted in tokens"),
        ("deepgram.stt", "started_minute", "only telephone calls"),
    ],
)
def test_a_price_that_can_never_hold_is_a_fault(what: str, per: Per, fault: str) -> None:
    (told,) = Costs(prices={what: Price(per, "1")}).faults()
    assert what in told
    assert fault in told
