"""Sealed values open by their key in their place, and in no other way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.core import sealing
from db.core.sealing import Unsealable

KEY = sealing.key("k" * 12, bytes(32))
HERE = sealing.place("public.calls", "topic", "1")
MASTER = sealing.master_key(bytes(32))


@given(st.binary(max_size=2000))
def test_what_was_sealed_opens_in_its_place(data: bytes) -> None:
    text = sealing.seal(KEY, data, HERE)
    (raw,) = sealing.seal_many_raw([(KEY, data, HERE)])
    for sealed in (text, raw, text.encode()):  # the last is what columns of bytes held before
        assert sealing.is_sealed(sealed)
        assert sealing.key_id_of(sealed) == KEY.id
        assert sealing.unseal(KEY, sealed, HERE) == data
    assert len(raw) == len(data) + 2 + 9 + 12 + 16


def test_a_key_has_a_name_of_the_length_that_values_have_room_for() -> None:
    made = sealing.key(sealing.new_key_id(), sealing.new_secret())
    assert sealing.key_id_of(sealing.seal(made, b"", HERE)) == made.id


@pytest.mark.parametrize(
    "where",
    [
        sealing.place("public.calls", "topic", "2"),
        sealing.place("public.calls", "user_phone_number", "1"),
        sealing.place("public.emails", "topic", "1"),
        sealing.place("public.calls", "topic", ("1", "")),
    ],
)
def test_a_value_moved_to_another_row_column_or_table_does_not_open(where: bytes) -> None:
    with pytest.raises(Unsealable):
        sealing.unseal(KEY, sealing.seal(KEY, b"words", HERE), where)


def test_a_value_does_not_open_by_another_key() -> None:
    with pytest.raises(Unsealable):
        sealing.unseal(sealing.key(KEY.id, b"1" * 32), sealing.seal(KEY, b"words", HERE), HERE)


@given(st.integers(0, 200), st.characters(codec="ascii"))
def test_a_value_cut_or_changed_anywhere_gives_no_text(at: int, other: str) -> None:
    sealed = sealing.seal(KEY, b"what was said in the call", HERE)
    at = 16 + at % (len(sealed) - 16)
    changed = sealed[:at] + other + sealed[at + 1 :]
    for forged in (sealed[:at], *([changed] if changed != sealed else [])):
        with pytest.raises(Unsealable):
            sealing.unseal(KEY, forged, HERE)


@given(st.integers(11, 200), st.integers(1, 255))
def test_bytes_cut_or_changed_anywhere_give_nothing(at: int, flipped: int) -> None:
    (sealed,) = sealing.seal_many_raw([(KEY, b"what was said in the call", HERE)])
    at = 11 + at % (len(sealed) - 11)
    changed = sealed[:at] + bytes([sealed[at] ^ flipped]) + sealed[at + 1 :]
    for forged in (sealed[:at], changed):
        with pytest.raises(Unsealable):
            sealing.unseal(KEY, forged, HERE)


def test_equal_values_are_sealed_differently() -> None:
    assert sealing.seal(KEY, b"+12025550100", HERE) != sealing.seal(KEY, b"+12025550100", HERE)


@pytest.mark.parametrize("plain", ["", "hello", " \x1e", "s1.", b"hello", None, 7, {}])
def test_what_nobody_sealed_is_not_taken_for_sealed(plain: object) -> None:
    assert not sealing.is_sealed(plain)


def test_a_key_opens_by_the_master_key_that_wrapped_it_for_its_owner_only() -> None:
    secret = sealing.new_secret()
    wrapped = sealing.wrap(MASTER, "id", secret, "owner")
    assert secret not in wrapped
    assert sealing.unwrap(MASTER, "id", wrapped, "owner") == secret
    for master, key_id, owner in (
        (sealing.master_key(b"1" * 32), "id", "owner"),
        (MASTER, "other", "owner"),
        (MASTER, "id", "somebody else"),
    ):
        with pytest.raises(Unsealable):
            sealing.unwrap(master, key_id, wrapped, owner)


def test_a_master_key_shows_its_name_only() -> None:
    assert repr(MASTER) == f"MasterKey({MASTER.id})"
    assert MASTER.id != sealing.master_key(b"1" * 32).id


def test_equal_values_of_a_kind_have_one_hash_and_no_other_values_have_it() -> None:
    known = sealing.blind_hash(b"secret", "address", "+12025550100")
    assert len(known) == sealing.HASH_BYTES
    assert known == sealing.blind_hash(b"secret", "address", "+12025550100")
    others = (
        sealing.blind_hash(b"secret", "address", "+12025550101"),
        sealing.blind_hash(b"secret", "topic", "+12025550100"),
        sealing.blind_hash(b"other", "address", "+12025550100"),
    )
    assert known not in others
