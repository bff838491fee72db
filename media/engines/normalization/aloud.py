"""Text in another language than English, as its voices read it best: marks of screens taken out,
dates, times, money, signs and short words in words, and codes digit by digit.

Plain figures are left to the voice, which knows its language's numbers. Words are in the language's
`words.toml`. Pure.
"""

import re
from functools import cache

import msgspec

from media.engines.speakable import without_marks
from media.languages.language import WORDS, Aloud

_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)
_SCHEME = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)
_DATE = re.compile(
    r"\b(?:(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"|(?P<day2>\d{1,2})(?P<mark>[./-])(?P<month2>\d{1,2})(?P=mark)(?P<year2>\d{4}))\b"
)
_AMOUNT = r"(?P<{0}>\d{{1,3}}(?:[.\u00a0\u202f ]\d{{3}})+|\d+)(?:[,.](?P<{0}_cents>\d\d))?(?!\d)"
_TELEPHONE = re.compile(
    r"(?<![\w.,$€£])(?:\+\d[\d /-]{5,}\d|0\d[\d /-]{4,}\d|\d{7,})(?![\w]|[.,]\d)"
)
_GROUPED = re.compile(r"\d+")


class _Known(msgspec.Struct, frozen=True):
    words: Aloud
    months: tuple[str, ...]
    time: re.Pattern[str]
    money: re.Pattern[str]
    codes: re.Pattern[str]
    short: re.Pattern[str]
    signs: re.Pattern[str]


@cache
def _known(language: str) -> _Known:
    words = WORDS[language].aloud
    assert words is not None, "English has rules of its own"  # noqa: S101

    def any_of(names: dict[str, str]) -> str:
        return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))

    currency = any_of(words.currencies)
    after, before = _AMOUNT.format("a"), _AMOUNT.format("b")
    return _Known(
        words,
        tuple(words.months.split()),
        re.compile(
            rf"(?<![\d:.,])(?P<hour>[01]?\d|2[0-3])(?::(?P<minutes>[0-5]\d)(?!:?\d)(?:{words.clock})?"
            r"|\s?h(?P<minutes_h>[0-5]\d)\b)"
        ),
        re.compile(
            rf"(?<![\w.,])(?:{after}\s?(?P<after>{currency})|(?P<before>{currency})\s?{before})(?!\w)"
        ),
        re.compile(
            rf"\b(?P<before>(?:{words.codes})\b[\s:.]*(?:[a-zà-ÿ]+ )?)(?P<code>\d[\d -]*\d)"
        ),
        re.compile(rf"(?<!\w)(?:{any_of(words.short)})(?!\w)"),
        re.compile(r"(?P<percent>(?<=\d)\s?(?:%|°C|°))|(?<=\s)(?P<alone>[&+=])(?=\s)"),
    )


def aloud(text: str, language: str) -> str:
    """The text as one line to be spoken; "" when nothing in it can be said."""
    known = _known(language)
    line = without_marks(text)
    line = _EMAIL.sub(lambda found: _signs(found[0], known), line)
    line = _URL.sub(lambda found: _address(found[0], known), line)
    line = _DATE.sub(lambda found: _date(found, known), line)
    line = known.money.sub(lambda found: _money(found, known), line)
    line = known.time.sub(lambda found: _time(found, known), line)
    line = known.codes.sub(lambda found: f"{found['before']}{_digits(found['code'])}", line)
    line = _TELEPHONE.sub(lambda found: _digits(found[0]), line)
    line = known.short.sub(lambda found: known.words.short[found[0]], line)
    return known.signs.sub(lambda found: _sign(found, known), line)


def _sign(found: re.Match[str], known: _Known) -> str:
    sign = (found["percent"] or found["alone"]).strip()
    return f" {known.words.signs[sign]}" if found["percent"] else known.words.signs[sign]


def _signs(address: str, known: _Known) -> str:
    return "".join(
        f" {known.words.signs[letter]} " if letter in "@._-/" else letter for letter in address
    )


def _address(url: str, known: _Known) -> str:
    address = url.rstrip(".,;:!?")
    spoken = re.split(r"[?#]", _SCHEME.sub("", address))[0].rstrip("/")
    return _signs(spoken, known) + url[len(address) :]


def _date(found: re.Match[str], known: _Known) -> str:
    year, month, day = (found[name] or found[f"{name}2"] for name in ("year", "month", "day"))
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return found[0]
    named = known.words.first if int(day) == 1 else str(int(day))
    return known.words.date.format(
        day=named.rstrip("."), month=known.months[int(month) - 1], year=year
    )


def _time(found: re.Match[str], known: _Known) -> str:
    hour, minutes = int(found["hour"]), int(found["minutes"] or found["minutes_h"])
    form = known.words.time if minutes else known.words.hour
    return form.format(hour=hour, minutes=minutes)


def _money(found: re.Match[str], known: _Known) -> str:
    side = "a" if found["after"] else "b"
    currency = known.words.currencies[found["after"] or found["before"]]
    whole, cents = "".join(_GROUPED.findall(found[side])), int(found[f"{side}_cents"] or 0)
    if not cents:
        return f"{whole} {currency}"
    return known.words.money.format(whole=whole, currency=currency, cents=cents)


def _digits(number: str) -> str:
    plus = "+ " if number.startswith("+") else ""
    return plus + ", ".join(" ".join(group) for group in _GROUPED.findall(number))
