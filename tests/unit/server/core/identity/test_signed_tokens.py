"""Tokens of two kinds by one secret: neither passes for the other."""

import string
import struct

from server.core.identity.signed_tokens import Form
from server.core.settings.loading import Secret

SECRET = Secret("5a4db0c5a4db0c5a4db0c5a4db0c5a4d")
ONE = Form(b"one", struct.Struct(">Q"), mac_bytes=16)


def test_a_token_gives_its_values_and_is_of_its_own_kind_only() -> None:
    token = ONE.mint(SECRET, 7)
    assert ONE.read([Secret("another"), SECRET], token) == (7,)
    assert Form(b"other", struct.Struct(">Q"), mac_bytes=16).read([SECRET], token) is None
    assert ONE.read([Secret("another")], token) is None


def test_a_token_that_was_cut_is_none() -> None:
    token = ONE.mint(SECRET, 7)
    assert [ONE.read([SECRET], token[:length]) for length in range(len(token))] == [None] * 32


def test_a_token_has_one_spelling() -> None:
    for token in (ONE.mint(SECRET, number) for number in range(100)):
        others = {token.replace("-", "+"), token.replace("_", "/"), f"{token}="} - {token}
        assert {ONE.read([SECRET], other) for other in others} == {None}


def test_bits_that_say_nothing_are_as_they_were_made() -> None:
    short = Form(b"short", struct.Struct(">B"), mac_bytes=16)  # the last of 17 bytes leaves some
    token = short.mint(SECRET, 7)
    letters = string.ascii_letters + string.digits + "-_"
    read = [letter for letter in letters if short.read([SECRET], token[:-1] + letter)]
    assert read == [token[-1]]
