#!/usr/bin/env bash
# aiortp 0.8.0: its A-law (payload type 8, PCMA) has the opposite sign of everybody else's.
#
# In G.711 the first bit of an A-law byte is 1 for a positive sample. aiortp's codec, whose source
# says it follows G.711, sets it for negative ones, in both directions, so what it encodes it also
# decodes, and its mu-law is right. With any other end the sound is upside down: all 256 bytes
# decode to the negative of what ITU-T's table, and PyAV's (FFmpeg's) decoder, has, and zero is sent
# as 0x55. Nobody hears that, but two legs with the same words cancel out instead of adding up.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "aiortp==0.8.0" "av==18.1.0" "numpy==2.4.6" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import array

import av
from aiortp import get_codec


def ffmpeg(name: str, data: bytes) -> list[int]:
    decoder = av.CodecContext.create(name, "r")
    decoder.sample_rate, decoder.layout = 8000, "mono"
    return [int(one) for frame in decoder.decode(av.Packet(data)) for one in frame.to_ndarray()[0]]


def aiortp(kind: int, data: bytes) -> list[int]:
    return array.array("h", get_codec(kind).decode(data)).tolist()


every = bytes(range(256))
alaw, theirs = aiortp(8, every), ffmpeg("pcm_alaw", every)
print("A-law 0xd5, 0xaa, 0x2a:", [(alaw[at], theirs[at]) for at in (0xD5, 0xAA, 0x2A)])
# G.711, table 1a: the loudest positive sample is 0xaa on the wire, which is 32256 in 16 bits.
assert (theirs[0xAA], theirs[0xD5]) == (32256, 8), "FFmpeg has changed"
assert aiortp(0, every) == ffmpeg("pcm_mulaw", every), "mu-law differs as well"
tone = array.array("h", [0, 1000, 20000, -20000])
sent = get_codec(8).encode(tone.tobytes())
print(f"{tone.tolist()} is sent as {sent.hex()}, which FFmpeg hears as {ffmpeg('pcm_alaw', sent)}")
if not all(ours == -right for ours, right in zip(alaw, theirs)) or sent[0] != 0x55:
    raise SystemExit("the sign is another: the behaviour has changed")
PYTHON
