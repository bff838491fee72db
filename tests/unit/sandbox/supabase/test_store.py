"""How passwords are kept: hashes that say what they cost, and those of before, which do not."""

import base64
import hashlib

from sandbox.supabase.store import hash_password, password_matches


def test_a_password_matches_its_own_hash_alone() -> None:
    kept = hash_password("correct-horse")
    assert kept != hash_password("correct-horse"), "salted"
    assert password_matches("correct-horse", kept)
    assert not password_matches("correct-horses", kept)


def test_a_hash_of_before_still_lets_in() -> None:
    salt = bytes(range(16))
    digest = hashlib.scrypt(b"correct-horse", salt=salt, n=2**14, r=8, p=1)
    kept = f"{base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
    assert password_matches("correct-horse", kept)
    assert not password_matches("wrong-horse", kept)
