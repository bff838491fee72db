"""Tokens that let one media stream of a call in: signed, so that no database is needed to make one.

Whoever has the carrier's token can make them, and so can every node. That each is used once is not
known here.
"""

import secrets
import struct
import uuid
from collections.abc import Sequence

import msgspec

from server.core.identity.signed_tokens import Form
from server.core.settings.loading import Secret

# Call, expiry in epoch seconds, a number of its own.
_FORM = Form(b"talking-app media stream 1", struct.Struct(">16sQ8s"), mac_bytes=16)


class StreamToken(msgspec.Struct, frozen=True):
    """What a token says; times are epoch seconds."""

    call_id: uuid.UUID
    expires_at: int


def mint(secret: Secret, call_id: uuid.UUID, expires_at: float) -> str:
    """A token for one stream of the call until then, in letters that need no escaping."""
    return _FORM.mint(secret, call_id.bytes, int(expires_at), secrets.token_bytes(8))


def read(valid: Sequence[Secret], token: str, now: float) -> StreamToken | None:
    """What a token says; None if nobody with one of these secrets made it, or it is too old."""
    values = _FORM.read(valid, token)
    if values is None:
        return None
    call_id, expires_at, _ = values
    return StreamToken(uuid.UUID(bytes=call_id), expires_at) if now < expires_at else None
