"""The carrier's signature: what it really signs passes, and nothing else does."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from server.core.settings.loading import Secret
from server.core.settings.vendors import Stripe, Twilio
from server.vendors.signatures import socket_signed, stripe_signed, twilio_signed

TWILIO = Twilio(auth_token=Secret("12345"))
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PARAMS = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="  # Twilio's own published vector


def sign(url: str, params: Mapping[str, object], token: str = "12345") -> str:
    return str(RequestValidator(token).compute_signature(url, params))


def test_the_published_vector_passes() -> None:
    assert twilio_signed(TWILIO, URL, PARAMS, [SIGNATURE])


KEYED = ["key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"]
KEYS = Twilio(
    auth_token=Secret("12345"), shared_key=Secret("new key"), previous_shared_key=Secret("old key")
)


def keyed(key: str, url: str = URL) -> list[str]:
    return [str(RequestValidator(key).compute_signature(url, PARAMS, "HMAC_SHA256"))]


def test_a_shared_key_signs_too_where_one_is_configured() -> None:
    for key in ("new key", "old key"):
        assert twilio_signed(KEYS, URL, PARAMS, keyed(key), KEYED)
    assert not twilio_signed(KEYS, URL, PARAMS, keyed("another"), KEYED)
    assert not twilio_signed(TWILIO, URL, PARAMS, keyed("12345"), KEYED), "none is configured"
    assert not twilio_signed(TWILIO, URL, PARAMS, keyed(""), KEYED)
    assert twilio_signed(KEYS, URL, PARAMS, [SIGNATURE]), "the auth token still counts"


@pytest.mark.parametrize(
    "settings",
    [
        ["algorithm=HMAC_SHA1"], ["key=webhooks_sharedkey_1"], [""], KEYED * 2,
        ["key=a,algorithm=HMAC_MD5"], ["algorithm=none"], ["algorithm=hmac_sha256\udcff"],
    ],
)  # fmt: skip
def test_a_key_is_believed_by_its_own_algorithm_only(settings: list[str]) -> None:
    assert not twilio_signed(KEYS, URL, PARAMS, keyed("new key"), settings)
    sha1 = [sign(URL, PARAMS, "new key")]
    assert not twilio_signed(KEYS, URL, PARAMS, sha1, settings)
    assert not twilio_signed(KEYS, URL, PARAMS, sha1, KEYED)
    assert not twilio_signed(KEYS, URL, PARAMS, [SIGNATURE], KEYED)


def test_a_websocket_is_signed_by_its_own_address() -> None:
    signature = "jFDHVhI8XO69C49uXR3xmdZPylY="
    assert socket_signed(TWILIO, "wss://voice.example.com/media", [signature])
    assert not socket_signed(TWILIO, "https://voice.example.com/media", [signature])


def test_a_final_slash_of_a_websocket_address_makes_no_difference() -> None:
    signature = sign("wss://voice.example.com/media/", {})
    assert socket_signed(TWILIO, "wss://voice.example.com/media", [signature])


def test_the_token_being_rotated_out_is_still_believed() -> None:
    assert twilio_signed(
        Twilio(auth_token=Secret("new"), previous_auth_token=Secret("12345")),
        URL,
        PARAMS,
        [SIGNATURE],
    )
    assert not twilio_signed(Twilio(auth_token=Secret("new")), URL, PARAMS, [SIGNATURE])


@pytest.mark.parametrize("signatures", [[], [""], [SIGNATURE, SIGNATURE], ["", SIGNATURE]])
def test_none_or_several_signatures_are_refused(signatures: list[str]) -> None:
    assert not twilio_signed(TWILIO, URL, PARAMS, signatures)


def test_without_a_token_nothing_is_believed() -> None:
    assert not twilio_signed(Twilio(), URL, PARAMS, [SIGNATURE])


@given(st.sampled_from(sorted(PARAMS)), st.text(min_size=1, max_size=5))
def test_a_changed_field_is_refused(field: str, extra: str) -> None:
    assert not twilio_signed(TWILIO, URL, {**PARAMS, field: PARAMS[field] + extra}, [SIGNATURE])


@given(st.text(min_size=1, max_size=8).filter(lambda name: name not in PARAMS), st.text())
def test_an_added_field_is_refused(name: str, value: str) -> None:
    if name + value:
        assert not twilio_signed(TWILIO, URL, {**PARAMS, name: value}, [SIGNATURE])


@given(st.integers(0, len(SIGNATURE) - 2), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_signature_is_refused(at: int, character: str) -> None:
    forged = SIGNATURE[:at] + character + SIGNATURE[at + 1 :]
    assert twilio_signed(TWILIO, URL, PARAMS, [forged]) == (forged == SIGNATURE)


@pytest.mark.parametrize(
    "url",
    [
        "http://mycompany.com/myapp.php?foo=1&bar=2",
        "https://mycompany.com/myapp.php?bar=2&foo=1",
        "https://mycompany.com/MyApp.php?foo=1&bar=2",
        "https://mycompany.com/myapp.php?foo=1&bar=2&",
        "https://evil.com/myapp.php?foo=1&bar=2",
    ],
)
def test_another_address_is_refused(url: str) -> None:
    assert not twilio_signed(TWILIO, url, PARAMS, [SIGNATURE])


@pytest.mark.parametrize("header", ["", "t=1,v1=é", "é", "t=é,v1=00", "t=99999999999,v1=00", ",,="])
def test_a_strange_signature_of_stripes_is_none(header: str) -> None:
    assert not stripe_signed(Stripe(webhook_secret=Secret("whsec_x")), b"{}", header)
