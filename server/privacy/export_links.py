"""Links that give one copy of one's data to whoever has them, until they are too old. Pure.

Signed with a key made of the carrier's token, which all nodes have and no database, so that who
reads the rows can make none.
"""

import struct
import uuid
from collections.abc import Sequence

from server.core.identity.signed_tokens import Form
from server.core.settings.loading import Secret

# Export, expiry in epoch seconds.
_FORM = Form(b"talking-app copy of data 1", struct.Struct(">16sQ"), mac_bytes=32)


def mint(secret: Secret, export_id: uuid.UUID, expires_at: float) -> str:
    """What stands in the link, in letters that need no escaping; for the same it is the same."""
    return _FORM.mint(secret, export_id.bytes, int(expires_at))


def read(valid: Sequence[Secret], token: str, now: float) -> uuid.UUID | None:
    """The export it gives; None if nobody with one of these secrets made it, or it is too old."""
    values = _FORM.read(valid, token)
    if values is None:
        return None
    export_id, expires_at = values
    return uuid.UUID(bytes=export_id) if now < expires_at else None
