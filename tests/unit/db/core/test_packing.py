"""Packed values come back as they were, short ones shorter, whatever was packed before."""

import zlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.core import packing

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
HEARD = {"type": "recognised", "utterance": 1, "revision": 1, "text": "Yes, go on."}


@given(JSON)
def test_what_was_packed_comes_back(value: Any) -> None:
    packed = packing.pack(value)
    assert packing.unpack(packed) == value
    assert len(packed) <= len(msgspec.json.encode(value))


def test_even_a_small_event_gets_much_shorter() -> None:
    assert len(packing.pack(HEARD)) < len(msgspec.json.encode(HEARD)) / 2


def test_the_dictionary_is_the_one_that_rows_were_packed_by() -> None:
    """It may never change: rows would be read by it that another one packed."""
    assert zlib.crc32(packing._DICTIONARY) == 1283706655
    packed = bytes.fromhex("0143e190e8bdc8d4621d8574a0aff2f4b0c627d453b100")
    assert packing.unpack(packed) == [[0, HEARD], [250_000, {"type": "tick"}]]


@pytest.mark.parametrize(
    "damage", [lambda packed: packed[:-4], lambda packed: packed[:1] + b"\xff" * 8]
)
def test_a_damaged_value_gives_nothing(damage: Any) -> None:
    with pytest.raises(ValueError, match="damaged"):
        packing.unpack(damage(packing.pack(HEARD)))


def test_a_long_value_is_kept_as_it_is() -> None:
    value = "a" * packing.MOST_BYTES
    assert packing.pack(value) == msgspec.json.encode(value)
    assert packing.unpack(packing.pack(value)) == value


def test_a_few_bytes_do_not_become_a_gigabyte() -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -13, zdict=packing._DICTIONARY)
    bomb = packing._MARK + deflate.compress(b"0" * (packing.MOST_BYTES + 1)) + deflate.flush()
    assert len(bomb) < packing.MOST_BYTES / 500
    with pytest.raises(ValueError, match="damaged"):
        packing.unpack(bomb)
