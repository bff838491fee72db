"""The shapes of the Python client, written from `/openapi.json` and `/asyncapi.json`.

`python -m tests.architecture.client` writes them anew, and those of the TypeScript client: `sent`
has what the client's methods send, `models` what they get, `messages` the live channel's messages
and `events` the data of its events. A digest of both documents is in `contract`, so that a changed
document is a changed client.
"""

import json
import keyword
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.architecture import client_typescript, shapes
from tests.architecture.shapes import MOMENTS, MOST_WORDS, TAGGED, WRITTEN, Contract, Json

FOLDER = Path(__file__).parents[2] / "clients" / "python" / "talking_client"
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def files(contract: Contract) -> dict[Path, str]:
    """The files of both clients, as they must be."""
    texts = {FOLDER / name: text for name, text in _python(contract).items()}
    return texts | client_typescript.files(contract)


def _python(contract: Contract) -> dict[str, str]:
    table = "".join(f'"{name}": {shape},\n' for name, shape in contract.events.items())
    texts = {
        "sent.py": [
            _head("What is sent over REST.", "datetime as dt"),
            'Moment: TypeAlias = str | dt.date | dt.datetime\n"""A day, or a time with a zone."""',
            *_structs(contract.schemas, shapes.SENT, is_open=False),
            *(_filters(name, one) for name, one in contract.lists.items()),
        ],
        "models.py": [
            _head("What REST answers."),
            *_structs(contract.schemas, shapes.ANSWERED),
        ],
        "messages.py": [
            _head("Messages of the live channel, as they come."),
            *_structs(contract.live_schemas, TAGGED),
            f"Incoming: TypeAlias = {' | '.join(TAGGED)}",
        ],
        "events.py": [
            _head("The data of the live channel's events.")
            + f"\n\nfrom talking_client.models import {', '.join(contract.shared)}",
            *_structs(contract.live_schemas, [*contract.events.values()], known=contract.shared),
            f"EVENTS: dict[str, type[msgspec.Struct]] = {{\n{table}}}\n"
            '"""The shape of each event\'s `data` by its type."""',
        ],
        "contract.py": [
            f'"""Which interface this client was made for. {WRITTEN}"""',
            f'API_VERSION = "{contract.version}"\n'
            f'LIVE_PROTOCOL = "dash.v{contract.live_version}"\n'
            f'CONTRACT = "{contract.digest}"\n'
            '"""A digest of both descriptions, but their prose."""',
        ],
    }
    return {name: _formatted("\n\n\n".join(parts)) for name, parts in texts.items()}


def _head(told: str, *more: str) -> str:
    imports = "".join(f"import {one}\n" for one in (*more, "uuid"))
    return (
        f'"""{told} {WRITTEN}"""\n\n{imports}'
        "from typing import Any, Literal, TypeAlias, TypedDict\n\nimport msgspec"
    )


def _structs(
    schemas: Json, wanted: Sequence[str], *, is_open: bool = True, known: Sequence[str] = ()
) -> list[str]:
    found = shapes.reached(schemas, wanted, known)
    return [_struct(name, schemas[name], is_open) for name in found]


def _struct(name: str, schema: Json, is_open: bool) -> str:
    bases = "msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True"
    if name in TAGGED:
        bases += f', tag_field="op", tag="{schema["properties"]["op"]["enum"][0]}"'
    told = f'"""{shapes.told(name, schema)}"""'
    words = textwrap.fill(told, 95, break_long_words=False).replace("\n", "\n    ")
    needed = set(schema.get("required", ()))
    members = [
        _member(member, kind, is_open, is_needed=member in needed)
        for member, kind in schema.get("properties", {}).items()
        if (name not in TAGGED) or member != "op"
    ]
    return "\n".join([f"class {name}({bases}):", f"    {words}", "", *members]).rstrip()


def _member(name: str, schema: Json, is_open: bool, *, is_needed: bool) -> str:
    given = "" if is_needed else _default(schema.get("default"))
    if keyword.iskeyword(name):
        default = f", default={given}" if given else ""
        return f'    {name}_: {_type(schema, is_open)} = msgspec.field(name="{name}"{default})'
    return f"    {name}: {_type(schema, is_open)}{f' = {given}' if given else ''}"


def _default(value: Any) -> str:
    if isinstance(value, dict | list) and value:
        return f"msgspec.field(default_factory=lambda: {value!r})"
    return repr(value)


def _type(schema: Json, is_open: bool) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        kinds = [_type(one, is_open) for one in schema["anyOf"]]
        return " | ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        values = ", ".join(json.dumps(one) for one in schema["enum"])
        return "str" if is_open or len(schema["enum"]) > MOST_WORDS else f"Literal[{values}]"
    match schema.get("type"):
        case "null":
            return "None"
        case "array":
            return f"list[{_type(schema.get('items', {}), is_open)}]"
        case "object":
            inner = schema.get("additionalProperties")
            return f"dict[str, {_type(inner, is_open) if isinstance(inner, dict) else 'Any'}]"
        case "string" if schema.get("format") == "uuid":
            return "uuid.UUID"
        case str(kind):
            return SCALARS[kind]
        case _:
            return "Any"


def _filters(name: str, operation: Json) -> str:
    members = [
        f"    {one['name']}: "
        + ("Moment" if one["name"] in MOMENTS else _type(one["schema"], is_open=False))
        for one in shapes.filters(operation)
    ]
    told = f'    """{operation["summary"]}: which, and how."""'
    return "\n".join([f"class {name}(TypedDict, total=False):", told, "", *members])


def _formatted(text: str) -> str:
    """As `make fix` leaves it, without the imports that nothing needs."""
    ruff = [sys.executable, "-m", "ruff"]
    for arguments in (
        ("check", "--fix-only", "--quiet", "--select", "F401,I"),
        ("format", "--quiet"),
    ):
        done = subprocess.run(
            [*ruff, *arguments, "--stdin-filename", str(FOLDER / "shapes.py"), "-"],
            input=text, capture_output=True, text=True, check=True,
        )  # fmt: skip
        text = done.stdout
    return text


if __name__ == "__main__":
    for path, content in files(shapes.contract()).items():
        path.write_text(content)
