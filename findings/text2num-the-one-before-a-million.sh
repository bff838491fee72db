#!/usr/bin/env bash
# text2num 3.1.0: "eine Million" and "veintiún mil" are no numbers to it, wrong forms of them are.
#
# It turns recognised speech into digits, in German and Spanish among others. Before the feminine
# Million and Milliarde German has "eine", and before mil and millones Spanish has "veintiún". The
# package raises ValueError for both, and alpha2digit takes the rest for the number, so that 21
# thousand become "veintiún 1000". What is wrong in the language, "ein Million" and "veintiuno mil",
# is read, as are "zwei Millionen", "treinta y un mil" and their like in French and Italian.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "text2num==3.1.0" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
from text_to_num import alpha2digit, text2num

RIGHT = {
    ("de", "zwei Millionen"): 2_000_000,
    ("es", "treinta y un mil"): 31_000,
    ("es", "ciento un mil"): 101_000,
    ("fr", "un million"): 1_000_000,
    ("fr", "vingt et un mille"): 21_000,
    ("it", "un milione"): 1_000_000,
    ("it", "ventunomila"): 21_000,
    ("de", "ein Million"): 1_000_000,  # no German
    ("es", "veintiuno mil"): 21_000,  # no Spanish
}
for (language, words), number in RIGHT.items():
    assert text2num(words, language) == number, (language, words)

WRONG = {
    ("de", "Es sind eine Million Euro."): "Es sind eine 1000000 Euro.",
    ("de", "eine Milliarde zweihunderttausend"): "eine 1000200000",
    ("es", "Son veintiún mil euros."): "Son veintiún 1000 euros.",
    ("es", "veintiún millones doscientos mil"): "veintiún 1200000",
}
for (language, text), digits in WRONG.items():
    written = alpha2digit(text, language)
    print(f"{language}: {text!r} becomes {written!r}")
    if written != digits:
        raise SystemExit("it is another: the behaviour has changed")
for language, words in (("de", "eine Million"), ("es", "veintiún mil")):
    try:
        print(f"{words!r} is {text2num(words, language)}")
    except ValueError as error:
        print(f"{language}: {words!r}: {error}")
    else:
        raise SystemExit("it is read: the behaviour has changed")
PYTHON
