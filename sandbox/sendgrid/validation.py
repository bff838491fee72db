"""What SendGrid finds wrong with a mail before it takes it.

Pure: a payload in, problems out, in the words of its "Mail Send Errors" page where these are
known. What it finds later it reports as a `dropped` event; see `delivery_outcomes`.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from sandbox.sendgrid.errors import HELP, Problem
from sandbox.sendgrid.payload import Address, Payload, Personalization

MOST_RECIPIENTS = 1000
MOST_CATEGORIES = 10
LONGEST_CATEGORY = 255
MOST_ARGS_BYTES = 10_000
FARTHEST = timedelta(hours=72)

_EMAIL = re.compile(r"[^@\s<>\",;:()\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_RESERVED = frozenset(
    {
        "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type",
        "content-transfer-encoding", "to", "from", "subject", "reply-to", "cc", "bcc",
    }
)  # fmt: skip
_ORDER = {"text/plain": 0, "text/html": 1}


def is_email(text: str) -> bool:
    """Whether this is a bare address."""
    return _EMAIL.fullmatch(text) is not None


def problems(payload: Payload, now: datetime) -> list[Problem]:
    """Everything wrong with it."""
    return [
        *_personalizations(payload),
        *_people(payload),
        *_subject(payload),
        *_content(payload),
        *_attachments(payload),
        *_headers(payload.headers, "headers"),
        *_labels(payload),
        *_times(payload, now),
    ]


def _personalizations(payload: Payload) -> Iterator[Problem]:
    if not payload.personalizations:
        yield Problem(
            "The personalizations field is required and must have at least one personalization.",
            "personalizations",
            f"{HELP}#-Personalizations-Errors",
        )
    if sum(len(one.recipients) for one in payload.personalizations) > MOST_RECIPIENTS:
        yield Problem(
            "The total number of recipients must be no more than 1000. This includes all "
            "recipients defined within the to, cc, and bcc parameters, across each object that "
            "you include in the personalizations array.",
            "personalizations",
            f"{HELP}#message.recipients",
        )
    for place, one in enumerate(payload.personalizations):
        yield from _recipients(one, f"personalizations.{place}")
        yield from _headers(one.headers, f"personalizations.{place}.headers")


def _recipients(one: Personalization, field: str) -> Iterator[Problem]:
    if not one.to:
        yield Problem(
            "The to array is required for all personalization objects, and must have at least one "
            "email object with a valid email address.",
            f"{field}.to",
            f"{HELP}#message.personalizations.to",
        )
    seen: set[str] = set()
    for kind in ("to", "cc", "bcc"):
        for place, address in enumerate(getattr(one, kind)):
            yield from _address(address, f"{field}.{kind}.{place}.email")
            if address.email.lower() in seen:
                yield Problem(
                    "Each email address in the personalization block should be unique between to, "
                    "cc, and bcc. We found the first duplicate instance of "
                    f"[{address.email}] in the {field}.{kind} field.",
                    field,
                )
            seen.add(address.email.lower())


def _people(payload: Payload) -> Iterator[Problem]:
    if not payload.from_.email:
        yield Problem(
            "The from object must be provided for every email send. It is an object that requires "
            "the email parameter, but may also contain a name parameter.",
            "from.email",
            f"{HELP}#message.from",
        )
    else:
        yield from _address(payload.from_, "from.email")
    if payload.reply_to is not None:
        yield from _address(payload.reply_to, "reply_to.email")
        if payload.reply_to_list:
            yield Problem("Only one of reply_to and reply_to_list may be given.", "reply_to_list")
    for place, address in enumerate(payload.reply_to_list):
        yield from _address(address, f"reply_to_list.{place}.email")


def _address(address: Address, field: str) -> Iterator[Problem]:
    if not is_email(address.email):
        yield Problem(
            "Does not contain a valid address.", field, f"{HELP}#message.{field.split('.')[0]}"
        )


def _subject(payload: Payload) -> Iterator[Problem]:
    if payload.subject or all(one.subject for one in payload.personalizations):
        return
    yield Problem(
        "The subject is required. You can get around this requirement if you use a template with "
        "a subject defined or if every personalization has a subject defined.",
        "subject",
        f"{HELP}#message.subject",
    )


def _content(payload: Payload) -> Iterator[Problem]:
    if payload.template_id:
        yield Problem("The template_id does not name a template of this account.", "template_id")
    if not payload.content:
        yield Problem(
            "Unless a valid template_id is provided, the content parameter is required. There must "
            "be at least one defined content block. We typically suggest both text/plain and "
            "text/html blocks are included, but only one block is required.",
            "content",
            f"{HELP}#message.content",
        )
    for place, part in enumerate(payload.content):
        for name in ("type", "value"):
            if not getattr(part, name):
                yield Problem(
                    f"The content {name} must be a string at least one character in length.",
                    f"content.{place}.{name}",
                    f"{HELP}#message.content.{name}",
                )
    types = [part.type.lower() for part in payload.content]
    if any(types.count(kind) > 1 for kind in _ORDER):
        yield Problem("If present, text/plain and text/html may only be provided once.", "content")
    ranks = [_ORDER.get(kind, len(_ORDER)) for kind in types]
    if ranks != sorted(ranks):
        yield Problem(
            "Following RFC 1341, section 7.2, if either text/html or text/plain are to be sent in "
            "your email: text/plain needs to be first, followed by text/html, followed by any "
            "other content.",
            "content",
        )


def _attachments(payload: Payload) -> Iterator[Problem]:
    for place, file in enumerate(payload.attachments):
        field = f"attachments.{place}"
        if not file.filename:
            yield Problem("The attachment filename is required.", f"{field}.filename")
        if not _is_base64(file.content):
            reason = "The attachment content must be base64 encoded."
            yield Problem(reason, f"{field}.content", f"{HELP}#message.attachments.content")


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return False


def _headers(headers: dict[str, str], field: str) -> Iterator[Problem]:
    for name, value in headers.items():
        if name.lower() in _RESERVED:
            yield Problem(f"The header {name} is reserved and cannot be set.", f"{field}.{name}")
        elif not re.fullmatch(r"[!-9;-~]+", name) or re.search(r"[\r\n]", value):
            yield Problem("Header names and values must be one line of text.", field)


def _labels(payload: Payload) -> Iterator[Problem]:
    if len(payload.categories) > MOST_CATEGORIES:
        yield Problem("There is a limit of 10 categories per request.", "categories")
    if len(set(payload.categories)) < len(payload.categories):
        yield Problem("Category names must be unique.", "categories")
    if any(not 0 < len(name) <= LONGEST_CATEGORY for name in payload.categories):
        yield Problem("A category has 1 to 255 characters.", "categories")
    if any(
        _bytes(payload.custom_args | one.custom_args) > MOST_ARGS_BYTES
        for one in payload.personalizations or (Personalization(),)
    ):
        yield Problem("The custom_args may not exceed 10000 bytes in all.", "custom_args")


def _bytes(args: dict[str, str]) -> int:
    return sum(len(name.encode()) + len(value.encode()) for name, value in args.items())


def _times(payload: Payload, now: datetime) -> Iterator[Problem]:
    latest = int((now + FARTHEST).timestamp())
    if payload.send_at is not None and payload.send_at > latest:
        yield Problem("An email may be scheduled at most 72 hours in advance.", "send_at")
    for place, one in enumerate(payload.personalizations):
        if one.send_at is not None and one.send_at > latest:
            yield Problem(
                "An email may be scheduled at most 72 hours in advance.",
                f"personalizations.{place}.send_at",
            )
