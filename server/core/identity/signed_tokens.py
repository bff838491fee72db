"""Tokens that only whoever has a secret can make: packed fields, and a MAC of them for one purpose.

In letters that need no escaping. Pure; knows no field's meaning.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Sequence
from typing import Any

import msgspec

from server.core.settings.loading import Secret


class Form(msgspec.Struct, frozen=True):
    """One kind of token; its `purpose` keeps it from passing for another of the same secret."""

    purpose: bytes
    fields: struct.Struct
    mac_bytes: int

    def mint(self, secret: Secret, *values: Any) -> str:
        """The token of these values."""
        fields = self.fields.pack(*values)
        return _spelt(fields + self._mac(secret, fields))

    def read(self, valid: Sequence[Secret], token: str) -> tuple[Any, ...] | None:
        """The values; None if nobody with one of these secrets made it, spelt as it was made: in
        another spelling a token that was used would be a new one."""
        try:
            data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if _spelt(data) != token:
            return None
        fields, mac = data[: self.fields.size], data[self.fields.size :]
        if not any(hmac.compare_digest(self._mac(secret, fields), mac) for secret in valid):
            return None
        return self.fields.unpack(fields)

    def _mac(self, secret: Secret, fields: bytes) -> bytes:
        key = hmac.digest(secret.reveal().encode(), self.purpose, hashlib.sha256)
        return hmac.digest(key, fields, hashlib.sha256)[: self.mac_bytes]


def _spelt(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
