"""The keys of the audit log: what signs its chain, and what addresses are hashed with.

No database holds them in clear, so that who can change its rows cannot sign them. The first of
`audit.key` signs; those after it still verify, and last of all one that only the master key opens
(`db/core/keyring.py`), which stays when that key is changed for another and is enough alone.
"""

import hashlib
import hmac

import msgspec

from db.core.keyring import Keyring
from server.core.config import Config

_HASH_BYTES = 16


class AuditKeys(msgspec.Struct, frozen=True):
    """By id; `current` is the id of the one that signs."""

    current: str
    known: dict[str, bytes]

    @property
    def key(self) -> bytes:
        """The one that signs."""
        return self.known[self.current]


def audit_keys(config: Config, keyring: Keyring) -> AuditKeys:
    """All keys of this configuration, with an open keyring of its database."""
    given = [one.strip() for one in config.audit.key.reveal().split(",") if one.strip()]
    given.append(keyring.hash("audit", "key 1").hex())
    known = {key_id(key): key for key in (_derived(secret) for secret in given)}
    return AuditKeys(next(iter(known)), known)


def hashed(key: bytes, address: str) -> bytes | None:
    """An address as it is kept: the same for the same key. None without either."""
    if not key or not address:
        return None
    return hmac.digest(key, b"address " + address.lower().encode(), hashlib.sha256)[:_HASH_BYTES]


def _derived(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"talking-app audit 1", hashlib.sha256)


def key_id(key: bytes) -> str:
    """What a key is called beside what it signed."""
    return hashlib.sha256(b"id " + key).hexdigest()[:8]
