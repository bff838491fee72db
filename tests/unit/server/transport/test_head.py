"""Heads of requests: what may pass, what is taken away, and what is refused with which status."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.transport import head
from server.transport.head import BadHead

GET = b"GET /live?a=b HTTP/1.1\r\nHost: x\r\n"


def status_of(data: bytes) -> int:
    with pytest.raises(BadHead) as refused:
        head.read(data)
    return refused.value.status


def test_an_ordinary_request_passes_as_it_is() -> None:
    data = GET + b"X-Odd: \x80\xff\tvalue\r\n\r\n"
    found = head.read(data)
    assert (found.path, found.is_websocket, found.plain) == ("/live", False, data)


@pytest.mark.parametrize("target", [b"/", b"//x?y", b"http://x:80", b"https://x/y?z", b"*"])
def test_every_form_of_a_target_passes(target: bytes) -> None:
    assert head.read(b"OPTIONS " + target + b" HTTP/1.1\r\n\r\n").path.encode() in target


@pytest.mark.parametrize("value", [b"websocket", b"WebSocket", b"h2c, websocket"])
def test_a_websocket_is_seen(value: bytes) -> None:
    found = head.read(GET + b"upgrade: " + value + b"\r\nA: b\r\n\r\n")
    assert (found.is_websocket, found.plain) == (True, GET + b"A: b\r\n\r\n")


def test_an_upgrade_to_anything_else_is_not_heard() -> None:
    asked = b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nAccept: */*\r\n\r\n"
    found = head.read(GET + asked)
    assert (found.is_websocket, found.plain) == (False, GET + b"Accept: */*\r\n\r\n")
    posted = head.read(b"POST /live HTTP/1.1\r\nUpgrade: websocket\r\nHost: x\r\n\r\n")
    assert (posted.is_websocket, posted.plain) == (False, b"POST /live HTTP/1.1\r\nHost: x\r\n\r\n")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"PRI * HTTP/2.0\r\n\r\n", 505),
        (b"GET / HTTP/0.9\r\n\r\n", 505),
        (b"GET /\r\n\r\n", 400),
        (b"GET  / HTTP/1.1\r\n\r\n", 400),
        (b"GET /\x00 HTTP/1.1\r\n\r\n", 400),
        (b"G(T / HTTP/1.1\r\n\r\n", 400),
        (b"get / HTTP/1.1\r\n\r\n", 400),
        (b"GET ?a=b HTTP/1.1\r\n\r\n", 400),
        (b"GET v1/me HTTP/1.1\r\n\r\n", 400),
        (b"GET http://[::1/v1/me HTTP/1.1\r\n\r\n", 400),
        (b"CONNECT x:443 HTTP/1.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
        (GET + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (GET + b"transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n", 400),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (GET + b" folded: x\r\n\r\n", 400),
        (GET + b"Name : x\r\n\r\n", 400),
        (GET + b"no colon\r\n\r\n", 400),
        (GET + b": x\r\n\r\n", 400),
        (GET + b"A: one\nB: two\r\n\r\n", 400),
        (GET + b"A: one\rB: two\r\n\r\n", 400),
        (GET + b"A: \x00\r\n\r\n", 400),
        (GET + b"A: x\r\n" * 100 + b"\r\n", 431),
    ],
)
def test_what_readers_differ_about_is_refused(data: bytes, status: int) -> None:
    assert status_of(data) == status


def test_the_end_of_a_head_is_waited_for_but_not_for_ever() -> None:
    assert head.end_of(GET) == 0
    assert head.end_of(GET + b"\r\nbody") == len(GET) + 2
    with pytest.raises(BadHead) as refused:
        head.end_of(b"x" * head.MOST_BYTES)
    assert refused.value.status == 431


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = head.read(data + b"\r\n\r\n")
    except BadHead:
        return
    assert found.plain.endswith(b"\r\n\r\n")
