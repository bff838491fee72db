"""Where the audit log's keys come from. What the keyring gives is in `tests/integration`."""

from server.audit.keys import hashed, key_id


def test_a_key_is_called_by_what_tells_nothing_of_it() -> None:
    assert key_id(b"one") != key_id(b"other")
    assert b"one".hex() not in key_id(b"one")


def test_an_address_is_kept_as_a_hash_that_only_the_key_makes() -> None:
    known = hashed(b"key", "192.0.2.7")
    assert known == hashed(b"key", "192.0.2.7")
    assert known != hashed(b"key", "192.0.2.8")
    assert known != hashed(b"other", "192.0.2.7")
    assert hashed(b"key", "A@example.org") == hashed(b"key", "a@example.org")
    assert hashed(b"", "192.0.2.7") is None
    assert hashed(b"key", "") is None
