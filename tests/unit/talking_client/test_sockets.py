"""Which end of a live socket is for good, and how long one waits after another."""

import pytest
import websockets
from talking_client import sockets
from talking_client.errors import ConnectionFailedError, LiveRefusedError, TalkingError
from talking_client.events import CallData
from talking_client.messages import At, Event, Ping
from talking_client.retries import Retries
from websockets.datastructures import Headers
from websockets.frames import Close
from websockets.http11 import Response


def closed(code: int) -> websockets.ConnectionClosed:
    return websockets.ConnectionClosed(Close(code, "why"), None)


def answered(status: int) -> websockets.InvalidStatus:
    return websockets.InvalidStatus(Response(status, "why", Headers()))


@pytest.mark.parametrize(
    "fault",
    [closed(1011), closed(4001), closed(4005), websockets.ConnectionClosed(None, None),
     answered(503), answered(429), OSError("gone"), TimeoutError()],
    ids=str,
)  # fmt: skip
def test_after_most_ends_one_comes_back(fault: Exception) -> None:
    assert sockets.pause_after(fault, 1, 1.0, Retries(first_pause=0.5)) == 0.5
    with pytest.raises(ConnectionFailedError):
        sockets.pause_after(fault, 4, 1.0, Retries(attempts=4))


@pytest.mark.parametrize(("fault", "code"), [(closed(4501), 4501), (answered(404), 404)], ids=str)
def test_who_is_told_to_stay_away_does(fault: Exception, code: int) -> None:
    with pytest.raises(LiveRefusedError) as refused:
        sockets.pause_after(fault, 1, 1.0, Retries())
    assert (refused.value.close_code, refused.value.reason) == (code, "why")


def test_a_message_is_read_and_what_is_none_is_said() -> None:
    frame = b'{"op":"ping"}\n{"op":"at","topic":"me","epoch":"e","seq":1}'
    assert list(sockets.messages(frame)) == [Ping(), At(topic="me", epoch="e", seq=1)]
    for line in (b"", b"no JSON", b"[]", b"{}", b'{"op":"at"}'):
        read = sockets.messages(b'{"op":"ping"}\n' + line)
        assert next(read) == Ping()
        with pytest.raises(TalkingError):
            next(read)


def test_a_kind_of_message_that_a_newer_server_has_means_nothing() -> None:
    frame = b'{"op":"song","topic":7}\n{"op":"ping","volume":1}'
    assert list(sockets.messages(frame)) == [Ping()]


def test_data_has_the_shape_of_its_event_and_an_unknown_one_none() -> None:
    line = (
        b'{"op":"event","topic":"me","id":"00000000-0000-4000-8000-000000000001","type":"%s",'
        b'"v":1,"ts":"t","user_id":null,"subject":"s","data":{"digit":"5"},"seq":1,"epoch":"e"}'
    )
    known, unknown = sockets.messages(line % b"call.dtmf" + b"\n" + line % b"call.sung")
    assert isinstance(known, Event)
    assert isinstance(unknown, Event)
    assert type(sockets.data_of(known)).__name__ == "DigitData"
    assert not isinstance(sockets.data_of(known), CallData)
    assert sockets.data_of(unknown) is None


def test_an_address_is_the_servers_own() -> None:
    assert sockets.address("https://talking.example/") == "wss://talking.example/live"
    assert sockets.address("http://127.0.0.1:1") == "ws://127.0.0.1:1/live"
