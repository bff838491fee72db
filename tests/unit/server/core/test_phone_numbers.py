"""Which numbers may be called."""

import pytest

from server.core.errors import AppError
from server.core.phone_numbers import (
    area_code,
    callable_number,
    read_number,
    without_extension,
)

WHERE = ["US", "CA"]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+1 202 555 0100", "+12025550100"),
        ("+1 (202) 555-0100", "+12025550100"),
        (" +1.202.555.0100 ", "+12025550100"),
        ("+1\N{NO-BREAK SPACE}202\N{NON-BREAKING HYPHEN}555\N{EN DASH}0100", "+12025550100"),
        ("+1 604 234 5678", "+16042345678"),
        ("\u202a+1 202 555 0100\u202c", "+12025550100"),  # as phones copy one
        ("(+1) 202 555 0100", "+12025550100"),
        ("+1\uff08\uff12\uff10\uff12\uff09555\uff0d0100", "+12025550100"),  # an East Asian keyboard
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, number: str) -> None:
    assert callable_number(typed, WHERE) == number


@pytest.mark.parametrize(
    "typed",
    [
        "", "+", "+1", "2025550100", "+1202555010", "hello", "+12025550100; drop",
        "+1 202-CALL-NOW", "call me at +12025550104", "tel:+12025550104", "+12025550104/5",
        "+12025550104 +12025550105", "+1\xb2025550104", "((+12025550104",
    ],
)  # fmt: skip
def test_what_is_no_number_alone_is_refused(typed: str) -> None:
    assert _refusal(typed).code == "invalid_number"


@pytest.mark.parametrize(
    "typed",
    [
        "+1 202 555 0104 x123", "+12025550104;ext=12", "+12025550104,,123#", "+12025550104 ext. 5",
        "+12025550104 EXTENSION 5", "+12025550104*9", "+12025550104wait5",
    ],
)  # fmt: skip
def test_an_extension_is_refused_in_words_where_nobody_dials_it(typed: str) -> None:
    assert "xtension" in _refusal(typed).detail


def test_letters_are_refused_in_words_and_a_range_of_no_place_as_others() -> None:
    assert "etters" in _refusal("+1 800 FLOWERS").detail
    with pytest.raises(AppError, match="invalid_number"):
        callable_number("+49 32 221234567", ["DE"])


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("+1 202 555 0104 x123", "W123"), ("+12025550104;ext=12", "W12"),
        ("+12025550104,,123#", "WWWW123#"), ("+1 (202) 555-0104 ext. 5", "W5"),
        ("+12025550104 EXTENSION 5 ", "W5"), ("+12025550104", ""),
        ("+12025550104p12", "WW12"),
        ("+1 202 555 0104 (ext. 5)", "W5"), ("+1 202 555 0104, anexo 5", "W5"),
        ("+1\xa0202\u2009555\u20110104 #5", "W5"), ("+12025550104 extn 5", "W5"),
        ("+12025550104 Nst. 5", "W5"), ("+12025550104, Nebenstelle 5", "W5"),
        ("+12025550104 extensio\u0301n 5", "W5"),
        ("+12025550104\uff0c\uff0c\uff15\uff03", "WWWW5#"),
    ],
)  # fmt: skip
def test_an_extension_is_keys_after_the_answer(typed: str, keys: str) -> None:
    number, pressed = without_extension(typed)
    assert (callable_number(number, WHERE), pressed) == ("+12025550104", keys)


@pytest.mark.parametrize(
    "typed", ["+12025550104*9", "+12025550104wait5", "+12025550104 x", "+12025550104x5x6",
              "+12025550104 x1234567890123", "x5", ",5"]
)  # fmt: skip
def test_what_cannot_be_pressed_is_refused(typed: str) -> None:
    assert _refusal(without_extension(typed)[0]).code == "invalid_number"


@pytest.mark.parametrize(
    "typed",
    [
        "+1 900 555 0100",  # premium
        "+1 500 234 5678", "+1 521 234 5678", "+1 533 234 5678", "+1 588 234 5678",  # personal
        "+1 600 234 5678", "+1 622 234 5678",  # VoIP and others of no place
        "+1 700 234 5678", "+1 710 234 5678",
        "+1 202 976 1234", "+1 202 950 1234", "+1 202 911 1234", "+1 202 555 1212",
    ],
)  # fmt: skip
def test_a_number_of_no_place_is_refused(typed: str) -> None:
    assert _refusal(typed).code == "invalid_number"


@pytest.mark.parametrize("code", ["800", "833", "844", "855", "866", "877", "888"])
def test_toll_free_is_refused_in_words(code: str) -> None:
    assert "Toll-free" in _refusal(f"+1 {code} 234 5678").detail


@pytest.mark.parametrize("code", ["357", "457", "471", "565", "621", "729", "837", "924"])
def test_an_area_code_that_is_newer_than_the_metadata_is_said_to_be_unknown(code: str) -> None:
    assert _refusal(f"+1 {code} 234 5678").detail == (
        f"The area code {code} is not known to this version."
    )


@pytest.mark.parametrize(
    ("typed", "countries", "code"),
    [
        ("+4915112345678", ["US"], "country_not_allowed"),
        ("+18762345678", ["US"], "country_not_allowed"),  # Jamaica, behind the same +1
        ("+16042345678", ["US"], "country_not_allowed"),
        ("+447400123456", ["GB"], None),
        ("+447012345678", ["GB"], "invalid_number"),  # personal
        ("+448431234567", ["GB"], "invalid_number"),  # shared cost
        ("+445600123456", ["GB"], "invalid_number"),  # VoIP of no place
    ],
)
def test_the_country_and_the_kind_are_the_librarys(
    typed: str, countries: list[str], code: str | None
) -> None:
    if code is None:
        assert callable_number(typed, countries) == typed
        return
    with pytest.raises(AppError) as refused:
        callable_number(typed, countries)
    assert refused.value.code == code


def test_what_is_denied_by_its_beginning_is_refused() -> None:
    assert callable_number("+17124310100", WHERE, ["+1712432"]) == "+17124310100"
    with pytest.raises(AppError) as refused:
        callable_number("+17124320100", WHERE, ["+1712432"])
    assert refused.value.code == "invalid_number"


def test_a_number_of_any_kind_can_be_read() -> None:
    assert read_number("+1 800 234 5678") == "+18002345678"


def test_only_north_america_has_area_codes() -> None:
    assert area_code("+12025550100") == "202"
    assert area_code("+447400123456") == ""


def _refusal(typed: str) -> AppError:
    with pytest.raises(AppError) as refused:
        callable_number(typed, WHERE)
    return refused.value
