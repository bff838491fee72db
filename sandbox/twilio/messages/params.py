"""Requests to text somebody, checked as Twilio checks them.

Pure: form fields in, values out, or a TwilioError with Twilio's documented number.
"""

from collections.abc import Sequence

import msgspec

from sandbox.twilio.call import Fetch
from sandbox.twilio.params import E164, Form, TwilioError, check_url, one

MAX_CHARACTERS = 1600
_MAX_MEDIA = 10


class MessageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A validated message; `media` are URLs."""

    to: str
    from_: str
    body: str
    media: tuple[str, ...] = ()
    status_callback: Fetch | None = None


def parse_message(form: Form, own_numbers: Sequence[str]) -> MessageRequest:
    """Form fields of `POST Messages.json` to a message. Raises TwilioError."""
    to, from_, callback = one(form, "To"), one(form, "From"), one(form, "StatusCallback")
    body = (form.get("Body") or [""])[-1]
    media = tuple(check_url(url, "MediaUrl", 21620) for url in form.get("MediaUrl") or () if url)
    if not to:
        raise TwilioError(400, 21604, "A 'To' phone number is required.")
    if not E164.match(to):
        raise TwilioError(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if not from_:
        raise TwilioError(400, 21603, "A 'From' phone number is required.")
    if from_ not in own_numbers:
        raise TwilioError(
            400,
            21606,
            f"The 'From' phone number {from_} is not a valid, message-capable Twilio phone number "
            "for this destination.",
        )
    if not body.strip() and not media:
        raise TwilioError(400, 21602, "Message body is required.")
    if len(body) > MAX_CHARACTERS:
        raise TwilioError(400, 21617, "The concatenated message body exceeds 1600 characters")
    if len(media) > _MAX_MEDIA:
        raise TwilioError(400, 21623, "Number of media files exceeds allowed limit")
    return MessageRequest(
        to=to,
        from_=from_,
        body=body,
        media=media,
        status_callback=Fetch(check_url(callback, "StatusCallback", 21609)) if callback else None,
    )
