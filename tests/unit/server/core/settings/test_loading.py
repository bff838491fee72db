"""Faults of configuration are told in words that an operator can act on, without the value."""

import pytest

from server.core.config import load
from server.core.settings.loading import ConfigError

TOKEN = {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TWILIO__FROM_NUMBER", "555 0199", "twilio.from_number: is not of the form it must have,"
         " as '+12025550199' is; config.toml explains it"),
        ("STRIPE__RECONCILE_AT", "25:00", "stripe.reconcile_at: is not of the form it must have,"
         " as '03:17' is; config.toml explains it"),
        ("CALLS__DENIED_PREFIXES", "+1712432,712", "calls.denied_prefixes: is not of the form it"
         " must have, as '+1712432' is; config.toml explains it"),
        ("CALLS__ALLOWED_COUNTRIES", "US,XX", "calls.allowed_countries: 1 of them is no country;"
         " write two capital letters each, as US, CA and GB"),
        ("SMS__FIRST_HOUR", "21", "sms: first_hour < last_hour must hold"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_in_words(name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(None, {**TOKEN, f"TALKING_{name}": value})
    assert refused.value.faults == [said]
