"""The shapes of the TypeScript client, written from `/openapi.json` and `/asyncapi.json`.

The files are named and cut as the Python client's are. Members are called what they are called on
the wire. What may be left out is optional; where that means a value, its comment says which.
"""

import json
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

from tests.architecture import shapes
from tests.architecture.shapes import MOMENTS, MOST_WORDS, TAGGED, WRITTEN, Contract, Json

FOLDER = Path(__file__).parents[2] / "clients" / "typescript" / "src"
SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean",
           "null": "null"}  # fmt: skip
WIDTH = 100


def files(contract: Contract) -> dict[Path, str]:
    """The files as they must be."""
    table = [f'  readonly "{name}": {shape};' for name, shape in contract.events.items()]
    events = _interfaces(contract.live_schemas, [*contract.events.values()], contract.shared)
    named = re.findall(r"\w+", " ".join([*events, *table]))
    used = ", ".join(name for name in contract.shared if name in named)
    texts = {
        "sent.ts": [
            _head("What is sent over REST."),
            "/** A day or a time with a zone, as a text; or a time. */\n"
            "export type Moment = string | Date;",
            *_interfaces(contract.schemas, shapes.SENT, is_open=False),
            *(_filters(name, one) for name, one in contract.lists.items()),
        ],
        "models.ts": [
            _head("What REST answers."),
            *_interfaces(contract.schemas, shapes.ANSWERED),
        ],
        "messages.ts": [
            _head("Messages of the live channel, as they come."),
            *_interfaces(contract.live_schemas, TAGGED),
            f"export type Incoming = {' | '.join(TAGGED)};",
        ],
        "events.ts": [
            _head("The data of the live channel's events."),
            f'import type {{\n{textwrap.indent(textwrap.fill(used, WIDTH - 2), "  ")},\n'
            '} from "./models.js";',
            *events,
            "\n".join(
                ["/** The shape of each event's `data` by its type. */",
                 "export interface EventData {", *table, "}"]
            ),
        ],
        "contract.ts": [
            _head("Which interface this client was made for."),
            f'export const API_VERSION = "{contract.version}";\n'
            f'export const LIVE_PROTOCOL = "dash.v{contract.live_version}";\n'
            "/** A digest of both descriptions, but their prose. */\n"
            f'export const CONTRACT = "{contract.digest}";',
        ],
    }  # fmt: skip
    return {FOLDER / name: "\n\n".join(parts) + "\n" for name, parts in texts.items()}


def _head(told: str) -> str:
    return f"// {told} {WRITTEN}"


def _interfaces(
    schemas: Json, wanted: Sequence[str], known: Sequence[str] = (), *, is_open: bool = True
) -> list[str]:
    found = shapes.reached(schemas, wanted, known)
    return [_interface(name, schemas[name], is_open) for name in found]


def _interface(name: str, schema: Json, is_open: bool) -> str:
    needed = set(schema.get("required", ()))
    members = [
        _member(member, kind, is_open, is_needed=member in needed)
        for member, kind in schema.get("properties", {}).items()
    ]
    return "\n".join(
        [_comment(shapes.told(name, schema)), f"export interface {name} {{", *members, "}"]
    )


def _comment(told: str) -> str:
    if len(told) + len("/**  */") <= WIDTH:
        return f"/** {told} */"
    lines = textwrap.wrap(told, WIDTH - 3, break_long_words=False, break_on_hyphens=False)
    return "\n".join(["/**", *(f" * {line}" for line in lines), " */"])


def _member(name: str, schema: Json, is_open: bool, *, is_needed: bool) -> str:
    kind = _type(schema, is_open and name != "op")
    if is_needed:
        return _line(name, kind)
    meant = schema.get("default")
    comment = "" if meant is None else f"  /** Left out: {json.dumps(meant)}. */\n"
    return comment + _line(f"{name}?", kind if is_open else f"{kind} | undefined")


def _line(name: str, kind: str) -> str:
    line = f"  readonly {name}: {kind};"
    if len(line) <= WIDTH:
        return line
    lines = textwrap.wrap(f"{kind};", WIDTH - 4, break_on_hyphens=False)
    return "\n".join([f"  readonly {name}:", *(f"    {one}" for one in lines)])


def _type(schema: Json, is_open: bool) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one, is_open) for one in schema["anyOf"]))
    if "enum" in schema:
        is_long = len(schema["enum"]) > MOST_WORDS
        return "string" if is_open or is_long else " | ".join(map(json.dumps, schema["enum"]))
    match schema.get("type"):
        case "array":
            inner = _type(schema.get("items", {}), is_open)
            return f"readonly ({inner})[]" if " | " in inner else f"readonly {inner}[]"
        case "object":
            of = schema.get("additionalProperties")
            inner = _type(of, is_open) if isinstance(of, dict) else "unknown"
            return f"Readonly<Record<string, {inner}>>"
        case str(kind):
            return SCALARS[kind]
        case _:
            return "unknown"


def _filters(name: str, operation: Json) -> str:
    kinds = {
        one["name"]: "Moment" if one["name"] in MOMENTS else _type(one["schema"], is_open=False)
        for one in shapes.filters(operation)
    }
    members = [_line(f"{one}?", f"{kind} | undefined") for one, kind in kinds.items()]
    told = f"{operation['summary']}: which, and how."
    return "\n".join([_comment(told), f"export interface {name} {{", *members, "}"])
