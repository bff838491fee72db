#!/usr/bin/env bash
# assel 1.0.0: two streams of server-sent events, parsed at once, share a half-read character.
#
# A Parser keeps one stream's state, and the README has one made for a stream and fed its chunks as
# they come. The decoder of UTF-8 in it is the class's, though, not the object's: when a chunk ends
# in the middle of a character, the bytes of that character stand before the next chunk of whichever
# stream gets one. The other stream, all ASCII, raises UnicodeDecodeError and loses its event; the
# first goes on as if nothing had been. All else that a Parser holds is its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "assel==1.0.0" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
from assel import Parser

event = "data: café\n\n".encode()
start, end = event[: event.index(b"\xc3") + 1], event[event.index(b"\xc3") + 1 :]


def words(parser: Parser, chunk: bytes) -> list[str]:
    return [one.data for one in parser.receive_bytes(chunk)]


alone = Parser()
assert words(alone, start) == [] and words(alone, end) == ["café"]

# Cut between characters, two streams do not disturb each other.
first, second = Parser(), Parser()
assert words(first, event[:8]) == [] and words(second, b"data: tea\n\n") == ["tea"]
assert words(first, event[8:]) == ["café"]

first, second = Parser(), Parser()
assert words(first, start) == []
try:
    print("the other stream has", words(second, b"data: tea\n\n"))
except UnicodeDecodeError as error:
    print(f"the other stream, of ASCII only: {error}")
else:
    raise SystemExit("each has its own decoder: the behaviour has changed")
print("the first stream then has", words(first, end))
PYTHON
