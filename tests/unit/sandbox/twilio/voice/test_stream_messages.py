"""The JSON of media streams, both ways."""

import json

import pytest

from sandbox.twilio.voice.stream_messages import (
    ClearIn,
    InvalidMessageError,
    MarkIn,
    MediaIn,
    Outbound,
    decode,
)


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
