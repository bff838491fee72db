"""Proves that a webhook was sent by the one who knows its secret (Standard Webhooks, v1). Pure."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from talking_client.errors import WebhookRefusedError

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """An event as a webhook brings it; `id` is the same when it comes again. `data` has the shape
    that `talking_client.events.EVENTS` has for its type."""

    id: str = ""
    type: str
    timestamp: str
    subject: str
    seq: int | None
    rev: int | None
    data: Any


def verify(
    secret: str, headers: Mapping[str, str], body: bytes, now: float,
    tolerance: float = TOLERANCE_SECONDS,
) -> Received:  # fmt: skip
    """The event in this request, received at `now` (seconds since 1970). `headers` are looked up
    in any case; `body` is as it came. Raises WebhookRefusedError."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message = given["webhook-id"]
        at = given["webhook-timestamp"]
        signatures = given["webhook-signature"].split(" ")
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        sent = int(at)
    except KeyError as missing:
        raise WebhookRefusedError(f"there is no header {missing}") from None
    except (ValueError, binascii.Error):
        raise WebhookRefusedError("the secret or the time cannot be read") from None
    if not key:  # anybody can sign by none
        raise WebhookRefusedError("the secret is empty")
    if abs(now - sent) > tolerance:
        raise WebhookRefusedError("it was signed too long ago, or in the future")
    signed = b".".join((message.encode(), at.encode(), body))
    right = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    if not any(hmac.compare_digest(right, one.encode()) for one in signatures):
        raise WebhookRefusedError("no signature is by this secret")
    try:
        event = msgspec.json.decode(body, type=Received)
    except (msgspec.DecodeError, msgspec.ValidationError) as fault:
        raise WebhookRefusedError(f"the body is no event: {fault}") from None
    return msgspec.structs.replace(event, id=message)
