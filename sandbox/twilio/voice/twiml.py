"""TwiML documents: the XML a product answers with, read into verbs.

Pure. Unknown verbs and attributes are only warned about (Twilio 12200), XML that cannot be read
is an application error (12100). What the sandbox does not speak counts as unknown, too.
"""

from urllib.parse import urljoin
from xml.etree import ElementTree

import msgspec

_ATTRIBUTES: dict[str, frozenset[str]] = {
    "Connect": frozenset({"action", "method"}),
    "Stream": frozenset({"url", "name", "track", "statusCallback", "statusCallbackMethod"}),
    "Parameter": frozenset({"name", "value"}),
    "Redirect": frozenset({"method"}),
    "Hangup": frozenset(),
    "Pause": frozenset({"length"}),
    "Say": frozenset({"voice", "language", "loop"}),
    "Reject": frozenset({"reason"}),
    "Dial": frozenset({"callerId", "timeout", "timeLimit"}),
    "Number": frozenset({"sendDigits"}),
}
_VERBS = frozenset({"Connect", "Redirect", "Hangup", "Pause", "Say", "Reject", "Dial"})


class ApplicationError(Exception):
    """A document cannot be fetched, read or run; `code` is Twilio's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class StreamNoun(msgspec.Struct, frozen=True):
    """`<Stream>` inside `<Connect>`."""

    url: str
    name: str = ""
    track: str = "inbound_track"
    status_callback: str = ""
    status_callback_method: str = "POST"
    parameters: dict[str, str] = {}


class Connect(msgspec.Struct, frozen=True):
    """Connect the call to a media stream; afterwards `action`, if any, says how it goes on."""

    stream: StreamNoun
    action: str = ""
    method: str = "POST"


class Redirect(msgspec.Struct, frozen=True):
    """Go on with another document."""

    url: str
    method: str = "POST"


class Wait(msgspec.Struct, frozen=True):
    """A pause, or the time it takes to say a text, which nobody hears here."""

    seconds: float
    text: str = ""


class Dial(msgspec.Struct, frozen=True):
    """Connect the caller to a number until either hangs up; `keys` are pressed there."""

    number: str
    keys: str = ""


class HangUp(msgspec.Struct, frozen=True):
    """End the call."""


class Reject(msgspec.Struct, frozen=True):
    """Do not answer, which only a call that comes in can be told."""

    reason: str = "rejected"


Verb = Connect | Redirect | Wait | Dial | HangUp | Reject


class Document(msgspec.Struct, frozen=True):
    """Verbs in order, and what there was to warn about."""

    verbs: tuple[Verb, ...]
    warnings: tuple[str, ...]


def response_element(text: bytes | str) -> ElementTree.Element:
    """The root of a document. Raises ApplicationError."""
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 # expat limits entity expansion itself
    except (ElementTree.ParseError, ValueError) as error:
        raise ApplicationError(12100, f"Document parse failure: {error}") from error
    if root.tag != "Response":
        raise ApplicationError(12100, f"Document parse failure: root is {root.tag}, not Response")
    return root


def parse_twiml(text: bytes | str, base_url: str) -> Document:
    """Read a document; relative URLs are resolved against `base_url` ("" when it was inline).

    Raises ApplicationError.
    """
    root = response_element(text)
    warnings: list[str] = []
    verbs: list[Verb] = []
    for element in root:
        if element.tag not in _VERBS:
            warnings.append(f"unknown verb {element.tag}")
            continue
        _warn_attributes(element, warnings)
        verbs.append(_verb(element, base_url, warnings))
    return Document(tuple(verbs), tuple(warnings))


def speaking_seconds(text: str) -> float:
    """How long a text takes to say, at about fifteen characters a second."""
    return len(text) / 15


def _verb(element: ElementTree.Element, base_url: str, warnings: list[str]) -> Verb:
    text = (element.text or "").strip()
    method = element.get("method", "POST").upper()
    match element.tag:
        case "Connect":
            action = element.get("action", "")
            return Connect(
                _stream(element, base_url, warnings),
                _absolute(base_url, action) if action else "",
                method,
            )
        case "Redirect":
            return Redirect(_absolute(base_url, text), method)
        case "Dial":
            number = element.find("Number")
            if number is None:
                return Dial(text)
            _warn_attributes(number, warnings)
            return Dial((number.text or "").strip(), number.get("sendDigits", ""))
        case "Reject":
            return Reject(element.get("reason", "rejected"))
        case "Pause":
            return Wait(_number(element, "length", 1))
        case "Say":
            times = _number(element, "loop", 1)
            return Wait(speaking_seconds(text) * times, text)
        case _:
            return HangUp()


def _stream(connect: ElementTree.Element, base_url: str, warnings: list[str]) -> StreamNoun:
    nouns = list(connect)
    if len(nouns) != 1 or nouns[0].tag != "Stream":
        raise ApplicationError(12100, "Connect needs exactly one noun, and here only Stream")
    noun = nouns[0]
    _warn_attributes(noun, warnings)
    parameters: dict[str, str] = {}
    for child in noun:
        name, value = child.get("name", ""), child.get("value", "")
        if child.tag != "Parameter" or not name:
            warnings.append(f"unknown element {child.tag} in Stream")
        elif len(name) + len(value) >= 500:  # "TwiML Voice: Stream"
            warnings.append("Parameter name and value must be under 500 characters")
        else:
            parameters[name] = value
    return StreamNoun(
        url=_absolute(base_url, noun.get("url", "")),
        name=noun.get("name", ""),
        track=noun.get("track", "inbound_track"),
        status_callback=noun.get("statusCallback", ""),
        status_callback_method=noun.get("statusCallbackMethod", "POST").upper(),
        parameters=parameters,
    )


def _absolute(base_url: str, url: str) -> str:
    if "://" in url:
        return url  # exactly as written: it will be signed
    if not base_url or not url:
        raise ApplicationError(11100, f"Invalid URL: {url!r}")
    return urljoin(base_url, url)


def _number(element: ElementTree.Element, name: str, default: int) -> int:
    text = element.get(name, "")
    return int(text) if text.isdecimal() else default


def _warn_attributes(element: ElementTree.Element, warnings: list[str]) -> None:
    warnings.extend(
        f"unknown attribute {name} of {element.tag}"
        for name in element.attrib
        if name not in _ATTRIBUTES[element.tag]
    )
