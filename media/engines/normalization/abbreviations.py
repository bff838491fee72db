"""Shortened words in full, capitals that shout as words, and stage directions left out.

Real abbreviations stay as they are for the voice to spell. Pure; one line of text in, one out.
"""

import re

_PHRASES = (
    (re.compile(r"\be\.\s?g\.,?(?=\s|$|\))", re.IGNORECASE), "for example,"),
    (re.compile(r"\bi\.\s?e\.,?(?=\s|$|\))", re.IGNORECASE), "that is,"),
    (re.compile(r"\ba\.k\.a\.?(?=\s|$)", re.IGNORECASE), "also known as"),
    (re.compile(r"\bN\.?B\.(?=\s)"), "note:"),
    (re.compile(r"\b[Nn]o\.\s?(?=\d)"), "number "),
    (re.compile(r"\b[Nn]os\.\s?(?=\d)"), "numbers "),
    (re.compile(r"\bsq\.? ft\b\.?"), "square feet"),
    (re.compile(r"\b[Aa]pprox\.?(?=\s+\S)"), "approximately"),
    (re.compile(r"\b[Ee]st\.\s+(?=\d)"), "established "),
    (re.compile(r"\b[Tt]el\.:?\s+(?=[+(]{0,2}\d)"), "telephone "),
    (re.compile(r"\b[Vv]s\.(?=\s+\S)|(?<=[a-z] )v\.(?= [A-Z])"), "versus"),
    (re.compile(r"\b[Mm]ax\.\s+(?=\d)"), "at most "),
    (re.compile(r"\b[Mm]in\.\s+(?=\d)"), "at least "),
    (re.compile(r"\b[Pp]\.\s?(?=\d)"), "page "),
    (re.compile(r"\b[Pp]p\.\s?(?=\d)"), "pages "),
    (
        re.compile(r"(?<=\d{3}[-. ]\d{4})\s?x\.?\s?(?=\d{1,6}\b)|(?<!\S)x(?=\d{3,5}\b)"),
        " extension ",
    ),
    (re.compile(r"\bRte?\.?(?=\s+\d)"), "Route"),
    (re.compile(r"\b[Dd]ept\.(?=\s)"), "department"),
    (re.compile(r"\b[Ss]ec\.(?=\s\d)"), "section"),
    (re.compile(r"\bca?\.\s?(?=\d{3,4}\b)"), "about "),
    (re.compile(r"(?<=\d)k\b(?!\s(?:run|race|walk|marathon))"), " thousand"),
    (re.compile(r"\b(\d+)\s?h(?:rs?)?\s?(\d{1,2})\s?m(?:ins?)?\b"), r"\1h \2 min"),
    (re.compile(r"(?<=\d)\s?ft\.?\s(?=\d{1,2}\s?in\b)"), " feet "),
    (re.compile(r"(?<=feet )(\d{1,2})\s?in\b\.?"), r"\1 inches"),
    (re.compile(r"\bHwy\b\.?(?=\s+\d)"), "Highway"),
    (re.compile("π"), " pi "),
    (re.compile(r"\bGen (?=[XYZ]\b)"), "Gen-"),  # and no general
    (re.compile(r"\bC\+\+"), "C plus plus"),
    (re.compile(r"\b[Ff]ig\.\s?(?=\d)"), "figure "),
    (re.compile(r"\b[Vv]ol\.\s?(?=\d)"), "volume "),
    (re.compile(r"\b[Aa]pt\.?\s?#?(?=\d)"), "apartment "),
    (re.compile(r"\bSte\.?\s(?=\d)"), "suite "),
    (re.compile(r"\bincl\.(?=\s)"), "including"),
    (re.compile(r"\bWI-?FI\b|\bWiFi\b"), "Wi-Fi"),
    (re.compile(r"(?<=\w)\s+&\s+(?=\w)"), " and "),
    (re.compile(r"(?<=\b(?i:dial) )\*(?=\d)"), "star "),
    (re.compile(r"(?<=\b(?i:dial) )#(?=\d)"), "pound "),
    (re.compile(r"\bCO2(?!\w)"), "C O 2"),
    (re.compile(r"\b([CF])#(?!\w)"), r"\1 sharp"),
    (re.compile(r"\b[Tt]emp\.(?=\s+[a-z])"), "temperature"),
    (re.compile(r"\b[Aa]/[Cc]\b"), "A C"),
    (re.compile(r"\bc/o\b", re.IGNORECASE), "care of"),
    (re.compile(r"\bb/c\b", re.IGNORECASE), "because"),
    (re.compile(r"\bn/a\b", re.IGNORECASE), "not available"),
    (re.compile(r"\bw/(?=\s)", re.IGNORECASE), "with"),
    (re.compile(r"(?<=\d)\s?bn\b"), " billion"),
    (re.compile(r"(?<=\d)(?<!(?<![\d.])3)M\b"), " million"),  # but the company
    (
        re.compile(
            r"(?<=\d)\s?x\b(?=\s+(?:an?|per|each|every|daily|weekly|as|more|less|speed|zoom|the|\w+er)\b)"
        ),
        " times",
    ),
)
# Of a line without a figure whatever asks for one is passed over: most lines have none.
_PHRASES_OF_WORDS = tuple((found, words) for found, words in _PHRASES if r"\d" not in found.pattern)
_FIGURE = re.compile(r"[\d½¼¾⅓⅔]")
_VERSION = re.compile(r"\bv\.?\s?(?P<number>\d+(?:\.\d+)+)", re.IGNORECASE)
_KEY = re.compile(
    r"(?<=\b(?i:press|enter) )[*#](?![\w*#])|(?<=\b(?i:dial) )[*#](?![\w*#])"
    r"|(?<=\bor )[*#](?![\w*#])|(?<!\S)[*#](?= key\b)"
)
_KEYS = {"*": "star", "#": "pound"}
_UNITS = {
    "in.": ("inch", "inches"), "ft.": ("foot", "feet"), "yd.": ("yard", "yards"),
    "mi.": ("mile", "miles"), "oz.": ("ounce", "ounces"), "lb.": ("pound", "pounds"),
    "lbs.": ("pound", "pounds"), "tbsp": ("tablespoon", "tablespoons"),
    "tbs": ("tablespoon", "tablespoons"), "tsp": ("teaspoon", "teaspoons"),
    "qt": ("quart", "quarts"), "gal": ("gallon", "gallons"), "doz": ("dozen", "dozen"),
    "pkg": ("package", "packages"), "min.": ("minute", "minutes"),
    "min": ("minute", "minutes"),
    "hr.": ("hour", "hours"), "hrs.": ("hour", "hours"), "sec.": ("second", "seconds"),
    "secs.": ("second", "seconds"), "mins.": ("minute", "minutes"),
    "yr": ("year", "years"), "yrs": ("year", "years"), "wk": ("week", "weeks"),
    "wks": ("week", "weeks"), "mo": ("month", "months"), "mos": ("month", "months"),
    "fl oz": ("fluid ounce", "fluid ounces"), "fl. oz": ("fluid ounce", "fluid ounces"),
    "mL": ("milliliter", "milliliters"), "V": ("volt", "volts"), "dB": ("decibel", "decibels"),
    "kcal": ("kilocalorie", "kilocalories"), "mpg": ("mile per gallon", "miles per gallon"),
    "ppm": ("part per million", "parts per million"), "h": ("hour", "hours"),
    "W": ("watt", "watts"),
    "m/s": ("meter per second", "meters per second"), "m²": ("square meter", "square meters"),
    "km²": ("square kilometer", "square kilometers"), "ft²": ("square foot", "square feet"),
    "m³": ("cubic meter", "cubic meters"), "c.": ("cup", "cups"),
    "g": ("gram", "grams"), "l": ("liter", "liters"), "dl": ("deciliter", "deciliters"),
}  # fmt: skip
_QUANTITY = r"(?P<number>\d+(?:[.,]\d+)*(?:[ -]?\d/\d+|\s?[½¼¾⅓⅔])?|\d/\d+|[½¼¾⅓⅔])"
_WITH_DOT = "|".join(re.escape(unit) for unit in _UNITS if unit.endswith("."))
_BARE = "|".join(
    f"(?i:{unit})" if unit in {"tbsp", "tbs", "tsp"} else unit
    for unit in _UNITS
    if not unit.endswith(".")
)
_UNIT = re.compile(
    rf"(?<![\w.$€£])(?<!\d,){_QUANTITY}[\s-]?(?:(?P<dotted>{_WITH_DOT})|(?P<bare>{_BARE}"
    rf"|L)(?:\b|(?=[²³]))(?P<dot>\.(?=\s+[a-z\d]|[,;:)]))?)"
    r"(?=[\s,;:.!?)/²]|$)"
)
_SPOON = re.compile(r"\b(?P<unit>tbsp|tsp)(?P<plural>s)?\b(?:\.(?=\s+[a-z\d(]))?", re.IGNORECASE)
_FEET_AND_INCHES = re.compile(
    r"(?<![\w.])(?P<feet>\d{1,2})['’′]\s?(?P<inches>\d{1,2})(?:[\"”″]|'')"
)
_COORDINATE = re.compile(
    r"(?<=\d)°(?:\s?(?P<minutes>\d{1,2})[′'’](?:\s?(?P<seconds>\d+(?:\.\d+)?)[″\"”])?)?\s?(?P<side>[NSEW])\b"
)
_SIDES = re.compile(
    r"(?<![\w.])(?P<a>\d+(?:\.\d+)?)(?P<sign>[\"'″′])\s?[x×]\s?(?P<b>\d+(?:\.\d+)?)(?P=sign)"
)
_LENGTH = re.compile(
    r"(?<![\w.])(?P<number>\d+(?:\.\d+)?)(?:(?P<feet>['’′])(?=\s(?:tall|long|wide|high|deep)\b)"
    r"|[″\"](?=(?P<noun>-\w| (?!tall|long|wide|high|deep|by|from|of|in|and|or|thick)\w{2}))?"
    r"(?=[\s-]\w|[.,]))"
)
_DEGREES = re.compile(r"(?<![\w.$])(?P<number>\d{2,3})\s?(?P<scale>[CF])\b(?!\.?\w)")
_SEAT = re.compile(r"\b(?:seat|row|gate|aisle)s?\b", re.IGNORECASE)
_SCALES = {"C": "Celsius", "F": "Fahrenheit"}
_LESS_THAN_TWO = re.compile(r"1(?:\.0)?|\d/\d+|[½¼¾⅓⅔]")

_ENDS = r"(?:\.(?P<ends>(?=\s*$|\s+(?![NS]\.?[EW]\b)[A-Z]))?)?"
_STREET = re.compile(
    r"(?P<before>(?:\b\d\w*|\b(?:on|at|to|near|off|along|down|up|from|and|of"
    r"|in))(?:\s+[A-Z][\w'.-]{0,30}){1,3}\s+"
    r"|\b[A-Z][\w'-]{0,30}\s+(?=(?:Dr|St)\.(?!\s+[A-Z])))(?P<kind>Dr|St)\b" + _ENDS
)
_ROAD = re.compile(r"(?P<before>)(?<=\w )(?P<kind>Ave|Blvd|Rd|Ln|Pkwy|Hwy)\b" + _ENDS)
_STREETS = {
    "Dr": "Drive", "St": "Street", "Ave": "Avenue", "Blvd": "Boulevard", "Rd": "Road",
    "Ln": "Lane", "Pkwy": "Parkway", "Hwy": "Highway",
}  # fmt: skip
_SIDE = re.compile(
    rf"(?<=\d )(?P<kind>[NSEW])\.?(?= [A-Z][\w'-]+ (?:{'|'.join(_STREETS.values())})\b)"
)
_SIDES_OF_TOWN = {"N": "North", "S": "South", "E": "East", "W": "West"}
_QUARTERS = {"NW": "Northwest", "NE": "Northeast", "SW": "Southwest", "SE": "Southeast"}
_QUARTER = re.compile(
    r"(?<=\w )(?:(?P<kind>[NS][EW])|(?P<ns>[NS])\.(?P<ew>[EW])\.?)(?!\w)(?=[.,]|\s*$)"
)

_ACTION = (
    r"(?:(?:sigh|laugh|chuckle|giggle|smile|nod|pause|whisper|gasp|cough|groan|wink|grin|shrug"
    r"|wave|sniff|yawn"
    r"|gulp|hum|beep|clap|cheer|snort|sob|mutter|exhale|inhale|breathe|blink|beam|frown|smirk"
    r"|snicker)"
    r"(?:e?s|ing)?|pausing|smiling|laughter|applause|music|silence|typing|inaudible|crosstalk"
    r"|clear(?:s|ing)? (?:(?:his|her|its|my|the) )?throat|tak(?:es?|ing) (?:a )?(?:\w+ )?breath)"
)
_STAGE = (
    rf"(?:(?:\w+ly|a|deep|long|short|slight|small|soft|quiet|warm|light|brief"
    rf"|nervous)\s+)*{_ACTION}"
    r"(?:\s+(?:\w+ly|again|deep|breath|(?:at|with|to|in|for|his|her|its|the|a|and)(?: \w+){1,2}))*"
)
_STAGE_DIRECTION = re.compile(
    rf"\*{{1,2}}\s*{_STAGE}[^\w*]*\*{{1,2}}|\b_{_STAGE}\W*_\b|\(\s*{_STAGE}\W*\)|\[\s*{_STAGE}\W*\]"
    rf"|<\s*{_STAGE}\W*>",
    re.IGNORECASE,
)

_SHOUT = re.compile(r"\b[A-Z][A-Z']*\b(?:[ ,]+[A-Z][A-Z']*\b)+")
_SHOUTED = re.compile(
    r"\b(?:AM|AN|AND|ARE|AS|AT|BE|BUT|BY|CAN|CANNOT|DID|DO|DOES|DON'T|FOR|FROM|GET|GO|HAD|HAS"
    r"|HAVE|HE|HER"
    r"|HIM|HIS|HOW|I'M|IF|IN|IS|IT'S|ITS|ME|MY|NO|NOT|NOW|OF|ON|OR|OUR|OUT|PLEASE|SHE|SO|STOP"
    r"|THAT|THE|THEM"
    r"|THERE|THEY|THIS|TO|UP|VERY|WAS|WE|WERE|WHAT|WHEN|WHERE|WHY|WILL|WITH|YES|YOU|YOUR|AND IT)\b"
)
_SPELLED = re.compile(
    "AC|ATM|BBC|CEO|CIA|CNN|DIY|DMV|DNA|DVD|EU|FAQ|FBI|GMT|GPS|HIV|HR|HTML|HVAC|ID|IQ|IRS|KFC|LA"
    "|LED|MRI|NASA"
    "|NBA|NFL|NHS|NYC|OK|PC|PDF|PIN|PM|PS|RSVP|SMS|SUV|TV|UFO|UK|UN|URL|USA|USB|VIP|VPN|WWW"
)


def without_stage_directions(text: str) -> str:
    """The text without "*sighs*", "(laughs softly)", "[pause]": they are done, not said."""
    return _STAGE_DIRECTION.sub(" ", text)


def in_full(line: str) -> str:
    """The line with shortened words in full and shouted words in small letters."""
    line = _ROAD.sub(_street, _STREET.sub(_street, line))
    line = _SIDE.sub(lambda found: _SIDES_OF_TOWN[found["kind"]], line)
    line = _QUARTER.sub(lambda found: _QUARTERS[found["kind"] or found["ns"] + found["ew"]], line)
    has_figures = _FIGURE.search(line) is not None
    for pattern, words in _PHRASES if has_figures else _PHRASES_OF_WORDS:
        line = pattern.sub(words, line)
    line = _KEY.sub(lambda found: _KEYS[found.group()], line)
    line = _measures(line) if has_figures else line
    line = _SPOON.sub(lambda found: _UNITS[found["unit"].lower()][bool(found["plural"])], line)
    return _SHOUT.sub(_quietly, line)


def _measures(line: str) -> str:
    line = _VERSION.sub(lambda found: "version " + " point ".join(found["number"].split(".")), line)
    line = _COORDINATE.sub(_coordinate, line)
    line = _SIDES.sub(_sides, line)
    line = _FEET_AND_INCHES.sub(r"\g<feet> feet \g<inches> inches", line)
    line = _LENGTH.sub(_length, line)
    if not _SEAT.search(line):
        line = _DEGREES.sub(
            lambda found: f"{found['number']} degrees {_SCALES[found['scale']]}", line
        )
    return _UNIT.sub(_unit, line)


def _street(found: re.Match[str]) -> str:
    return f"{found['before']}{_STREETS[found['kind']]}{'.' if found['ends'] is not None else ''}"


def _coordinate(found: re.Match[str]) -> str:
    minutes, seconds = found["minutes"], found["seconds"]
    return (
        " degrees"
        + (f" {minutes} minutes" if minutes else "")
        + (f" {seconds} seconds" if seconds else "")
        + f" {_SIDES_OF_TOWN[found['side']]}"
    )


def _sides(found: re.Match[str]) -> str:
    unit = "inches" if found["sign"] in '"″' else "feet"
    return f"{found['a']} by {found['b']} {unit}"


def _length(found: re.Match[str]) -> str:
    before = found.string[: found.start()].rpartition('"')
    if found[0][-1] == '"' and before[1] and not before[0][-1:].strip("( "):
        return found[0]  # ends what is quoted
    one, many = _UNITS["ft." if found["feet"] else "in."]
    is_one = found["number"] == "1" or found["noun"]  # of "a 27-inch screen"
    return f"{found['number']} {one if is_one else many}"


def _unit(found: re.Match[str]) -> str:
    unit = found["dotted"] or found["bare"]
    unit = unit if unit in _UNITS else unit.lower()
    words = _UNITS[unit][not _LESS_THAN_TWO.fullmatch(found["number"])]
    followed = found.string[found.end() :].lstrip()
    ends = found["dotted"] and (not followed or followed[0].isupper())
    return f"{found['number']} {words}{'.' if ends else ''}"


def _quietly(found: re.Match[str]) -> str:
    words = found.group()
    if not _SHOUTED.search(words):
        return words
    return re.sub(r"[A-Z][A-Z']*", lambda word: _quiet(word.group()), words)


def _quiet(word: str) -> str:
    if _SPELLED.fullmatch(word):
        return word
    return word.capitalize() if word in {"I", "I'M", "I'LL", "I'VE", "I'D"} else word.lower()
