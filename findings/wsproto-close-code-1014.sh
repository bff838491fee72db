#!/usr/bin/env bash
# wsproto 1.3.2: it sends the close code 1014 and takes the same code for a protocol error.
#
# 1014 is registered with IANA ("Bad Gateway") like 1012 and 1013, which the library has names for.
# Told to close with 1014 it does; the frame that comes of that, given to another wsproto, is not the
# peer's close but "CLOSE with unknown reserved code", and 1002 is what the application is told. The
# same frame is a normal close with its code and reason for websockets 17.4, both ways.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "wsproto==1.3.2" "websockets==17.4" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.uri import parse_uri
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection


def by_wsproto(frame: bytes) -> tuple[int, str | None]:
    connection = Connection(ConnectionType.CLIENT)
    connection.receive_data(frame)
    [event] = connection.events()
    assert isinstance(event, CloseConnection)
    return int(event.code), event.reason


def by_websockets(frame: bytes) -> tuple[int | None, str | None]:
    protocol = ClientProtocol(parse_uri("ws://example.com/"), state=State.OPEN)
    protocol.receive_data(frame)
    return protocol.close_rcvd.code, protocol.close_rcvd.reason


for code in (1011, 1012, 1013, 1014, 3000, 4000):
    frame = Connection(ConnectionType.SERVER).send(CloseConnection(code=code, reason="later"))
    ours, theirs = by_wsproto(frame), by_websockets(frame)
    print(f"{code}, sent by wsproto: read by wsproto {ours}, by websockets {theirs}")
    assert theirs == (code, "later"), "websockets has changed"
    if (ours == (code, "later")) == (code == 1014):
        raise SystemExit("1014 is read as it was sent, or another is not: the behaviour has changed")
PYTHON
