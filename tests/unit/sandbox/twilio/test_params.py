"""Requests to place a call, and their refusals."""

import pytest

from sandbox.twilio.call import Fetch, Inline
from sandbox.twilio.params import TwilioError, parse_create

BASE = "https://product.example/voice/1?x=1"

FORM = {"To": ["+12025550100"], "From": ["+12025550199"], "Url": [BASE]}

OWN = ("+12025550199",)


def test_a_request_takes_the_documented_defaults() -> None:
    request = parse_create(FORM, OWN)
    assert request.source == Fetch(BASE, "POST")
    assert (request.timeout_seconds, request.machine_detection_timeout_seconds) == (60, 30)
    assert request.status_callback_events == {"completed"}
    assert request.async_amd is False


def test_events_come_one_to_a_key_and_a_list_in_one_value_names_none() -> None:
    repeated = FORM | {"StatusCallbackEvent": ["initiated", "ringing"]}
    assert parse_create(repeated, OWN).status_callback_events == {"initiated", "ringing"}
    joined = FORM | {"StatusCallbackEvent": ["initiated ringing"]}
    assert parse_create(joined, OWN).status_callback_events == {"completed"}


def test_url_wins_over_twiml_and_digits_switch_detection_off() -> None:
    form = FORM | {"Twiml": ["<Response/>"], "SendDigits": ["1"], "MachineDetection": ["Enable"]}
    request = parse_create(form, OWN)
    assert request.source == Fetch(BASE)
    assert request.machine_detection == ""
    del form["Url"]
    assert parse_create(form, OWN).source == Inline("<Response/>")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MachineDetectionTimeout", "2"),
        ("MachineDetectionTimeout", "60"),
        ("MachineDetectionSpeechThreshold", "999"),
        ("MachineDetectionSpeechEndThreshold", "5001"),
        ("MachineDetectionSilenceTimeout", "1999"),
        ("Timeout", "soon"),
        ("Method", "PUT"),
        ("FallbackUrl", "ftp://x.example"),
        ("AsyncAmdStatusCallback", "/relative"),
    ],
)
def test_a_value_out_of_its_range_is_refused(name: str, value: str) -> None:
    with pytest.raises(TwilioError) as error:
        parse_create(FORM | {name: [value]}, OWN)
    assert error.value.body()["status"] == 400
