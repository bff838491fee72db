"""Values sealed by a key, keys wrapped by another, and hashes to search by.

A sealed value is text that begins with a character no door lets in, so that it stands beside values
that nobody sealed yet and neither is taken for the other; or bytes, without base64, for a column
of bytes. It is bound to its place, table, column and row: moved elsewhere it does not open. No I/O,
no clock; knows no table.
"""

import hashlib
import hmac
import os
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Callable, Iterator, Sequence
from typing import TypeGuard

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PREFIX = "\x1es1."
"""The record separator and the form: then come the key's id, and nonce and ciphertext in base64."""
RAW_PREFIX = b"\x1eb"
"""The same of bytes: then come the key's id, nonce and ciphertext as they are."""
KEY_BYTES = 32
HASH_BYTES = 16
_KEY_ID_BYTES = 9  # twelve characters of base64
_NONCE_BYTES = 12  # at random: good for 2^32 values under one key
_ID_AT = len(PREFIX)
_BLOB_AT = _ID_AT + 12
_RAW_ID_AT = len(RAW_PREFIX)
_RAW_BLOB_AT = _RAW_ID_AT + _KEY_ID_BYTES
_TEXT_IN_BYTES = PREFIX.encode()  # what columns of bytes held before


class Unsealable(Exception):  # noqa: N818 - what it is, not what went wrong
    """The value was changed, cut or moved, or its key is not there; never says what is in it."""


class Key(msgspec.Struct, frozen=True):
    """An opened key, as the ciphers want it; `id` is in every value sealed by it."""

    id: str
    seal: Callable[[bytes, bytes, bytes], bytes]
    open: Callable[[bytes, bytes, bytes], bytes]


class MasterKey(msgspec.Struct, frozen=True):
    """What wraps all other keys; its id is written beside what it wraps."""

    id: str
    secret: bytes

    def __repr__(self) -> str:
        return f"MasterKey({self.id})"


def new_secret() -> bytes:
    """A key at random."""
    return os.urandom(KEY_BYTES)


def new_key_id() -> str:
    """A name for a key, at random."""
    return b2a_base64(os.urandom(_KEY_ID_BYTES), newline=False).decode()


def key(key_id: str, secret: bytes) -> Key:
    """The key, ready to seal and open."""
    cipher = AESGCM(secret)
    return Key(key_id, cipher.encrypt, cipher.decrypt)


def master_key(secret: bytes) -> MasterKey:
    """The key under its name, a few digits of its hash."""
    return MasterKey(hashlib.sha256(b"master key" + secret).hexdigest()[:8], secret)


def place(table: str, column: str, row: object) -> bytes:
    """Where a value belongs, as the ciphers bind it; a composite row is a tuple of its columns."""
    parts = row if isinstance(row, tuple) else (row,)
    return "\x1f".join((table, column, *map(str, parts))).encode()


def seal(by: Key, data: bytes, where: bytes) -> str:
    """The bytes as a sealed text."""
    return seal_many(((by, data, where),))[0]


def seal_many(given: Sequence[tuple[Key, bytes, bytes]]) -> list[str]:
    """As `seal`, for many values: of each the key, the bytes and the place."""
    return [
        f"{PREFIX}{by.id}{b2a_base64(blob, newline=False).decode()}" for by, blob in _blobs(given)
    ]


def seal_many_raw(given: Sequence[tuple[Key, bytes, bytes]]) -> list[bytes]:
    """The same as sealed bytes."""
    return [RAW_PREFIX + a2b_base64(by.id) + blob for by, blob in _blobs(given)]


def _blobs(given: Sequence[tuple[Key, bytes, bytes]]) -> Iterator[tuple[Key, bytes]]:
    """Of each the key, and nonce and ciphertext."""
    nonces, at = os.urandom(_NONCE_BYTES * len(given)), 0
    for by, data, where in given:
        nonce = nonces[at : (at := at + _NONCE_BYTES)]
        yield by, nonce + by.seal(nonce, data, where)


def is_sealed(value: object) -> TypeGuard[str | bytes]:
    """Whether it is a text, or bytes, that `seal_many` or `seal_many_raw` made."""
    return key_id_of(value) is not None


def key_id_of(value: object) -> str | None:
    """Which key opens it; None: it is not sealed."""
    if isinstance(value, str):
        return value[_ID_AT:_BLOB_AT] if value.startswith(PREFIX) else None
    if not isinstance(value, bytes):
        return None
    if value.startswith(RAW_PREFIX):
        return b2a_base64(value[_RAW_ID_AT:_RAW_BLOB_AT], newline=False).decode()
    if not value.startswith(_TEXT_IN_BYTES):
        return None
    # PostgreSQL takes no NUL to look a key up by
    return value[_ID_AT:_BLOB_AT].decode(errors="replace").replace("\0", "")


def unseal(by: Key, sealed: str | bytes, where: bytes) -> bytes:
    """What was sealed, by this key and for this place. Raises Unsealable."""
    try:
        if isinstance(sealed, str) or not sealed.startswith(RAW_PREFIX):
            blob = a2b_base64(sealed[_BLOB_AT:])
        else:
            blob = sealed[_RAW_BLOB_AT:]
        return by.open(blob[:_NONCE_BYTES], blob[_NONCE_BYTES:], where)
    except (InvalidTag, ValueError, Error):
        raise Unsealable("a sealed value does not open in its place") from None


def wrap(master: MasterKey, key_id: str, secret: bytes, owner: object) -> bytes:
    """A key under the master key, bound to its owner."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(master.secret).encrypt(nonce, secret, place("key", key_id, owner))


def unwrap(master: MasterKey, key_id: str, wrapped: bytes, owner: object) -> bytes:
    """The key that was wrapped. Raises Unsealable."""
    try:
        return AESGCM(master.secret).decrypt(
            wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], place("key", key_id, owner)
        )
    except (InvalidTag, ValueError):
        raise Unsealable("a key does not open with this master key") from None


def blind_hash(secret: bytes, kind: str, value: str) -> bytes:
    """What equal values of a kind have in common, and nobody without the secret can compute."""
    mixed = hmac.digest(secret, f"{kind}\x1f{value}".encode(), "sha256")
    return mixed[:HASH_BYTES]
