#!/usr/bin/env bash
# mypy 2.4.1: after a tuple of floats was compared with one of ints, --warn-unreachable is wrong.
#
# `t == (30, 28)`, t being tuple[float, float], is true at run time for (30.0, 28.0), and mypy takes
# an int where a float is asked for everywhere else. Asserted, it makes mypy call what follows in the
# function unreachable, and faults in there are then not looked for. A float alone, a list of floats
# and a tuple written with 30.0 are not affected; without the option all faults are found.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "mypy==2.4.1" 2>/dev/null
cd "$folder"
cat > checked.py <<'PYTHON'
def ints(times: tuple[float, float]) -> int:
    assert times == (30, 28)
    return "a text"  # a fault


def floats(times: tuple[float, float]) -> int:
    assert times == (30.0, 28.0)
    return "a text"  # a fault


def alone(seconds: float) -> int:
    assert seconds == 30
    return "a text"  # a fault


def listed(times: list[float]) -> int:
    assert times == [30, 28]
    return "a text"  # a fault


try:
    assert ints((30.0, 28.0)) == "a text"
finally:
    print("at run time the line is reached")
PYTHON
"$folder/venv/bin/python" checked.py
faults() { "$folder/venv/bin/mypy" --strict "$@" checked.py | grep -oE "^checked.py:[0-9]+: .*(unreachable|return-value).*" || true; }
echo "without the option:"; faults
echo "with --warn-unreachable:"; faults --warn-unreachable
wrong=$(faults --warn-unreachable | grep -c "^checked.py:3: error: Statement is unreachable")
right=$(faults --warn-unreachable | grep -c "return-value")
[ "$(faults | wc -l)" = 4 ] && [ "$wrong" = 1 ] && [ "$right" = 3 ] || { echo "the behaviour has changed"; exit 1; }
