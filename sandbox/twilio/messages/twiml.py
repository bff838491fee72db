"""Answers to a text that came in: TwiML for messaging, or plain text, read into messages to send.

Pure. Each message is given as the fields a REST request for it would have, so that one set of
checks serves both. Unknown verbs and attributes are only warned about (Twilio 12200).
"""

from urllib.parse import urljoin
from xml.etree import ElementTree

import msgspec

from sandbox.twilio.voice.twiml import ApplicationError, response_element

_XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
_ATTRIBUTES = frozenset({"to", "from", "action", "method", "statusCallback"})

Fields = dict[str, list[str]]


class Answer(msgspec.Struct, frozen=True):
    """Messages in order, and what there was to warn about."""

    messages: tuple[Fields, ...]
    warnings: tuple[str, ...] = ()


def parse_answer(body: bytes, content_type: str, url: str, person: str, number: str) -> Answer:
    """What the product at `url` answers to a text from `person` to `number`.

    Raises ApplicationError.
    """
    kind = content_type.partition(";")[0].strip().lower()
    defaults: Fields = {"To": [person], "From": [number]}
    if kind == "text/plain":
        text = body.decode(errors="replace")
        return Answer((defaults | {"Body": [text]},) if text.strip() else ())
    if kind not in _XML_TYPES:
        raise ApplicationError(12300, f"Invalid Content-Type {kind!r}")
    root = response_element(body)
    messages = tuple(
        defaults | _fields(element, url) for element in root if element.tag == "Message"
    )
    return Answer(messages, tuple(_warnings(root)))


def _fields(message: ElementTree.Element, url: str) -> Fields:
    bodies = [body.text or "" for body in message.iterfind("Body")]
    fields = {
        "Body": ["".join(bodies) or (message.text or "").strip()],
        "MediaUrl": [(media.text or "").strip() for media in message.iterfind("Media")],
    }
    for name, field in (("to", "To"), ("from", "From")):
        if value := message.get(name):
            fields[field] = [value]
    if callback := message.get("statusCallback") or message.get("action"):
        fields["StatusCallback"] = [callback if "://" in callback else urljoin(url, callback)]
    return fields


def _warnings(root: ElementTree.Element) -> list[str]:
    warnings = [f"unknown verb {element.tag}" for element in root if element.tag != "Message"]
    for message in root.iterfind("Message"):
        warnings += [
            f"unknown attribute {name} of Message" for name in message.attrib.keys() - _ATTRIBUTES
        ]
        warnings += [
            f"unknown element {child.tag} in Message"
            for child in message
            if child.tag not in ("Body", "Media")
        ]
    return warnings
