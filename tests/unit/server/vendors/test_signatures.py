"""The carrier's signature: what it really signs passes, and nothing else does."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from server.core.config import Stripe
from server.core.config_loading import Secret
from server.vendors.signatures import socket_signed, stripe_signed, twilio_signed

TOKEN = Secret("12345")
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
    assert twilio_signed([TOKEN], URL, PARAMS, [SIGNATURE])


def test_a_websocket_is_signed_by_its_own_address() -> None:
    signature = "jFDHVhI8XO69C49uXR3xmdZPylY="
    assert socket_signed([TOKEN], "wss://voice.example.com/media", [signature])
    assert not socket_signed([TOKEN], "https://voice.example.com/media", [signature])


def test_a_final_slash_of_a_websocket_address_makes_no_difference() -> None:
    signature = sign("wss://voice.example.com/media/", {})
    assert socket_signed([TOKEN], "wss://voice.example.com/media", [signature])


def test_the_token_being_rotated_out_is_still_believed() -> None:
    assert twilio_signed([Secret("new"), TOKEN], URL, PARAMS, [SIGNATURE])
    assert not twilio_signed([Secret("new")], URL, PARAMS, [SIGNATURE])


@pytest.mark.parametrize("signatures", [[], [""], [SIGNATURE, SIGNATURE], ["", SIGNATURE]])
def test_none_or_several_signatures_are_refused(signatures: list[str]) -> None:
    assert not twilio_signed([TOKEN], URL, PARAMS, signatures)


def test_without_a_token_nothing_is_believed() -> None:
    assert not twilio_signed([], URL, PARAMS, [SIGNATURE])


@given(st.sampled_from(sorted(PARAMS)), st.text(min_size=1, max_size=5))
def test_a_changed_field_is_refused(field: str, extra: str) -> None:
    assert not twilio_signed([TOKEN], URL, {**PARAMS, field: PARAMS[field] + extra}, [SIGNATURE])


@given(st.text(min_size=1, max_size=8).filter(lambda name: name not in PARAMS), st.text())
def test_an_added_field_is_refused(name: str, value: str) -> None:
    if name + value:
        assert not twilio_signed([TOKEN], URL, {**PARAMS, name: value}, [SIGNATURE])


@given(st.integers(0, len(SIGNATURE) - 2), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_signature_is_refused(at: int, character: str) -> None:
    forged = SIGNATURE[:at] + character + SIGNATURE[at + 1 :]
    assert twilio_signed([TOKEN], URL, PARAMS, [forged]) == (forged == SIGNATURE)


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
    assert not twilio_signed([TOKEN], url, PARAMS, [SIGNATURE])


@pytest.mark.parametrize("header", ["", "t=1,v1=é", "é", "t=é,v1=00", "t=99999999999,v1=00", ",,="])
def test_a_strange_signature_of_stripes_is_none(header: str) -> None:
    assert not stripe_signed(Stripe(webhook_secret=Secret("whsec_x")), b"{}", header)
