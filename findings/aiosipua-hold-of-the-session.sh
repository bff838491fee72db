#!/usr/bin/env bash
# aiosipua 0.7.1: a hold that stands in the session's part of an SDP offer is answered as none.
#
# sendonly, recvonly, sendrecv and inactive may stand before the first m= line and then hold for
# every stream that has none of its own (RFC 8866, section 6.7). The library keeps that line among
# the session's attributes, writes it out again, and takes each stream without its own for sendrecv.
# So an offer to hold is answered with sendrecv, where RFC 3264 (section 6.1) allows only recvonly or
# inactive; with the same word behind the m= line the answer is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "aiosipua==0.7.1" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
from aiosipua import negotiate_sdp, parse_sdp

SESSION = ["v=0", "o=- 1 2 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"]
STREAM = ["m=audio 4000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"]


def answered(*lines: str) -> tuple[str, str]:
    offer = parse_sdp("\r\n".join(lines) + "\r\n")
    answer, _ = negotiate_sdp(offer, "192.0.2.2", 5000, [0])
    assert offer.audio is not None and answer.audio is not None
    return offer.audio.direction, answer.audio.direction


for word, right in {"sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}.items():
    stream = answered(*SESSION, *STREAM, f"a={word}")
    session = answered(*SESSION, f"a={word}", *STREAM)
    print(f"a={word} in the stream: {stream}, in the session: {session}")
    assert stream == (word, right), "the stream's own is not understood any more"
    if session != ("sendrecv", "sendrecv"):
        raise SystemExit("the session's is understood: the behaviour has changed")
PYTHON
