"""Values that are only ever searched for: their keyed hash as text stands in their column.

It begins with a character no door lets in, as a sealed value does, so it stands beside values from
before and neither is taken for the other. Equal values of a kind have equal hashes, which nobody
without the key can compute; none leads back to its value. Knows no table.
"""

from base64 import urlsafe_b64encode

from db.core.rows import Connection
from db.core.sealing import PREFIX

HASHED = f"{PREFIX[0]}h1."

ADDRESS = "address"  # a number in E.164, or an e-mail address in lower case
PACE = "pace"  # what somebody does so often and no oftener


def hashed(connection: Connection, kind: str, value: str) -> str:
    """What is written in place of the value."""
    keyring = connection.keyring
    digest: bytes = keyring.hash_address(value) if kind == ADDRESS else keyring.hash(kind, value)
    return HASHED + urlsafe_b64encode(digest).decode().rstrip("=")


def forms(connection: Connection, kind: str, value: str) -> list[str]:
    """What rows may hold of the value: its hash and, if they are from before, itself. A hash that
    somebody gives for a value finds nothing."""
    found = [hashed(connection, kind, value)]
    return found if value.startswith(HASHED[0]) else [*found, value]
