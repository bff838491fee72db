#!/usr/bin/env bash
# smpplib 2.2.4: a backtick is sent as "§", and a "§" makes the whole text UCS-2.
#
# GSM 7-bit has "§" at 0x5F and no backtick (3GPP TS 23.038, section 6.2.1). In the package's table
# the backtick marks the places that hold nothing, and stands at 0x5F too. So make_parts() accepts a
# backtick, which the phone shows as "§", where it should fall back to UCS-2 as it does for all else
# that the alphabet lacks; and a text with "§" in it, as any that cites a German law, is sent in
# UCS-2, in parts of 67 characters instead of 153. All other letters agree with gsm0338 1.1.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "smpplib==2.2.4" "gsm0338==1.1.0" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
from gsm0338 import Codec
from smpplib.consts import SMPP_ENCODING_DEFAULT, SMPP_ENCODING_ISO10646
from smpplib.gsm import make_parts

NAMES = {SMPP_ENCODING_DEFAULT: "GSM 7-bit", SMPP_ENCODING_ISO10646: "UCS-2"}
codec = Codec()


def seven_bit(one: str) -> bytes | None:
    try:
        return codec.encode(one)[0]
    except UnicodeError:
        return None


def sent(text: str) -> tuple[str, int, str]:
    """The alphabet, how many parts, and what a phone shows of the first where it is the only one."""
    parts, encoding, _ = make_parts(text)
    body = parts[0] if len(parts) == 1 else b""
    shown = body.decode("utf-16-be") if NAMES[encoding] == "UCS-2" else codec.decode(body)[0]
    return NAMES[encoding], len(parts), shown


text = "Cancelled under § 312g, as you asked. "
other = text.replace("§", "$")
seen = [sent("run `ls`"), sent("see § 5"), sent("see ₪ 5"), sent(text * 4), sent(other * 4)]
for alphabet, count, shown in seen:
    print(f"{alphabet}, parts: {count}", shown)

differ = []
for one in map(chr, [*range(0x20, 0x400), 0x20AC]):
    (body,), encoding, _ = make_parts(one)
    if (body if encoding == SMPP_ENCODING_DEFAULT else None) != seven_bit(one):
        differ.append(one)
print("sent otherwise than by gsm0338:", differ)
if differ != ["`", "§"] or seen != [
    ("GSM 7-bit", 1, "run §ls§"),
    ("UCS-2", 1, "see § 5"),
    ("UCS-2", 1, "see ₪ 5"),
    ("UCS-2", 3, ""),
    ("GSM 7-bit", 1, other * 4),
]:
    raise SystemExit("they are sent otherwise: the behaviour has changed")
PYTHON
