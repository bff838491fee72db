#!/usr/bin/env bash
# smspdudecoder 2.2.0: a text that says "you have a message" is read by the wrong alphabet.
#
# In the data coding scheme of a text (3GPP TS 23.038, section 4) the groups 1100 and 1101 are a
# message-waiting indication in the GSM 7-bit alphabet and 1110 is one in UCS2; bit 3 says whether
# the lamp is to be switched on or off. The package takes bit 3 for the choice of UCS2, as it is in
# the general groups. So what a mailbox sends with the lamp on (0xC8, 0xD8) comes out as a few
# Chinese or Korean characters, and with the lamp off in UCS2 (0xE0) as "@" and Greek.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "smspdudecoder==2.2.0" \
    "bitstring==4.4.0" "gsm0338==1.1.0" 2>/dev/null
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from io import StringIO

from gsm0338 import Codec
from smspdudecoder.fields import SMSDeliver

TEXT = "1 new message"
GROUPS = {0xC: "discard, GSM 7-bit", 0xD: "store, GSM 7-bit", 0xE: "store, UCS2"}
RIGHT = {0xC0, 0xD0, 0xE8}  # where bit 3 happens to say what the group means


def delivered(scheme: int, size: int, body: bytes) -> str:
    sender = "0B912120555010F0"
    return f"0004{sender}00{scheme:02X}62110321430000{size:02X}{body.hex().upper()}"


septets = Codec().encode(TEXT)[0]
bits = sum(value << 7 * at for at, value in enumerate(septets))
packed = bits.to_bytes((7 * len(septets) + 7) // 8, "little")
wide = TEXT.encode("utf-16-be")
for group, meaning in GROUPS.items():
    for lamp in (0, 8):
        scheme = group << 4 | lamp
        size, body = (len(wide), wide) if group == 0xE else (len(septets), packed)
        read = SMSDeliver.decode(StringIO(delivered(scheme, size, body)))["user_data"]["data"]
        print(f"{scheme:#x} ({meaning}, lamp {'on' if lamp else 'off'}): {read!r}")
        if (read == TEXT) != (scheme in RIGHT):
            raise SystemExit("it is read by another alphabet: the behaviour has changed")
PYTHON
