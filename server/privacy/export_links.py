"""Links that give one copy of one's data to whoever has them, until they are too old. Pure.

Signed with a key made of the carrier's token, which all nodes have and no database, so that who
reads the rows can make none.
"""

import base64
import binascii
import hashlib
import hmac
import struct
import uuid
from collections.abc import Sequence

from server.core.config_loading import Secret

_PURPOSE = b"talking-app copy of data 1"
_FIELDS = struct.Struct(">16sQ")  # export, expiry in epoch seconds
_MAC_BYTES = 32


def mint(secret: Secret, export_id: uuid.UUID, expires_at: float) -> str:
    """What stands in the link, in letters that need no escaping; for the same it is the same."""
    fields = _FIELDS.pack(export_id.bytes, int(expires_at))
    return base64.urlsafe_b64encode(fields + _mac(secret, fields)).decode().rstrip("=")


def read(valid: Sequence[Secret], token: str, now: float) -> uuid.UUID | None:
    """The export it gives; None if nobody with one of these secrets made it, or it is too old."""
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    fields, mac = data[: _FIELDS.size], data[_FIELDS.size :]
    if not any(hmac.compare_digest(_mac(secret, fields), mac) for secret in valid):
        return None
    export_id, expires_at = _FIELDS.unpack(fields)
    return uuid.UUID(bytes=export_id) if now < expires_at else None


def _mac(secret: Secret, fields: bytes) -> bytes:
    key = hmac.digest(secret.reveal().encode(), _PURPOSE, hashlib.sha256)
    return hmac.digest(key, fields, hashlib.sha256)[:_MAC_BYTES]
