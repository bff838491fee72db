#!/usr/bin/env bash
# python-gsmmodem-new 0.13.0: the first letter of a part is lost where its reference has 16 bits.
#
# A long text comes in parts whose header names the text they belong to, by 8 bits (header of 6
# octets) or by 16 (7 octets; information element 08). In GSM 7-bit the words begin at the next
# seventh bit after the header: one bit is skipped after 6 octets, and none after 7, which end there
# (3GPP TS 23.040, 9.2.3.24). The package skips a whole letter after 7. Reference, number of parts
# and number of the part are read rightly, so the text is put together with a letter missing at each
# seam. smspdudecoder 2.2.0 reads both headers and loses nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "python-gsmmodem-new==0.13.0" \
    "smspdudecoder==2.2.0" "bitstring==4.4.0" "gsm0338==1.1.0" 2>/dev/null
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from io import StringIO

from gsm0338 import Codec
from gsmmodem.pdu import decodeSmsPdu
from smspdudecoder.fields import SMSDeliver

HEADERS = {"8 bits": "0500032A02{}", "16 bits": "060804012A02{}"}
PARTS = ["Your call is at ", "noon tomorrow."]


def delivered(header: str, text: str) -> str:
    octets = bytes.fromhex(header)
    before = (8 * len(octets) + 6) // 7  # septets that the header and what fills up to the next take
    septets = Codec().encode(text)[0]
    count = before + len(septets)
    bits = int.from_bytes(octets, "little")
    bits |= sum(value << 7 * (before + at) for at, value in enumerate(septets))
    body = bits.to_bytes((7 * count + 7) // 8, "little").hex().upper()
    return f"00440B912120555010F0000062110321430000{count:02X}{body}"


for name, header in HEADERS.items():
    pdus = [delivered(header.format(f"{n:02d}"), part) for n, part in enumerate(PARTS, 1)]
    read = [decodeSmsPdu(pdu) for pdu in pdus]
    other = "".join(SMSDeliver.decode(StringIO(pdu))["user_data"]["data"] for pdu in pdus)
    numbers = [part["udh"][0].number for part in read]
    text = "".join(part["text"] for part in read)
    print(f"{name}: parts {numbers} are {text!r}; smspdudecoder {other!r}")
    assert other == "".join(PARTS) and numbers == [1, 2], "what is right has changed"
    lost = len(HEADERS["16 bits"]) == len(header)
    if text != "".join(part[lost:] for part in PARTS):
        raise SystemExit("other letters are lost, or none: the behaviour has changed")
PYTHON
