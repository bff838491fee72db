"""The Media Streams wire: the carrier's own shapes in, and nothing it would refuse out."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.audio.twilio_stream import (
    MAX_FRAME_CHARS,
    Connected,
    Dtmf,
    Key,
    Mark,
    Media,
    Name,
    Sound,
    Start,
    StartMeta,
    Stop,
    StreamProtocolError,
    decode,
    encode_clear,
    encode_mark,
    encode_media,
)
from tests.support.script import SID, STREAM

SOUND = bytes(range(160))
PAYLOAD = base64.b64encode(SOUND).decode()
VECTORS = [
    ({"event": "connected", "protocol": "Call", "version": "1.0.0"}, Connected("Call", "1.0.0")),
    (
        {
            "event": "start",
            "sequenceNumber": "1",
            "streamSid": STREAM,
            "start": {
                "accountSid": "AC1", "streamSid": STREAM, "callSid": SID, "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": {"token": "abc"},
            },
        },
        Start(StartMeta("AC1", SID, STREAM, {"token": "abc"})),
    ),
    (
        {
            "event": "media", "sequenceNumber": "3", "streamSid": STREAM,
            "media": {"track": "inbound", "chunk": "1", "timestamp": "5", "payload": PAYLOAD},
        },
        Media(Sound(SOUND), STREAM),
    ),
    (
        {
            "event": "dtmf", "streamSid": STREAM, "sequenceNumber": "5",
            "dtmf": {"track": "inbound_track", "digit": "1"},
        },
        Dtmf(Key("1")),
    ),
    (
        {"event": "mark", "sequenceNumber": "4", "streamSid": STREAM, "mark": {"name": "0:160"}},
        Mark(Name("0:160")),
    ),
    (
        {
            "event": "stop", "sequenceNumber": "5", "streamSid": STREAM,
            "stop": {"accountSid": "AC1", "callSid": SID},
        },
        Stop(),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("message", "value"), VECTORS)
def test_every_message_of_the_carrier_is_read(message: dict[str, object], value: object) -> None:
    assert decode(json.dumps(message)) == value


@pytest.mark.parametrize(("message", "value"), VECTORS)
def test_neither_the_order_of_fields_nor_unknown_ones_matter(
    message: dict[str, object], value: object
) -> None:
    backwards = {"new": [{}], **dict(reversed(message.items()))}
    assert decode(json.dumps(backwards)) == value


def test_a_start_without_parameters_has_none() -> None:
    start = '{"event":"start","start":{"accountSid":"AC1","callSid":"CA1","streamSid":"MZ1"}}'
    message = decode(start)
    assert isinstance(message, Start)
    assert message.start.custom_parameters == {}


@pytest.mark.parametrize("size", [0, 1, 159, 161, 4000])
def test_sound_may_have_any_length(size: int) -> None:
    message = decode(encode_media(STREAM, b"\x7f" * size))
    assert message == Media(Sound(b"\x7f" * size), STREAM)


@pytest.mark.parametrize(
    "frame",
    [
        b'{"event":"connected","protocol":"Call","version":"1.0.0"}', "", "{", "null", "[]", "7",
        "{}", '{"event":"media"}', '{"event":"media","streamSid":"MZ1","media":{}}',
        '{"event":"media","streamSid":"MZ1","media":{"payload":"?"}}',
        '{"event":"media","streamSid":1,"media":{"payload":""}}', '{"event":"video"}',
        '{"event":"mark","mark":"0:1"}', '{"event":"start","start":{"callSid":"CA1"}}',
        '{"event":"mark","mark":{"name":"\ud800"}}', "[" * 30_000,
        '{"event":"stop","x":' + '{"a":' * 10_000, '{"event":"stop","x":"' + "a" * MAX_FRAME_CHARS,
    ],
)  # fmt: skip
def test_anything_else_is_refused(frame: str | bytes) -> None:
    with pytest.raises(StreamProtocolError):
        decode(frame)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
fields = st.sampled_from(
    ["event", "media", "payload", "start", "mark", "name", "streamSid", "dtmf", "digit"]
)
frames = st.one_of(
    st.text(),
    st.binary(),
    json_values.map(json.dumps),
    st.dictionaries(
        fields, json_values | st.sampled_from(["media", "start", "mark", "dtmf", "stop"])
    ).map(json.dumps),
)


@settings(max_examples=100, deadline=None)
@given(frames)
def test_no_frame_whatsoever_raises_anything_else(frame: str | bytes) -> None:
    try:
        decode(frame)
    except StreamProtocolError:
        return
    assert isinstance(json.loads(frame), dict)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_message_raises_nothing_else_either(data: st.DataObject) -> None:
    text = json.dumps(data.draw(st.sampled_from(VECTORS))[0])
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    try:
        message = decode(text[:start] + data.draw(st.text(max_size=5)) + text[end:])
    except StreamProtocolError:
        return
    assert isinstance(message, Connected | Start | Media | Dtmf | Mark | Stop)


def test_what_we_send_has_exactly_the_fields_the_carrier_allows() -> None:
    assert json.loads(encode_media(STREAM, SOUND)) == {
        "event": "media", "streamSid": STREAM, "media": {"payload": PAYLOAD},
    }  # fmt: skip
    assert json.loads(encode_mark(STREAM, "0:8000")) == {
        "event": "mark", "streamSid": STREAM, "mark": {"name": "0:8000"},
    }  # fmt: skip
    assert json.loads(encode_clear(STREAM)) == {"event": "clear", "streamSid": STREAM}
