#!/usr/bin/env bash
# smspdudecoder 2.2.0: a sender's name of seven letters ends in "@".
#
# Seven letters of seven bits fill 49 bits, which 3GPP TS 23.040 (9.1.2.5) has sent as 13 half octets:
# seven whole octets. The seven bits that are left over are zero, and zero is "@" in GSM 7-bit. The
# package takes the eighth letter for sent, though the 13 half octets say that there is no room for
# it. The same happens to a text that fills 49 bits with one of its characters escaped ("Hello€"),
# not to one of seven plain letters, for which it counts the characters. Names of other lengths up
# to the longest, eleven, are right. python-gsmmodem-new 0.13.0 reads all of them rightly.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "smspdudecoder==2.2.0" \
    "bitstring==4.4.0" "python-gsmmodem-new==0.13.0" "gsm0338==1.1.0" 2>/dev/null
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from io import StringIO

from gsm0338 import Codec
from gsmmodem.pdu import decodeSmsPdu
from smspdudecoder.fields import SMSDeliver

RECEIVED = "62110321430000"  # 2026-11-30 12:34:00 UTC


def septets(text: str) -> tuple[int, str]:
    """How many, and their octets, packed, in hexadecimal."""
    values = Codec().encode(text)[0]
    bits = sum(value << 7 * at for at, value in enumerate(values))
    return len(values), bits.to_bytes((7 * len(values) + 7) // 8, "little").hex().upper()


def delivered(sender: str, text: str) -> str:
    count, address = septets(sender)
    size, body = septets(text)
    half_octets = (7 * count + 3) // 4
    return f"0004{half_octets:02X}D0{address}0000{RECEIVED}{size:02X}{body}"


def check(what: str, sent: str, read: str, other: str, is_wrong: bool) -> None:
    print(f"{what} {sent!r}: smspdudecoder {read!r}, gsmmodem {other!r}")
    assert other == sent, "gsmmodem has changed"
    if read != sent + "@" * is_wrong:
        raise SystemExit("it is read otherwise: the behaviour has changed")


for name in ("Talk", "Talkin", "Talking", "Parcels", "Talking1", "Talking app"):
    pdu = delivered(name, "Hi")
    read = SMSDeliver.decode(StringIO(pdu))["sender"]["number"]
    check("sender", name, read, decodeSmsPdu(pdu)["number"], len(name) == 7)
for text in ("Goodbye", "Hello€", "€€€a", "[1234]"):
    pdu = delivered("Talk", text)
    read = SMSDeliver.decode(StringIO(pdu))["user_data"]["data"]
    is_wrong = septets(text)[0] == 7 != len(text)
    check("text", text, read, decodeSmsPdu(pdu)["text"], is_wrong)
PYTHON
