"""Addresses that lead to one mailbox are one to whoever asked for no more."""

import pytest

from db.consent.contacts import mailbox


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("leo@example.com", "leo@example.com"), ("Leo+shop@Example.com", "leo@example.com"),
        ("leo+a+b@example.com", "leo@example.com"), ("l.e.o@example.com", "l.e.o@example.com"),
        ("L.E.O+x@gmail.com", "leo@gmail.com"), ("leo@googlemail.com", "leo@gmail.com"),
        ("+leo@example.com", "+leo@example.com"), ("+12025550100", "+12025550100"),
    ],
)  # fmt: skip
def test_what_stands_behind_a_plus_is_the_readers_own(address: str, meant: str) -> None:
    assert mailbox(address) == meant
