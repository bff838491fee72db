"""Phone numbers: from what a person typed to E.164, and whether we may call it. Pure.

What is dialled unasked are fixed and mobile numbers of a place. A VoIP number of a place is one of
these, by its area code; VoIP ranges of no place are refused, as is whatever costs somebody by the
minute, is a person's forwarding number, or has no owner who could have asked.
"""

import re
import unicodedata
from collections.abc import Sequence

import phonenumbers
from phonenumbers import PhoneNumberType

from server.core.errors import AppError

_OF_A_PLACE = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
}
_TOLL_FREE = "Toll-free numbers are not phoned or texted unasked; who texts from one gets answers."
_NO_EXTENSION = (
    "Extensions are dialled in calls only, and written as x123, ;ext=123 or ,,123; "
    "else give the number alone."
)
_NO_PLACE = "Only fixed and mobile numbers of a place are called or texted."
_NUMBER = re.compile(r"\(?\+[\d\s().\-‐-―−]+")
_PLUS = re.compile(r"\(?\+")
_WIDTHS = ("<wide>", "<narrow>")  # in which East Asian keyboards write the same characters
_EXTENSION_NAME = (
    r"x|e?xtn?|ext(?:ensi[oó]n)?|anexo|int(?:erno)?|ramal|poste"
    r"|durchwahl|dw|nebenstelle|nst|app(?:arat)?"
)
_EXTENSION = re.compile(
    rf"ext|[#*;,]|\d[\s.(-]*(?:{_EXTENSION_NAME})\b|\d\s*x|\d[pw]\d|wait|pause", re.IGNORECASE
)
_DIALLED_ON = re.compile(
    r"(?P<number>.*?)\s*(?:(?P<commas>[,pw]+)|[;#](?:\s*ext\s*=)?"
    rf"|[(,;–-]?\s*(?:{_EXTENSION_NAME})\.?\s*[:=#]?)\s*(?P<keys>\d{{1,12}}#?)\)?\s*",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[a-z]{2}", re.IGNORECASE)
_NO_LETTERS = "Letters are no part of a number: write the digits on whose keys they are."
_COMMA, _PAUSE = "WW", "W"  # seconds between the answer and the keys, as the carrier writes them
_SERVICE_EXCHANGES = {"950", "976"}  # carriers' access and pay-per-call, in every area code
_INFORMATION = "5551212"
_OF_NO_PLACE = ("+4932",)  # what the metadata takes for a line that is somewhere


def read_number(typed: str) -> str:
    """The number in E.164, whatever its kind. Raises AppError("invalid_number")."""
    return _e164(_parse(typed))


def without_extension(typed: str) -> tuple[str, str]:
    """A number as typed without its extension, and the keys to press after the answer, in Twilio's
    `SendDigits`; "" for none. It is written "x123", "(ext. 123)", ";ext=123", or ",,123#" with two
    seconds a comma, "p" or "w".
    """
    typed = _seen(typed)
    found = _DIALLED_ON.fullmatch(typed)
    if found is None:
        return typed, ""
    keys = "".join(str(int(one)) if one.isdecimal() else one for one in found["keys"])
    return found["number"], (_COMMA * len(found["commas"] or "") or _PAUSE) + keys


def callable_number(typed: str, countries: Sequence[str], denied: Sequence[str] = ()) -> str:
    """The number in E.164, if it may be called and texted unasked; not below a `denied` prefix.

    The country is the library's, not the prefix: "+1" alone covers over twenty countries.
    Raises AppError("invalid_number") or AppError("country_not_allowed").
    """
    number = _parse(typed)
    kind = phonenumbers.number_type(number)
    if number.country_code == 1:
        _refuse_services(str(number.national_number))
    if kind == PhoneNumberType.TOLL_FREE:
        raise AppError("invalid_number", _TOLL_FREE)
    if not phonenumbers.is_valid_number(number):
        raise AppError("invalid_number", _why_invalid(number))
    if phonenumbers.region_code_for_number(number) not in countries:
        raise AppError("country_not_allowed", allowed_countries=list(countries))
    found = _e164(number)
    if kind not in _OF_A_PLACE or found.startswith(_OF_NO_PLACE):
        raise AppError("invalid_number", _NO_PLACE)
    if found.startswith(tuple(denied)):
        raise AppError("invalid_number", "Numbers that begin like this are not dialled.")
    return found


def area_code(number: str) -> str:
    """The area code of a number of North America in E.164; "" for any other."""
    return number[2:5] if number.startswith("+1") else ""


def _seen(typed: str) -> str:
    """Composed, in the usual widths, and without what shows nothing, such as the marks that phones
    put around a number they copy."""
    composed = unicodedata.normalize("NFC", typed)
    shown = (_usual(one) for one in composed if unicodedata.category(one) != "Cf")
    return " ".join("".join(shown).split())


def _usual(one: str) -> str:
    is_width = unicodedata.decomposition(one).startswith(_WIDTHS)
    return unicodedata.normalize("NFKC", one) if is_width else one


def _parse(typed: str) -> phonenumbers.PhoneNumber:
    typed = _seen(typed)
    if not _PLUS.match(typed) or not _NUMBER.fullmatch(typed):
        if _PLUS.match(typed) and _EXTENSION.search(typed):
            raise AppError("invalid_number", _NO_EXTENSION)
        if _PLUS.match(typed) and _LETTERS.search(typed):
            raise AppError("invalid_number", _NO_LETTERS)
        raise AppError("invalid_number")
    try:
        return phonenumbers.parse(typed, None)
    except phonenumbers.NumberParseException:
        raise AppError("invalid_number") from None


def _refuse_services(national: str) -> None:
    """What the metadata lets pass in North America though nobody lives there."""
    exchange = national[3:6]
    if len(national) == 10 and (
        exchange in _SERVICE_EXCHANGES or exchange.endswith("11") or national[3:] == _INFORMATION
    ):
        raise AppError("invalid_number", "Numbers of services and information are not dialled.")
    if national.startswith("700"):
        raise AppError("invalid_number", _NO_PLACE)


def _why_invalid(number: phonenumbers.PhoneNumber) -> str:
    national = str(number.national_number)
    if number.country_code == 1 and re.fullmatch(r"[2-9]\d\d[2-9]\d{6}", national):
        anybody = phonenumbers.parse(f"+1{national[:3]}2345678")
        if not phonenumbers.is_valid_number(anybody):
            return f"The area code {national[:3]} is not known to this version."
    return "There can be no such number; check the digits."


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
