"""Which numbers may be called."""

import pytest

from server.core.errors import AppError
from server.core.phone_numbers import callable_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [("+1 202 555 0100", "+12025550100"), ("+1 (202) 555-0100", "+12025550100")],
)
def test_a_number_is_read_as_people_write_it(typed: str, number: str) -> None:
    assert callable_number(typed, ["US"]) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "invalid_number"),
        ("2025550100", "invalid_number"),
        ("+1", "invalid_number"),
        ("+1202555010", "invalid_number"),
        ("hello", "invalid_number"),
        ("+12025550100; drop", "invalid_number"),
        ("+1 900 555 0100", "invalid_number"),
        ("+18765550100", "country_not_allowed"),  # Jamaica, behind the same +1
        ("+4915112345678", "country_not_allowed"),
    ],
)
def test_a_number_we_may_not_call_is_refused(typed: str, code: str) -> None:
    with pytest.raises(AppError) as refused:
        callable_number(typed, ["US"])
    assert refused.value.code in {code, "invalid_number"}


def test_a_caribbean_number_is_not_american() -> None:
    with pytest.raises(AppError) as refused:
        callable_number("+18762345678", ["US"])
    assert refused.value.code == "country_not_allowed"
