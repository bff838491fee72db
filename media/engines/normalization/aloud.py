"""Text in another language than English, as its voices read it best: marks of screens taken out,
dates, times, money, ranges, signs, units and short words in words, and codes digit by digit.

Plain figures are left to the voice, which knows its language's numbers. Words are in the language's
`words.toml`. Pure.
"""

import re
from collections.abc import Iterable
from functools import cache

import msgspec

from media.engines.normalization.addresses import (
    ADDRESS,
    INTERNATIONAL,
    address_aloud,
    by_digits,
)
from media.engines.speakable import without_marks
from media.languages.language import WORDS, Aloud

_DATE = re.compile(
    r"\b(?:(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"|(?P<day2>\d{1,2})(?P<mark>[./-]) ?(?P<month2>\d{1,2})(?P=mark) ?(?P<year2>\d{4})"
    r"|(?<![\d./-])(?P<day3>\d\d)(?P<mark3>[./-])(?P<month3>\d\d)(?P=mark3)(?P<year3>\d\d)"
    r"(?![./-]?\d))\b"
)
# Ends of a range of which one is a date without its year, or both are dates.
_DATES = re.compile(
    r"(?:(?<=\d\.)|(?<=[./]\d\d)|(?<=[./]\d{4}))\s?[-–]\s?(?=\d{1,2}(?:\.[\s\d]|/\d))"
)
# As English and Swiss have it: "1,250.50", "1,000,000", "$1,500", "1'250".
_COMMAS = re.compile(
    r"(?<![\w.,])(?:(?P<whole>\d{1,3}(?:,\d{3})+)\.(?P<cents>\d\d)|\d{1,3}(?:,\d{3}){2,}"
    r"|(?<=\$)\d{1,3},\d{3})(?!\d|[.,]\d)"
)
_ORDINAL_DOT = re.compile(r"(?<=\d)\.(?=[ºª])")
_APOSTROPHES = re.compile(r"(?<=\d)['’](?=\d{3}(?!\d))")
_LEADING_ZERO = re.compile(r"(?<![\w.,:/$€£-])(?<!\d\s)0\d{2,}(?![\w%]|[.,:/-]\d)")
_RATIO = re.compile(r"(?<![\w:.,])(?P<a>\d{1,3}):(?P<b>\d|\d{3,})(?![\w:]|[.,]\d)")
_JOINED = re.compile(r"(?<=\d)(?:h(?=\d\d?\s?min\b)|m(?=\d\d\b))")  # "3h20min", "1m80"
_EURO_CENTS = re.compile(r"(?<=\d)€(\d\d)\b")
_ARITHMETIC = re.compile(r"(?<=\d)(?:\s?[-–−]\s?|(?P<division> / ))(?=\d+(?:[.,]\d+)?\s?=)")
_POINTS = re.compile(r"(?<![\w.,])(?!0\d)\d{1,3}(?:\.\d{1,2}){2,}(?![\w-]|\.\d)")  # of a version
_AMOUNT = (
    r"(?P<{0}>\d{{1,3}}(?:[.\u00a0\u202f ]\d{{3}})+|\d+)(?:[,.](?P<{0}_cents>\d\d?|[-–]))?(?!\d)"
)
_TELEPHONE = re.compile(
    rf"(?<![\w.,:$€£])(?<!\d )(?<![€$£] )(?:{INTERNATIONAL}"
    r"|(?=(?:\D{0,3}\d){6})(?!\d\d[.:]\d\d\s?[-–])0\d+(?:(?: / |[ /.-])\d+){0,9}|\d{7,}"
    r"|(?=(?:\D{0,3}\d){6})\(0[\d ]{1,5}\)[ /]?\d+(?:[ -]\d+){0,4}"
    r"|\d{2,3}(?: \d{2,3}){1,2}(?: \d\d){2}"
    r"|(?:\(\d{2,3}\) ?|\d{2,3}[ .-])\d{3,4}[ -]\d{4})(?!\w|[.,]\d|(?:,[-–])?\s?(?:[€$£]|EUR))"
)
_RANGE = re.compile(
    r"(?<![\w.,/-])(?P<first>(?!0\d\d)(?:\d{1,3}(?:\.\d{3})+|\d{1,4})(?:[.:,h]\d\d?)?\s?[%€$£h]?)"
    r"\s?[-–]\s?(?=(?!0(?:\d\d|(?![.:,h\d])))(?:\d{1,3}(?:\.\d{3})+|\d{1,4})(?:[.:,h]\d\d?)?(?![\d-]|[.,/]\d))"
)
_FRACTION = re.compile(
    r"(?<![\w/.,])(?P<whole>\d+(?= ?[½¼¾]| \d/))? ?(?P<part>[½¼¾]|\d/\d)(?![/\d]|[.,]\d)"
)
_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4"}
_SIDES = re.compile(r"(?<=\d)\s?[x×]\s?(?=\d)")
_SHORT_CODE = 3  # figures
_SINGULAR = frozenset({"0", "1", *_FRACTIONS})
_GROUPED = re.compile(r"\d+")
_NUMBER_BEFORE = re.compile(r"(?<![\w.,])(\d+(?:[.,]\d+)*)\s?\Z")


class _Known(msgspec.Struct, frozen=True):
    words: Aloud
    in_full: dict[str, str]  # also of units
    begins: re.Pattern[str]
    months: tuple[str, ...]
    days: re.Pattern[str]
    day_month: re.Pattern[str]
    time: re.Pattern[str]
    money: re.Pattern[str]
    per: re.Pattern[str]
    codes: re.Pattern[str]
    short: re.Pattern[str]
    numbered: re.Pattern[str]
    units: re.Pattern[str]
    signs: re.Pattern[str]


@cache
def _known(language: str) -> _Known:
    words = WORDS[language].aloud
    assert words is not None, "English has rules of its own"  # noqa: S101

    def any_of(names: Iterable[str]) -> str:
        return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))

    short = {name.replace(". ", "."): said for name, said in words.short.items()} | words.short
    month = "|".join(rf"{name}\b|{name[:3]}\w?\b" for name in words.months.split())
    endings = [name[1:] for name in short if name.startswith("-")]
    counted = [*words.units, *(name for name, said in short.items() if "|" in said)]
    currency, unit = any_of(words.currencies), any_of(words.units)
    after, before = _AMOUNT.format("a"), _AMOUNT.format("b")
    day = rf"(?:{any_of(words.days)})\b\.?"
    dated = "|".join(rf"(?<=\b{word} )" for word in words.before_day.split())
    return _Known(
        words,
        words.units | short,
        re.compile(
            rf"^([ \t]*\d{{1,2}}\.)(?=\s(?:{words.months.replace(' ', '|')})\b)", re.MULTILINE
        ),
        tuple(words.months.split()),
        re.compile(
            rf"\b(?P<first>{day})(?:(?P<between>\s?[-–/]\s?|\s{words.signs['&']}\s)(?P<last>{day})"
            rf"|(?<=\.)(?=,?\s\d)|(?=,?\s\d{{1,2}}(?:\.\d\d?(?!\d)|\.? (?:{month})|:\d\d"
            rf"|(?:\s?[-–]\s?\d{{1,2}})?(?:{words.clock}))))"
            rf"|(?:{dated})(?P<dated>(?:{any_of(words.days)})\.)",
            re.IGNORECASE,
        ),
        re.compile(words.day_month),
        re.compile(
            r"(?<![\d:.,])(?P<hour>[01]?\d|2[0-3]|24(?=:00))"
            rf"(?::(?P<minutes>[0-5]\d)(?!:?\d|\s?min\b)(?:{words.clock})?|\.(?P<minutes_dot>[0-5]\d)"
            rf"(?:{words.clock}|(?= {words.to} \d?\d\.\d\d(?:{words.clock})))"
            r"|\s?h\s?(?P<minutes_h>[0-5]\d)\b(?!\s?min))"
        ),
        re.compile(
            rf"(?<![\w.,])(?:{after}\s?(?P<after>{currency})|(?P<before>{currency})\s?{before})(?!\w)"
        ),
        re.compile(
            r"(?:(?<=[€$£%])|(?<=EUR)|(?<=CHF)|(?<=\dh)|(?<= mal)|(?<= fois)|(?<= veces)"
            r"|(?P<digit>(?<=\d)))"
            rf"\s?/\s?(?:(?P<unit>{any_of(counted)})(?!\w)|(?=[^\W\d](?(digit)[^\W\d]{{2}})))"
        ),
        re.compile(
            rf"\b(?P<before>(?:{words.codes})\b[\s:.]*(?:[a-zà-ÿ]+ ?:? ){{0,3}})"
            r"(?P<code>(?=[A-Z-]{0,8}\d)[A-Z\d]{2,24}(?:[ -]\d{1,9}|-[A-Z\d]{1,9}){0,6})"
            r"(?![\w%]|[.,]\d)"
        ),
        re.compile(
            rf"(?:(?<!\w)(?:{any_of({*short, *map(_capital, short)})})"
            rf"|(?<=\w)(?:{any_of(endings) or '(?!)'}))(?P<ends>$)?(?:(?<=[.°º])(?=\d)|(?!\w))"
        ),
        re.compile(
            rf"(?<![\w-])(?P<name>{any_of(words.numbered)})(?:\s?(?=\d)|\s+(?=(?-i:[IVX]+)\b))",
            re.IGNORECASE,
        ),
        re.compile(
            r"(?<!\w)(?<!\d[.,])(?P<number>(?:(?<!\d )\d/)?\d+(?:[.,]\d+)*|(?:\d+ ?)?[½¼¾])\s?"
            rf"(?P<unit>{unit})(?!\w)"
            rf"(?:(?P<slash>\s?/\s?)(?:(?P<per>{unit})(?![^\W²³])|(?=[^\W\d]{{3}}|100\s?km\b)))?"
        ),
        re.compile(
            r"(?P<percent>(?<=\d)\s?(?:[%‰]|°C|°))"
            r"|(?<![^\s(„«\"'“‘])(?P<alone>[&+=<>×#*])(?=[\s,.;:!?)“”»\"'’]|-[^\W\d]|$)"
            r"|(?<!\S)(?P<negative>[-−])(?=\d)|(?<![^\s(])(?P<positive>\+)(?=[\d,.]+\s?[%‰°])|(?P<money>[€$£])"
            r"|(?P<formula>[≈≠≤≥±÷→√∞]|(?<![^\s(])[<>](?=\d)|~(?=\s?\d)|(?<=[\w)])\^)"
        ),
    )


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _counted(forms: str, number: str) -> str:
    """Of "hour|hours" what is said of so many, in languages whose plural begins with two."""
    one, _, many = forms.partition("|")
    return one if number in _SINGULAR or number.startswith("1/") else many or one


def aloud(text: str, language: str) -> str:
    """The text as one line to be spoken; "" when nothing in it can be said."""
    known = _known(language)
    words = known.words
    text = _ORDINAL_DOT.sub("", text.replace("ºC", "°C"))
    line = _APOSTROPHES.sub("", without_marks(known.begins.sub("\\1\u2060", text)))
    line = _COMMAS.sub(_without_commas, _JOINED.sub(r" \g<0> ", line))
    line = _EURO_CENTS.sub(r",\1 €", line)
    line = _ARITHMETIC.sub(
        lambda found: f" {words.signs['÷' if found['division'] else '−']} ", line
    )
    line = ADDRESS.sub(lambda found: address_aloud(found[0], words.signs), line)
    line = known.days.sub(lambda found: _days(found, known), line)
    line = known.per.sub(lambda found: _per(found, known), line)
    line = known.short.sub(lambda found: _in_full(found, known), line)
    line = known.numbered.sub(lambda found: f"{words.numbered[found['name'].lower()]} ", line)
    line = _DATES.sub(f" {words.to} ", line)
    line = _DATE.sub(lambda found: _date(found, known), line)
    line = known.day_month.sub(lambda found: _date(found, known), line)
    line = _POINTS.sub(lambda found: found[0].replace(".", f" {words.signs['.']} "), line)
    line = known.codes.sub(_code, line)
    line = _TELEPHONE.sub(lambda found: _telephone(found[0], known), line)
    line = _LEADING_ZERO.sub(lambda found: by_digits(found[0]), line)
    line = _RANGE.sub(lambda found: _range(found, known), line)
    line = _RATIO.sub(rf"\g<a> {words.ratio} \g<b>", line)
    line = _SIDES.sub(f" {words.signs['×']} ", line)
    line = known.money.sub(lambda found: _money(found, known), line)
    line = known.time.sub(lambda found: _time(found, known), line)
    line = known.units.sub(lambda found: _unit(found, words), line)
    line = _FRACTION.sub(lambda found: _fraction(found, known), line)
    return " ".join(known.signs.sub(lambda found: _sign(found, known), line).split())


def _in_full(found: re.Match[str], known: _Known) -> str:
    short = known.in_full
    written = found[0]
    spellings = (written, written[:1].lower() + written[1:], f"-{written}")
    number = _NUMBER_BEFORE.search(found.string, max(0, found.start() - 20), found.start())
    if number and written in known.words.units:  # "5 min.", but "min. 5"
        said = _counted(known.words.units[written], number[1])
    else:
        forms = next(short[one] for one in spellings if one in short)
        said = _counted(forms, number[1] if number else "")
    if found["ends"] is not None and written.endswith("."):
        return f"{said}."
    return f"{said} " if found.string[found.end() : found.end() + 1].isdigit() else said


def _per(found: re.Match[str], known: _Known) -> str:
    unit = found["unit"] or ""
    said = known.words.units.get(unit) or known.in_full.get(unit, "")
    return f" {known.words.per} {said.partition('|')[0]}"


def _without_commas(found: re.Match[str]) -> str:
    whole = (found["whole"] or found[0]).replace(",", "")
    return f"{whole},{found['cents']}" if found["whole"] else whole


def _code(found: re.Match[str]) -> str:
    """Digit by digit, but for "number 12" and "numbers 12-14", which are numbers."""
    code = found["code"]
    parts = code.split("-")
    is_number = len(parts) < 3 and parts == sorted(parts)
    is_number &= all(len(one) < _SHORT_CODE and one.isdecimal() and one[0] != "0" for one in parts)
    return found[0] if is_number else f"{found['before']}{by_digits(code)}"


def _range(found: re.Match[str], known: _Known) -> str:
    """But for "747-400", which is a name."""
    first, last = (_GROUPED.match(one) for one in (found[0], found.string[found.end() :]))
    falls = first and last and len(first[0]) == len(last[0]) > 2 and first[0] > last[0]
    return found[0] if falls else f"{found['first']} {known.words.to} "


def _sign(found: re.Match[str], known: _Known) -> str:
    signs = known.words.signs
    if found["formula"]:
        return f" {signs[found[0]]} "
    if found["money"]:
        return known.words.currencies[found["money"]].rpartition("|")[2]
    if found["positive"]:
        return f"{signs['+']} "
    if found["negative"]:
        return f"{signs['−']} "
    return f" {signs[found['percent'].strip()]}" if found["percent"] else signs[found["alone"]]


def _telephone(number: str, known: _Known) -> str:
    if number.isdecimal() and 2 * len(number.rstrip("0")) <= len(number):
        return number  # no telephone's, but a large round one
    plus = f"{known.words.signs['+']} " if number.startswith("+") else ""
    return plus + by_digits(number)


def _days(found: re.Match[str], known: _Known) -> str:
    days = {name.lower(): day for name, day in known.words.days.items()}
    first, last = found["first"] or found["dated"], found["last"]
    named = days[first.rstrip(".").lower()]
    if not last:
        return named
    between = found["between"].strip()
    joined = ", " if between == "/" else f" {between if between.isalpha() else known.words.to} "
    return f"{named}{joined}{days[last.rstrip('.').lower()]}"


def _date(found: re.Match[str], known: _Known) -> str:
    """A date with or without its year, as `day_month` finds it."""
    parts = found.groupdict()
    year, month, day = (
        parts.get(name) or parts.get(f"{name}2") or parts.get(f"{name}3")
        for name in ("year", "month", "day")
    )
    if not (month and day and 1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return found[0]
    form = known.words.date
    year = f"20{year}" if year and len(year) == 2 else year
    named = known.words.first if int(day) == 1 else str(int(day))
    before = parts.get("before") or ""
    return before + (form if year else form[: form.index("{month}") + len("{month}")]).format(
        day=named.rstrip("."), month=known.months[int(month) - 1], year=year
    )


def _time(found: re.Match[str], known: _Known) -> str:
    hour = int(found["hour"])
    minutes = int(found["minutes"] or found["minutes_dot"] or found["minutes_h"])
    form = known.words.time if minutes else known.words.hour
    return _counted(form, str(hour)).format(hour=hour, minutes=minutes)


def _unit(found: re.Match[str], words: Aloud) -> str:
    said = f"{found['number']} {_counted(words.units[found['unit']], found['number'])}"
    per = words.units.get(found["per"], "").partition("|")[0]
    return f"{said} {words.per} {per}" if found["slash"] else said


def _fraction(found: re.Match[str], known: _Known) -> str:
    part = _FRACTIONS.get(found["part"], found["part"])
    forms = known.words.fractions.get(part)
    if forms is None:
        return found[0]
    alone, _, after_whole = forms.partition("|")
    return (
        f"{found['whole']} {after_whole}"
        if found["whole"]
        else f"{found[0][: -len(found['part'])]}{alone}"
    )


def _money(found: re.Match[str], known: _Known) -> str:
    words, side = known.words, "a" if found["after"] else "b"
    cents = found[f"{side}_cents"] or ""
    whole = "".join(_GROUPED.findall(found[side]))
    if len(cents) == 1 and cents.isdigit():  # of "2,5 millions"
        whole, cents = f"{whole},{cents}", ""
    currency = _counted(words.currencies[found["after"] or found["before"]], whole)
    if not cents.strip("0-–"):
        return f"{whole} {currency}"
    if whole == "0":
        return f"{int(cents)} {_counted(words.cent, str(int(cents)))}"
    return words.money.format(whole=whole, currency=currency, cents=int(cents))
