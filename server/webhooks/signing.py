"""Signatures of Standard Webhooks (symmetric, v1), and the bodies that are signed. Pure."""

import base64
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Sequence

import msgspec

from db.cluster.event_streams import EventRow
from server.core.times import rfc3339

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """A signing secret at random."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def message_id(delivery_id: uuid.UUID) -> str:
    """What a receiver tells a repeated delivery by."""
    return f"msg_{delivery_id.hex}"


def headers(message: str, at: int, body: bytes, signed_by: Sequence[str]) -> dict[str, str]:
    """The headers of a message sent at this second, with a signature by each secret."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(
            f"v1,{_signature(secret, message, at, body)}" for secret in signed_by
        ),
    }


def event_body(event: EventRow) -> str:
    """An event as it is sent."""
    return msgspec.json.encode({
        "type": event.type, "timestamp": rfc3339(event.ts), "subject": event.subject,
        "seq": event.seq, "rev": event.rev, "data": event.data,
    }).decode()  # fmt: skip


def _signature(secret: str, message: str, at: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join((message.encode(), str(at).encode(), body))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
