"""Codes of authenticator apps, by the vectors of RFC 6238, appendix B (its last six digits)."""

import base64

import pytest

from sandbox.supabase import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_code_of_a_moment(seconds: int, code: str) -> None:
    assert totp.code_at(SECRET, seconds) == code


@pytest.mark.parametrize(
    ("late", "good"), [(-60, False), (-30, True), (0, True), (30, True), (31, False)]
)
def test_clocks_may_differ_by_a_step(late: int, good: bool) -> None:
    assert totp.matches(SECRET, "081804", 1111111109 + late) is good


def test_what_is_no_code_matches_nothing() -> None:
    assert not totp.matches(SECRET, "２８７０８２", 59)
    assert not totp.matches(SECRET, "", 59)
