"""Tokens that let one media stream of a call in: signed, so that no database is needed to make one.

Whoever has the carrier's token can make them, and so can every node. That each is used once is not
known here.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
import uuid
from collections.abc import Sequence

import msgspec

from server.core.config_loading import Secret

_PURPOSE = b"talking-app media stream 1"
_FIELDS = struct.Struct(">16sQ8s")  # call, expiry in epoch seconds, a number of its own
_MAC_BYTES = 16


class StreamToken(msgspec.Struct, frozen=True):
    """What a token says; times are epoch seconds."""

    call_id: uuid.UUID
    expires_at: int


def mint(secret: Secret, call_id: uuid.UUID, expires_at: float) -> str:
    """A token for one stream of the call until then, in letters that need no escaping."""
    fields = _FIELDS.pack(call_id.bytes, int(expires_at), secrets.token_bytes(8))
    return base64.urlsafe_b64encode(fields + _mac(secret, fields)).decode().rstrip("=")


def read(valid: Sequence[Secret], token: str, now: float) -> StreamToken | None:
    """What a token says; None if nobody with one of these secrets made it, or it is too old."""
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    fields, mac = data[: _FIELDS.size], data[_FIELDS.size :]
    if not any(hmac.compare_digest(_mac(secret, fields), mac) for secret in valid):
        return None
    call_id, expires_at, _ = _FIELDS.unpack(fields)
    return StreamToken(uuid.UUID(bytes=call_id), expires_at) if now < expires_at else None


def _mac(secret: Secret, fields: bytes) -> bytes:
    key = hmac.digest(secret.reveal().encode(), _PURPOSE, hashlib.sha256)
    return hmac.digest(key, fields, hashlib.sha256)[:_MAC_BYTES]
