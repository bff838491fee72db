#!/usr/bin/env bash
# msgspec 0.22.0: describing two Struct types that have the same name and module ends with a KeyError.
#
# Types made by msgspec.defstruct get the module of the code that calls it, so a function that makes
# a type for each of several tables gives all of them one full name. Each type encodes, decodes and
# describes itself alone; json.schema_components of both raises KeyError with the class as its key
# instead of saying which two types collide. Types of one name in different modules are told apart.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "msgspec==0.22.0" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import msgspec


def arguments(kind: type) -> type[msgspec.Struct]:
    return msgspec.defstruct("Arguments", [("value", kind)])


number, text = arguments(int), arguments(str)
assert msgspec.json.decode(b'{"value": 1}', type=number).value == 1
assert msgspec.json.decode(b'{"value": "a"}', type=text).value == "a"
for kind in (number, text):
    _, components = msgspec.json.schema_components([kind])
    assert list(components) == ["Arguments"]

try:
    msgspec.json.schema_components([number, text])
except KeyError as error:
    assert error.args[0] in (number, text), error.args
    print(f"msgspec {msgspec.__version__}: KeyError: {error}")
else:
    raise SystemExit("both were described: the behaviour has changed")

text.__module__ = "elsewhere"
_, components = msgspec.json.schema_components([number, text])
print("in two modules:", sorted(components))
assert len(components) == 2
PYTHON
