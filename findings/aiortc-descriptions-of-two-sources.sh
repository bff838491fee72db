#!/usr/bin/env bash
# aiortc 1.16.0: of two sources' RTCP descriptions the second is read behind few names only.
#
# Each source's list ends with a null octet, which has no length behind it, and is padded to 32 bits
# by itself (RFC 3550, section 6.5). aiortc takes the octet after the null for its length and never
# looks for the boundary: that fits where exactly two nulls stand, behind names of 8, 12, 16 ...
# octets. Behind all others it raises ValueError ("truncated") or finds a source that nobody
# described. What it writes has two nulls each and padding at the very end only, so that the second
# source begins in the middle of a word. A source alone is always read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "aiortc==1.16.0" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import struct

from aiortc.rtp import RtcpPacket, RtcpSdesPacket, RtcpSourceInfo

CNAME, SDES = 1, 202


def source(ssrc: int, name: bytes) -> bytes:
    items = struct.pack("!LBB", ssrc, CNAME, len(name)) + name + b"\0"
    return items + bytes(-len(items) % 4)


def read(*sources: bytes) -> dict[int, list[bytes]] | str:
    body = b"".join(sources)
    data = struct.pack("!BBH", 0x80 | len(sources), SDES, len(body) // 4) + body
    try:
        [packet] = RtcpPacket.parse(data)
    except ValueError as error:
        return str(error)
    return {one.ssrc: [value for _, value in one.items] for one in packet.chunks}


fine = []
for size in range(5, 17):
    name = b"anna@example.com"[:size]
    alone, both = read(source(1, name)), read(source(1, name), source(2, b"second"))
    print(f"{size:2} octets: alone {alone}, with another {both}")
    assert alone == {1: [name]}, "one source alone is not read any more"
    fine += [size] if both == {1: [name], 2: [b"second"]} else []
two = [RtcpSourceInfo(ssrc=ssrc, items=[(CNAME, b"anna@ex")]) for ssrc in (1, 2)]
at = bytes(RtcpSdesPacket(chunks=two)).rindex(struct.pack("!L", 2))
print(f"read right: {fine}; written by aiortc, the second source begins at octet {at}")
if fine != [8, 12, 16] or at % 4 == 0:
    raise SystemExit("other lengths are read: the behaviour has changed")
PYTHON
