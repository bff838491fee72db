"""Tokens for a call's sound: made without a database, and by nobody else."""

import base64
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.calls.stream_tokens import StreamToken, mint, read
from server.core.settings.loading import Secret

SECRET, OTHER = Secret("5a4db0c5a4db0c5a4db0c5a4db0c5a4d"), Secret("another")
CALL = uuid.UUID("3f2f1c0e-7a55-4f0e-9d5e-0f6d9d1c2b3a")
NOW = 1_800_000_000.0


def test_a_token_says_which_call_and_until_when() -> None:
    token = mint(SECRET, CALL, NOW + 60)
    assert read([SECRET], token, NOW) == StreamToken(CALL, int(NOW) + 60)
    assert token.isascii()
    assert token.replace("-", "").replace("_", "").isalnum()


def test_a_token_of_the_secret_that_is_rotated_out_is_good() -> None:
    assert read([OTHER, SECRET], mint(SECRET, CALL, NOW + 60), NOW) is not None
    assert read([OTHER], mint(SECRET, CALL, NOW + 60), NOW) is None
    assert read([], mint(SECRET, CALL, NOW + 60), NOW) is None


def test_a_token_is_good_until_its_time() -> None:
    token = mint(SECRET, CALL, NOW + 60)
    assert read([SECRET], token, NOW + 59.9) is not None
    assert read([SECRET], token, NOW + 60) is None


def test_two_tokens_of_a_call_differ() -> None:
    assert mint(SECRET, CALL, NOW) != mint(SECRET, CALL, NOW)


@pytest.mark.parametrize("place", range(48))
def test_a_token_with_another_byte_anywhere_is_none(place: int) -> None:
    data = bytearray(base64.urlsafe_b64decode(mint(SECRET, CALL, NOW + 60) + "=="))
    assert len(data) == 48
    data[place] ^= 1
    assert read([SECRET], base64.urlsafe_b64encode(data).decode(), NOW) is None


@given(st.text(max_size=100) | st.binary(max_size=100).map(lambda b: base64.b64encode(b).decode()))
def test_whatever_else_comes_is_none(token: str) -> None:
    assert read([SECRET], token, NOW) is None
