"""The body of `POST /v3/mail/send` as values.

Only types are checked here; what SendGrid wants beyond is in `validation`. Fields nobody here acts
on are let through, as SendGrid lets them.
"""

import re
from typing import Any

import msgspec

from sandbox.sendgrid.errors import MailError, Problem, refusal


class Address(msgspec.Struct, frozen=True):
    """An e-mail address, with a name or without."""

    email: str = ""
    name: str = ""


class Personalization(msgspec.Struct, frozen=True):
    """One copy of the mail and who gets it."""

    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    headers: dict[str, str] = {}
    substitutions: dict[str, str] = {}
    custom_args: dict[str, str] = {}
    send_at: int | None = None

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Everybody who gets it."""
        return self.to + self.cc + self.bcc


class Content(msgspec.Struct, frozen=True):
    """A part of the mail; `type` is its media type."""

    type: str = ""
    value: str = ""


class Attachment(msgspec.Struct, frozen=True):
    """A file; `content` is base64."""

    content: str = ""
    filename: str = ""
    type: str = "application/octet-stream"
    disposition: str = "attachment"


class Switch(msgspec.Struct, frozen=True):
    """A setting that is on or off."""

    enable: bool = False


_OFF, _ON = Switch(), Switch(enable=True)


class MailSettings(msgspec.Struct, frozen=True):
    """Exceptions for this mail. The bypasses are from suppression lists."""

    sandbox_mode: Switch = _OFF
    bypass_list_management: Switch = _OFF
    bypass_bounce_management: Switch = _OFF
    bypass_spam_management: Switch = _OFF
    bypass_unsubscribe_management: Switch = _OFF


class TrackingSettings(msgspec.Struct, frozen=True):
    """What SendGrid watches and adds; an account's own defaults are SendGrid's."""

    click_tracking: Switch = _ON
    open_tracking: Switch = _ON
    subscription_tracking: Switch = _OFF


class Payload(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """The whole request."""

    personalizations: tuple[Personalization, ...] = ()
    from_: Address = Address()
    reply_to: Address | None = None
    reply_to_list: tuple[Address, ...] = ()
    subject: str = ""
    content: tuple[Content, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    template_id: str = ""
    headers: dict[str, str] = {}
    categories: tuple[str, ...] = ()
    custom_args: dict[str, str] = {}
    send_at: int | None = None
    mail_settings: MailSettings = MailSettings()
    tracking_settings: TrackingSettings = TrackingSettings()


def read_payload(body: bytes) -> Payload:
    """A request's values. Raises MailError 400 for what is no JSON object or has a wrong type."""
    try:
        given: Any = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise refusal("Bad Request") from None
    try:
        return msgspec.convert(given, Payload)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        raise MailError(400, Problem(f"Invalid type. {reason}.", _field(path))) from None


def _field(path: str) -> str | None:
    """`.personalizations[0].to` as SendGrid writes it."""
    plain = re.sub(r"\[(\d+|\.\.\.)\]", r".\1", path.rstrip("`")).replace("....", "")
    return plain.strip(".") or None
