"""The mail company's signature: what its own library would pass is passed, and nothing else."""

import base64

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from sendgrid.helpers.eventwebhook import EventWebhook

from server.core.settings.loading import Secret
from server.vendors.signatures import MAIL_AGE_SECONDS, mail_key, mail_signed, same_secret

KEY = ec.generate_private_key(ec.SECP256R1())
NOW = 1_800_000_000.0
AT = str(int(NOW))
BODY = b'[{"event":"processed"}]\r\n'


def shown(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    """The public half as the mail company shows it."""
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    raw = key.public_key().public_bytes(serialization.Encoding.DER, spki)
    return base64.b64encode(raw).decode()


def sign(body: bytes = BODY, at: str = AT) -> str:
    return base64.b64encode(KEY.sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()


def test_the_vendors_library_agrees() -> None:
    assert EventWebhook(shown(KEY)).verify_signature(BODY.decode(), sign(), AT)
    assert mail_signed(shown(KEY), BODY, sign(), AT, NOW)


@given(st.binary(max_size=50))
def test_any_other_body_or_signature_is_refused(other: bytes) -> None:
    assert mail_signed(shown(KEY), other, sign(), AT, NOW) is (other == BODY)
    assert not mail_signed(shown(KEY), BODY, base64.b64encode(other).decode(), AT, NOW)


@pytest.mark.parametrize(
    "key", ["", "AAAA", "no base64", shown(rsa.generate_private_key(65537, 2048))]
)
def test_without_a_key_of_its_kind_nothing_passes(key: str) -> None:
    assert mail_key(key) is None
    assert not mail_signed(key, BODY, sign(), AT, NOW)


@pytest.mark.parametrize(
    "at", ["", "-1", "1e9", "１８００００００００", "9" * 400, f"{AT}.0", f" {AT}"]
)
def test_a_time_that_is_none_is_refused(at: str) -> None:
    assert not mail_signed(shown(KEY), BODY, sign(at=at), at, NOW)


def test_a_day_of_tries_passes_and_more_does_not() -> None:
    assert mail_signed(shown(KEY), BODY, sign(), AT, NOW + 24 * 3600)
    assert not mail_signed(shown(KEY), BODY, sign(), AT, NOW + MAIL_AGE_SECONDS + 1)
    assert not mail_signed(shown(KEY), BODY, sign(), AT, NOW - 3600)


def test_a_secret_that_is_not_set_fits_nothing() -> None:
    assert same_secret(Secret("a"), "a")
    assert not same_secret(Secret("a"), "A")
    assert not same_secret(Secret(""), "")
