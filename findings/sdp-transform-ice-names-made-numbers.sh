#!/usr/bin/env bash
# sdp-transform 1.1.0 (PyPI): an ICE user name that could be a number is written back as another.
#
# ICE makes user names and passwords of letters and digits by chance (RFC 8839, section 5.4), so some
# are digits alone, begin with zeros, or are digits around an "e". Parsed, each that Python's int() or
# float() takes is a number, and writing the description gives that number: "0123" becomes "123" and
# "12e5" becomes "1200000.0". The peer's checks then fail, as both are part of every STUN message.
# `a=mid` and `a=candidate` lose leading zeros as well. One name in some 2,600 is hit.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "sdp-transform==1.1.0" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sdp_transform

HEAD = "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
WRITTEN = {
    "a=ice-ufrag:F7gI": "a=ice-ufrag:F7gI",
    "a=ice-ufrag:4711": "a=ice-ufrag:4711",
    "a=ice-ufrag:0123": "a=ice-ufrag:123",
    "a=ice-ufrag:12e5": "a=ice-ufrag:1200000.0",
    "a=ice-ufrag:+815": "a=ice-ufrag:815",
    "a=ice-pwd:0000000000000000000042": "a=ice-pwd:42",
    "a=mid:01": "a=mid:1",
    "a=candidate:007 1 udp 1 192.0.2.1 9 typ host": "a=candidate:7 1 udp 1 192.0.2.1 9 typ host",
}
for line, expected in WRITTEN.items():
    [written] = [
        each
        for each in sdp_transform.write(sdp_transform.parse(f"{HEAD}{line}\r\n")).split("\r\n")
        if each.startswith("a=")
    ]
    print(f"{line:48} is written back as {written}")
    if written != expected:
        raise SystemExit("it is written back otherwise: the behaviour has changed")
PYTHON
