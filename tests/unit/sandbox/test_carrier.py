"""What the carrier reads: TwiML, stream messages, requests and URLs."""

import json

import pytest

from sandbox.twilio.call import Call, Fetch, Inline
from sandbox.twilio.params import TwilioError, parse_create
from sandbox.twilio.voice.stream_messages import (
    ClearIn,
    InvalidMessageError,
    MarkIn,
    MediaIn,
    Outbound,
    decode,
)
from sandbox.twilio.voice.twiml import (
    ApplicationError,
    Connect,
    HangUp,
    Redirect,
    StreamNoun,
    Wait,
    parse_twiml,
)
from sandbox.twilio.webhooks import Policy, split_overrides

BASE = "https://product.example/voice/1?x=1"
FORM = {"To": ["+12025550100"], "From": ["+12025550199"], "Url": [BASE]}
OWN = ("+12025550199",)


def test_verbs_are_read_in_order_and_urls_are_made_absolute() -> None:
    document = parse_twiml(
        "<Response><Pause length='2'/><Say loop='2'>Fifteen letters</Say>"
        "<Connect action='/after' method='get'><Stream url='wss://media.example/m' name='n' "
        "statusCallback='https://s.example/'><Parameter name='a' value='1'/></Stream></Connect>"
        "<Redirect>next?y=2</Redirect><Hangup/></Response>",
        BASE,
    )
    stream = StreamNoun(
        "wss://media.example/m", "n", status_callback="https://s.example/", parameters={"a": "1"}
    )
    assert document.verbs == (
        Wait(2),
        Wait(2),
        Connect(stream, "https://product.example/after", "GET"),
        Redirect("https://product.example/voice/next?y=2"),
        HangUp(),
    )
    assert document.warnings == ()


def test_what_is_unknown_is_only_warned_about() -> None:
    document = parse_twiml("<Response><say>x</say><Hangup now='1'/></Response>", BASE)
    assert document.verbs == (HangUp(),)
    assert document.warnings == ("unknown verb say", "unknown attribute now of Hangup")


def test_a_parameter_of_500_characters_is_left_out() -> None:
    twiml = (
        f"<Response><Connect><Stream url='wss://m.example/'><Parameter name='a' value='{'x' * 499}'"
        "/><Parameter name='b' value='y'/></Stream></Connect></Response>"
    )
    (connect,) = parse_twiml(twiml, BASE).verbs
    assert isinstance(connect, Connect)
    assert connect.stream.parameters == {"b": "y"}


@pytest.mark.parametrize(
    ("twiml", "code"),
    [
        ("", 12100),
        ("<Response><Hangup>", 12100),
        ("<Answer/>", 12100),
        ("<Response><Connect/></Response>", 12100),
        ("<Response><Redirect/></Response>", 11100),
    ],
)
def test_a_document_that_makes_no_sense_is_an_application_error(twiml: str, code: int) -> None:
    with pytest.raises(ApplicationError) as error:
        parse_twiml(twiml, BASE)
    assert error.value.code == code


def test_a_relative_url_in_inline_twiml_has_nothing_to_be_relative_to() -> None:
    with pytest.raises(ApplicationError):
        parse_twiml("<Response><Redirect>/next</Redirect></Response>", "")


def test_the_three_messages_of_a_product_are_read() -> None:
    media = decode('{"event":"media","streamSid":"MZ1","media":{"payload":"/38="}}', "MZ1")
    assert isinstance(media, MediaIn)
    assert media.media.payload == b"\xff\x7f"
    mark = decode('{"event":"mark","streamSid":"MZ1","mark":{"name":"m"}}', "MZ1")
    assert isinstance(mark, MarkIn)
    assert isinstance(decode('{"event":"clear","streamSid":"MZ1"}', "MZ1"), ClearIn)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"event":"clear"}',
        '{"event":"clear","streamSid":"MZ2"}',
        '{"event":"clear","streamSid":"MZ1","extra":1}',
        '{"event":"mark","streamSid":"MZ1","mark":{}}',
        '{"event":"mark","streamSid":"MZ1","mark":{"name":1}}',
        '{"event":"media","streamSid":"MZ1","media":{"payload":"?"}}',
        '{"event":"media","streamSid":"MZ1","media":{"payload":"AAAA","chunk":"1"}}',
        '{"event":"dtmf","streamSid":"MZ1"}',
    ],
)
def test_any_other_message_is_invalid(text: str) -> None:
    with pytest.raises(InvalidMessageError):
        decode(text, "MZ1")


def test_counters_are_strings_and_go_on_over_all_kinds() -> None:
    out = Outbound("AC1", "CA1", "MZ1")
    assert "sequenceNumber" not in json.loads(out.connected())
    made = [out.start({}), out.media(b"\xff", 0), out.mark("m"), out.media(b"\xff", 20), out.stop()]
    messages = [json.loads(text) for text in made]
    assert [message["sequenceNumber"] for message in messages] == ["1", "2", "3", "4", "5"]
    assert messages[0]["start"]["customParameters"] == {}
    assert messages[3]["media"] == {
        "track": "inbound", "chunk": "2", "timestamp": "20", "payload": "/w==",
    }  # fmt: skip


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


def test_a_fragment_overrides_the_policy_and_is_not_sent() -> None:
    assert split_overrides("https://a.example/b?c=d") == ("https://a.example/b?c=d", Policy())
    url, policy = split_overrides("https://a.example/b?c=%20#rc=9&ct=50&rt=2000&tt=4000&rp=rt,5xx")
    assert url == "https://a.example/b?c=%20"
    assert policy == Policy(100, 2000, 4000, 5, frozenset({"rt", "5xx"}))
    assert split_overrides("https://a.example#rp=all")[1].retry_on == {"ct", "rt", "4xx", "5xx"}


def test_a_final_status_never_changes() -> None:
    call = Call("AC1", parse_create(FORM, OWN), None)
    call.finish("busy")
    call.set_status("ringing")
    assert call.resource()["status"] == "busy"
    assert call.resource()["duration"] == "0"
    assert call.resource()["price"] is None
