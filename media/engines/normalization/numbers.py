"""Figures read by the words around them: codes by digits, ranges with "to", signs as words.

Plain money, dates and times are left to the voice. Pure; one line of text in, one out.
"""

import re

_DAYS = {
    "mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "thu": "Thursday",
    "thur": "Thursday", "thurs": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
_MONTHS = {
    "jan": "January", "feb": "February", "mar": "March", "apr": "April", "may": "May",
    "jun": "June",
    "jul": "July", "aug": "August", "sep": "September", "sept": "September", "oct": "October",
    "nov": "November", "dec": "December",
}  # fmt: skip
_MONTH_NAMES = ("", *dict.fromkeys(_MONTHS.values()))
_WORKDAYS_END = {"F": "Friday", "S": "Saturday"}
_NAMES = {**_DAYS, **_MONTHS}
_NAME = "|".join(sorted({*_NAMES, *(n.lower() for n in _NAMES.values()), "may"}, key=len)[::-1])
_DASH = r"\s?[-–—]\s?"

# What is counted or measured is a number, whatever stands before it.
_COUNTED = (
    r"(?:dollars?|euros?|pounds?|cents?|bucks|people|persons?|users?|times|miles?|years?|months?"
    r"|weeks?|days?"
    r"|hours?|minutes?|seconds?|feet|inches|met(?:er|re)s?|percent|lines?|words?|copies|units"
    r"|calls?"
    r"|friends|members|customers|households|digits|steps|points|views|votes|species|km|kg|lbs?)\b"
)
_DIGITS_AFTER = re.compile(
    r"\b(?P<before>(?:pin|pass ?code|code|password|zip(?: code)?|post ?code|postal code|dial|press"
    r"|ext(?:ension)?|flight|account|order|reference|ref|confirmation|tracking|booking|case"
    r"|ticket|serial|isbn|iban|vin|imei|ssn|text(?: \S+ to)?(?= (?:\d{5,6}|988)\b)"
    r"|invoice|policy|licen[cs]e|routing|member(?:ship)?|badge|locker|card|model|ending (?:in"
    r"|with)|ends (?:in|with)|isbn|iban|vin|imei|ssn"
    r"|last (?:three|four|3|4)|(?:phone|fax|telephone|mobile|cell|case|id) (?:number|no)|ID)\b\.?"
    r"(?:[\s:]+(?:number|no\.|code|digits|id|plate|is|was|are|the|your|my|called|of|to|in)){0,5}"
    r"[\s:,]*#?\s*)"
    r"(?P<code>(?=[A-Z\d-]{0,24}\d|(?-i:[A-Z]{2} \d{2}))[A-Z\d]{1,24}"
    r"(?: (?-i:[A-Z]{4})(?= \d)|[ /-]\d{1,9}|-[A-Z\d]{1,9}){0,8})"
    rf"(?![\w%]|[.,:/]\d|\s+{_COUNTED})",
    re.IGNORECASE,
)
_ALWAYS_CODE = re.compile(r"\b(?:pin|ext(?:ension)?|dial)\b", re.IGNORECASE)
_DIGITS_BEFORE = re.compile(
    r"(?<![\w.,$€£/:-])(?P<code>\d{3,})(?=,? (?:is|was) (?:your|the|my|our|his|her|their) "
    r"(?:\w+ ){0,2}?(?:pin|code|zip|extension|password|number)\b)",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"(?<![\w.,$€£/:#-])(?P<code>911)(?![\w%]|[.,:/-]\d)"
    r"|\b(?<=[Cc]all )(?P<called>\d{3})"
    r"(?= (?:now|if|for|right|at|and|or|immediately|first)|[.,;!?](?!\d)|$)"
)
_NINE_ONE_ONE = re.compile(r"(?<![\w-])\d-\d-\d(?![\w-])")
_STATE_ZIP = re.compile(r"\b(?P<state>[A-Z]{2}),? (?P<code>\d{5}(?:-\d{4})?)\b")
_HASH = re.compile(r"#\s?(?P<code>0\d*|\d{3,})\b(?![.,]\d)")
_LEADING_ZERO = re.compile(r"(?<![\w.,:/$€£#-])0\d+(?![\w%]|[.,:/-]\d)")
_GROUPED = re.compile(
    r"(?<![\w-])(?:\d{3}-\d{2}-\d{4}|\d{5}-\d{4}|\d{4}(?:[ -]\d{4}){2,3}"
    r"|0\d{2,4}(?: \d{3,4}){1,3}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d)(?![\w-])"
)
_ROUND = re.compile(
    rf"(?<![\w.,+-])(?P<number>[1-9]\d{{6,14}})(?![\w-]|[.,]\d)(?P<counted>\s+{_COUNTED})?"
)

_AMOUNT = r"[$€£]?\d+(?:[.,]\d+)*(?::\d\d)?"
_MEASURE = (
    r"\s?(?:[ap]\.?m\b\.?|%|°\s?[CF]?"
    r"|(?:st|nd|rd|th|million|billion|k|kg|g|lbs?|oz|km|mi|cm|mm|ft|in|min|hrs?|h)\b)"
)
_MEASURED_RANGE = re.compile(
    rf"(?<![\w.-])(?<!\d,)(?P<first>{_AMOUNT}(?:{_MEASURE}|s)?|noon|midnight){_DASH}"
    rf"(?P<last>{_AMOUNT}(?:{_MEASURE}|s)?|(?:noon|midnight|now|present|late|close)\b)(?![\w-]"
    rf"|[.,:/]\d)",
    re.IGNORECASE,
)
_NAMED_RANGE = re.compile(
    rf"\b(?P<first>{_NAME})\.?(?P<first_day> \d{{1,2}}(?:st|nd|rd|th)?)?{_DASH}"
    rf"(?P<last>{_NAME})\b\.?(?=[\s,;:!?)]|$|(?<=\.))",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"\bA-Z\b")
_WORKDAYS = re.compile(r"\bM[-–](?P<last>[FS])\b")
_NAMES_APART = re.compile(rf"\b(?:{_NAME})(?:/(?:{_NAME}))+\b", re.IGNORECASE)
_BETWEEN = re.compile(rf"\b(?P<first>between {_AMOUNT}){_DASH}(?={_AMOUNT})", re.IGNORECASE)
_SHORT_NAME = re.compile(
    r"\b(?P<day>Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\.(?=\s+[a-z\d(]|,)"
    r"|(?:(?<=\b[Oo]n )|(?<=\b[Bb]y )|(?<=\b[Nn]ext )|(?<=\b[Tt]his )|(?<=\b[Uu]ntil ))"
    r"(?P<named>Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\b(?:\.(?!\s*$))?(?!\.?\s+[A-Z])"
    r"|\b(?P<next>Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)(?=,? (?:at )?\d{1,2}(?::\d\d| to\b"
    r"|\s?[ap]\.?m\b"
    r"|(?:st|nd|rd|th)?(?: of)? (?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sep|Oct|Nov|Dec)))"
    r"|\b(?P<dated>Mon|Tues?|Wed|Thu(?:rs?)?|Fri)"
    r"(?= at\b|, (?:Jan|Feb|Mar|Apr|May|Ju[nl]|Aug|Sep|Oct|Nov|Dec))"
    r"|\b(?P<month>Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?:\.(?=\s+[a-z\d(]|,)|(?= \d))"
)
_CODE_LIKE = re.compile(r"(?!\d\d0[-–]\d\d00)\d{3}[-–]\d{4}|\d{4}[-–]\d{4}")
_LOCAL_NUMBER = re.compile(
    rf"(?<![\w.)-])(?<!\) )(?!\d\d0-\d\d00\b)\d{{3}}-\d{{4}}(?![\w-]|\s+{_COUNTED})"
)
_SUBTRACTION = re.compile(r"(?<=\d)\s?[-–−]\s?(?=\d+(?:\.\d+)?\s?=)")

_SIGNS = {
    "<=": "less than or equal to", ">=": "greater than or equal to", "≤": "less than or equal to",
    "≥": "greater than or equal to", "<": "less than", ">": "greater than", "≈": "about",
    "≠": "not equal to", "!=": "not equal to", "±": "plus or minus", "×": "times",
    "÷": "divided by", "→": "to", "->": "to", "=>": "to", "−": "minus", "~": "about",
    "√": "the square root of", "∞": "infinity", "==": "equals",
}  # fmt: skip
_SIGN = re.compile(
    r"(?<=[\w%)])\s*(?P<between><=|>=|[!=]=|->|=>|[<>≤≥≈≠±×÷→])\s*(?=[\w$€£(.-])"
    r"|(?:^|(?<=[\s(]))(?P<leading><=|>=|[<>≤≥≈~±−√∞])\s?(?=[$€£.(]?\d|(?<=∞)(?!\w))"
)
_RATIO = re.compile(r"(?<![\w:.])(?P<a>\d{1,3}):(?P<b>\d)(?![\w:.–-]\d|\d)")
_MIXED = re.compile(r"(?<=\d)\s?(?P<part>[½¼¾⅓⅔])")
_PARTS = {"½": "a half", "¼": "a quarter", "¾": "three quarters", "⅓": "a third", "⅔": "two thirds"}
_MORNING = re.compile(r"(?<=\d)\s?am\b(?! I\b)")
_CLOCK_BEFORE_NAME = re.compile(
    rf"(?<=\d)\s?(?P<half>[AaPp])\.[Mm]\.(?=\s+(?:{_NAME}|E[SD]?T|[PC][SD]?T|Eastern|Pacific"
    rf"|Central|Mountain)\b)",
    re.IGNORECASE,
)
_TIMES = re.compile(r"(?<=\d)(?P<unit>\s?(?:[cm]?m|ft|in|inches|feet)\b)?\s?[x×]\s?(?=\d)")
_SAID_APART = re.compile(
    r"(?<![\w./])(?P<a>24|\d0|9|7)/(?P<b>7|\d0|11)(?:/(?P<c>365))?(?![\w/]|\.\d)"
)
_PERIODS = {
    "hr": "hour", "min": "minute", "wk": "week", "mo": "month", "yr": "year", "lb": "pound",
    "kg": "kilogram", "oz": "ounce", "gal": "gallon", "dL": "deciliter", "mL": "milliliter",
    "L": "liter", "m²": "square meter", "ft²": "square foot", "square feet": "square foot",
}  # fmt: skip
_PER = re.compile(
    r"(?:(?<=[\d%s])|(?<=twice)|(?<=once)|(?<=\d[mk]g)|(?<=\d [mk]g)|(?<=\dmcg)|(?<=\d mcg)"
    r"|(?<=kWh)|(?<=\d mi))\s?/\s?"
    r"(?:(?P<short>hr|min|wk|mo|yr|lb|kg|oz|gal|[md]?L|m²|ft²|square feet)(?!\w)"
    r"(?:\.(?=\s+[a-z\d]))?|(?=(?:hour|day|week|month|year|minute|second|person|night|mile|unit|user)\b))"
)
_MIXED_FRACTION = re.compile(
    r"(?<![\w/.$€£])(?P<whole>\d+)[ -](?P<part>[1-7]/(?:[2-9]|1[06])\b)(?!/)"
)
_DATE_SHORT = re.compile(
    r"(?<=\bon )(?P<month>1[0-2]|0?[1-9])/(?P<day>[12]\d|3[01]|0?[1-9])\b(?!/|\s+of\b)",
    re.IGNORECASE,
)
_DATE_DOTTED = re.compile(
    r"(?<![\w.])(?P<d>\d{1,2})\.(?P<m>0?[1-9]|1[0-2])\.(?P<y>(?:19|20)\d\d)\b"
)
_DATE_ORDERED = re.compile(r"\b((?:19|20)\d\d)/(\d\d)/(\d\d)\b(?!/)")
_DATE_NAMED = re.compile(
    rf"\b(?P<day>\d{{1,2}})-(?P<month>{_NAME})-(?P<year>\d{{4}})\b", re.IGNORECASE
)
_EUROPEAN = re.compile(r"(?<![\w.,])(?P<whole>\d{1,3}(?:\.\d{3})+),(?P<cents>\d\d)(?!\d)")
_SPACED = re.compile(r"(?<![\w.,-])(?<!\d )[1-9]\d{0,2}(?: 000)+(?![\w-]| \d)")
_NEGATIVE = re.compile(r"(?<![\w)])[-−](?=[$€£]\d)|(?:^|(?<=\s)(?<!\d\s))[-−](?=\d)")
_EURO = re.compile(
    r"(?<![\w.,])(?:€\s?(?P<a>\d+(?:[.,]\d{3})*)(?:[.,](?P<a_cents>\d\d))?|(?P<b>\d+(?:[.,]\d{3})*)(?:[.,](?P<b_cents>\d\d))?\s?€)(?![.,]?\d)"
)
_DOLLARS = re.compile(
    r"(?<!\w)(?P<code>US|USD|CAD?|AUD?|C|A|NZD?|HK|SG)\s?\$\s?(?P<a>\d+(?:,\d{3})*(?:\.\d\d)?)"
    r"|(?<![\w.,$])(?P<b>\d+(?:,\d{3})*(?:\.\d\d)?)\s?(?P<after>USD|CAD|AUD|NZD|EUR|GBP|CHF|JPY)\b"
)
_CURRENCIES = {
    "US": "U S dollars", "C": "Canadian dollars", "CA": "Canadian dollars",
    "A": "Australian dollars", "AU": "Australian dollars", "NZ": "New Zealand dollars",
    "HK": "Hong Kong dollars", "SG": "Singapore dollars", "EU": "euros", "GB": "British pounds",
    "CH": "Swiss francs", "JP": "yen",
}  # fmt: skip
_TIMESTAMP = re.compile(
    r"(?P<day>\b\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d)(?::\d\d(?:\.\d+)?)?"
    r"(?P<utc>Z|\+00:?00)?(?!\d)"
)
_OUT_OF = re.compile(r"(?<=\d)/(?=10{1,2}\b(?!/|\.\d)|5 stars?\b)")
_POINTS = re.compile(r"(?<![\w.,$€£-])\d{1,3}(?:\.\d{1,3}){2,}(?![\w-]|\.\d)")
_ARITHMETIC = re.compile(
    r"(?<=\d)(?: [*/] (?=\d)|\s?[x×]\s?(?=\d[\d.,]* ?(?:=|is\b)|10\^))"
    r"|(?<=[\w)])\^(?:[23]\b(?!\.\d))?"
)
_ARITHMETIC_SIGNS = {
    "*": "times",
    "x": "times",
    "×": "times",
    "/": "divided by",
    "^": "to the power of",
    "^2": "squared",
    "^3": "cubed",
}
_MIDNIGHT = re.compile(
    r"\b(?P<clock>(?:at|by|until|till|from|after|before|to|around) )?"
    r"(?<![\d:])0?0:(?P<minutes>\d\d)\b(?!:)"
)
_BLOOD_PRESSURE = re.compile(r"\b(1\d\d|2[0-4]\d|9\d(?=/[4-8]))/([4-9]\d|1[0-4]\d)\b(?![/\d])")
_PLUS = re.compile(r"(?<=\d)\+(?=[\s,.;:!?)]|$)")
# Without one of these a line has short names of days and months to read, and nothing else.
_FIGURES = re.compile(r"[\d½¼¾⅓⅔/<>=≤≥≈≠±×÷→~−√∞^–—-]")


def read_numbers(line: str) -> str:
    """The line with figures that a voice would misread put into words or single digits."""
    if not _FIGURES.search(line):
        return _SHORT_NAME.sub(_full_name, line)
    line = _TIMESTAMP.sub(_timestamp, line)
    line = _DATE_DOTTED.sub(r"\g<y>-\g<m>-\g<d>", line)
    line = _DATE_ORDERED.sub(r"\1-\2-\3", line)
    line = _DATE_NAMED.sub(r"\g<month> \g<day>, \g<year>", line)
    line = _EUROPEAN.sub(lambda found: f"{found['whole'].replace('.', ',')}.{found['cents']}", line)
    line = _SPACED.sub(lambda found: found[0].replace(" ", ","), line)
    line = _NEGATIVE.sub("minus ", line)
    line = _DOLLARS.sub(_currency, _EURO.sub(_euro, line))
    line = _DATE_SHORT.sub(
        lambda found: f"{_MONTH_NAMES[int(found['month'])]} {int(found['day'])}", line
    )
    line = _POINTS.sub(lambda found: found[0].replace(".", " point "), line)
    line = _MIXED_FRACTION.sub(r"\g<whole> and \g<part>", line)
    line = _ARITHMETIC.sub(lambda found: f" {_ARITHMETIC_SIGNS[found[0].strip()]} ", line)
    line = _SAID_APART.sub(_said_apart, line)
    line = _OUT_OF.sub(" out of ", line)
    line = _BLOOD_PRESSURE.sub(r"\1 over \2", line)
    line = _RATIO.sub(r"\g<a> to \g<b>", line)
    line = _MIXED.sub(lambda found: f" and {_PARTS[found['part']]}", line)
    line = _CLOCK_BEFORE_NAME.sub(lambda found: f" {found['half'].upper()}M", line)
    line = _MORNING.sub(" a.m.", line)
    line = _MIDNIGHT.sub(_after_midnight, line)
    line = _PER.sub(lambda found: f" per {_PERIODS.get(found['short'], '')}", line)
    line = _TIMES.sub(r"\g<unit> by ", line)
    line = _ROUND.sub(_round_number, line)
    line = _LOCAL_NUMBER.sub(lambda found: _groups(found[0]), line)
    line = _DIGITS_AFTER.sub(_code_after, line)
    line = _GROUPED.sub(lambda found: _groups(found.group()), line)
    for pattern in (_DIGITS_BEFORE, _CALLED, _NINE_ONE_ONE):
        line = pattern.sub(lambda found: _spelled(found.group()), line)
    line = _STATE_ZIP.sub(lambda found: f"{found['state']} {_groups(found['code'])}", line)
    line = _HASH.sub(lambda found: f"number {_spelled(found['code'])}", line)
    line = _LEADING_ZERO.sub(lambda found: _spelled(found.group()), line)
    line = _SUBTRACTION.sub(" minus ", line)
    line = _BETWEEN.sub(r"\g<first> and ", line)
    line = _MEASURED_RANGE.sub(_range, line)
    line = _NAMED_RANGE.sub(_named_range, line)
    line = _LETTERS.sub("A to Z", line)
    line = _WORKDAYS.sub(lambda found: f"Monday to {_WORKDAYS_END[found['last']]}", line)
    line = _NAMES_APART.sub(_names_apart, line)
    line = _SHORT_NAME.sub(_full_name, line)
    line = _PLUS.sub(" plus", line)
    return _SIGN.sub(_sign, line)


def _full_name(found: re.Match[str]) -> str:
    return _NAMES[found.group().rstrip(".").lower()]


def _sign(found: re.Match[str]) -> str:
    words = _SIGNS[found["between"] or found["leading"]]
    is_compared = found["between"] and words.startswith(("less", "greater", "not"))
    return f" is {words} " if is_compared else f" {words} "


def _spelled(code: str) -> str:
    return " ".join(character for character in code if character.isalnum())


def _groups(code: str) -> str:
    return ", ".join(" ".join(group) for group in re.findall(r"[A-Za-z\d]+", code))


def _code_after(found: re.Match[str]) -> str:
    before, code = found["before"], found["code"]
    is_short = sum(map(str.isdigit, code)) < 3 and not code.startswith("0")
    is_word = bool(re.search(r"[a-z]", code))
    if is_word or (is_short and not _ALWAYS_CODE.search(before)):
        return found.group()
    before = re.sub(r"\bext\b\.?", "extension", before, flags=re.IGNORECASE)
    before = re.sub(r"#\s*$", "number ", before)
    return before + _groups(code)


def _round_number(found: re.Match[str]) -> str:
    number = found["number"]
    zeros = len(number) - len(number.rstrip("0"))
    if zeros * 2 < len(number) and not found["counted"]:
        return found.group()
    return f"{int(number):,}{found['counted'] or ''}"


def _range(found: re.Match[str]) -> str:
    if _CODE_LIKE.fullmatch(found.group()):
        return found.group()
    first, last = found["first"].strip(), found["last"]
    return (
        f"{first} {last}" if first == last or (first, last) == ("24", "7") else f"{first} to {last}"
    )  # "50-50"


def _euro(found: re.Match[str]) -> str:
    side = "a" if found["a"] else "b"
    cents = found[f"{side}_cents"]
    return f"€{found[side].replace('.', ',')}{'.' if cents else ''}{cents or ''}"


def _currency(found: re.Match[str]) -> str:
    return f"{found['a'] or found['b']} {_CURRENCIES[(found['code'] or found['after'])[:2]]}"


def _named_range(found: re.Match[str]) -> str:
    first, last = (_NAMES.get(found[key].lower(), found[key]) for key in ("first", "last"))
    return f"{first}{found['first_day'] or ''} to {last}"


def _names_apart(found: re.Match[str]) -> str:
    names = found[0].split("/")
    return ", ".join(_NAMES.get(name.lower(), name) for name in names)


def _timestamp(found: re.Match[str]) -> str:
    return f"{found['day']} at {found['time']}{' U T C' if found['utc'] else ''}"


def _said_apart(found: re.Match[str]) -> str:
    a, b = found["a"], found["b"]
    both = {(24, 7), (9, 11), (7, 11), (20, 20)}
    if (int(a), int(b)) not in both and int(a) + int(b) != 100:
        return found.group()
    return f"{a} {b} 3 65" if found["c"] else f"{a} {b}"


def _after_midnight(found: re.Match[str]) -> str:
    if found["minutes"] == "00":
        return f"{found['clock'] or ''}midnight"
    if found["clock"]:
        return f"{found['clock']}12:{found['minutes']} a.m."
    return f"{int(found['minutes'])} seconds"
