"""Phone numbers: from what a person typed to E.164, and whether we may call it. Pure."""

from collections.abc import Sequence

import phonenumbers

from server.core.errors import AppError

# What must never be dialled on somebody's word: numbers that cost the caller by the minute.
_COSTLY = {
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
    phonenumbers.PhoneNumberType.SHARED_COST,
    phonenumbers.PhoneNumberType.UAN,
    phonenumbers.PhoneNumberType.VOICEMAIL,
    phonenumbers.PhoneNumberType.PAGER,
}


def callable_number(typed: str, countries: Sequence[str]) -> str:
    """The number in E.164. Raises AppError("invalid_number") or AppError("country_not_allowed").

    The country is the library's, not the prefix: "+1" alone covers over twenty countries.
    """
    try:
        number = phonenumbers.parse(typed, None)
    except phonenumbers.NumberParseException:
        raise AppError("invalid_number") from None
    if not phonenumbers.is_valid_number(number):
        raise AppError("invalid_number", "There can be no such number; check the digits.")
    if phonenumbers.region_code_for_number(number) not in countries:
        raise AppError("country_not_allowed", allowed_countries=list(countries))
    if phonenumbers.number_type(number) in _COSTLY:
        raise AppError("invalid_number", "Numbers that charge the person called are not dialled.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
