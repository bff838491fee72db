"""Hashes as text: the same for the same, none for another kind, and none taken for a value."""

from types import SimpleNamespace
from typing import Any, cast

from db.core import sealing
from db.core.hashed import ADDRESS, HASHED, forms, hashed
from db.core.keyring import Keyring

MASTER = sealing.master_key(bytes(32))
CONNECTION = cast("Any", SimpleNamespace(keyring=Keyring(cast("Any", None), [MASTER], "all")))
NUMBER = "+12025550199"


def test_equal_values_of_a_kind_have_one_hash_and_it_shows_nothing() -> None:
    found = hashed(CONNECTION, ADDRESS, NUMBER)
    assert found == hashed(CONNECTION, ADDRESS, NUMBER)
    assert found.startswith(HASHED)
    assert NUMBER[1:] not in found
    assert len({found, hashed(CONNECTION, "pace", NUMBER), hashed(CONNECTION, ADDRESS, "+1")}) == 3
    assert hashed(CONNECTION, ADDRESS, "A@B.c") == hashed(CONNECTION, ADDRESS, "a@b.c")
    assert not sealing.is_sealed(found)


def test_a_row_may_hold_the_hash_or_the_value_of_before() -> None:
    assert forms(CONNECTION, ADDRESS, NUMBER) == [hashed(CONNECTION, ADDRESS, NUMBER), NUMBER]


def test_a_hash_given_for_a_value_finds_no_row() -> None:
    stolen = hashed(CONNECTION, "token", "secret")
    assert stolen not in forms(CONNECTION, "token", stolen)
