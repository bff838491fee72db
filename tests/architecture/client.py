"""The shapes of the Python client, written from `/openapi.json` and `/asyncapi.json`.

`python -m tests.architecture.client` writes them anew: `sent.py` has what the client's methods
send, `models.py` what they get, `messages.py` the live channel's messages and `events.py` the data
of its events. A digest of both documents is in `contract.py`, so that a changed document is a
changed client. Values that we answer with are open (a new word is no fault of an old client);
values that it sends are not.
"""

import hashlib
import json
import keyword
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from tests.architecture import names

FOLDER = Path(__file__).parents[2] / "clients" / "python" / "talking_client"
WRITTEN = "Written from the API's description; never edited."
SENT = ("StartCall", "Say", "StartConversation", "WriteText", "SendEmail", "MakeWebhook",
        "ChangeWebhook", "RotateSecret")  # fmt: skip
ANSWERED = ("CallExpanded", "CallOut", "CallPage", "Transcript", "Done", "ConversationOut",
            "ConversationPage", "Thread", "MessageOut", "EmailOut", "EmailPage", "UsageOut", "Me",
            "Webhooks", "WebhookOut", "WebhookShown", "Deliveries", "DeliveryOut",
            "Deleted")  # fmt: skip
LISTS = {"CallFilters": "/v1/calls", "ConversationFilters": "/v1/conversations",
         "EmailFilters": "/v1/emails",
         "DeliveryFilters": "/v1/webhooks/{webhook_id}/deliveries"}  # fmt: skip
MOMENTS = {"since", "until"}
TAGGED = ("Welcome", "Snapshot", "Event", "At", "Ack", "Ping", "Resync")
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
MOST_WORDS = 16  # of more, a list in the source helps nobody

Json: TypeAlias = dict[str, Any]


def files() -> dict[str, str]:
    """The files by name, as they must be."""
    rest, live = names.served("/openapi.json"), names.served("/asyncapi.json")
    contract = json.dumps([names.openapi(), names.asyncapi()], sort_keys=True)
    digest = hashlib.sha256(contract.encode()).hexdigest()
    schemas, live_schemas = rest["components"]["schemas"], live["components"]["schemas"]
    events = {
        name: str(event["data"]["$ref"].rpartition("/")[2])
        for name, event in live["x-events"].items()
        if not name.startswith("node.")  # administrators'
    }
    table = "".join(f'"{name}": {shape},\n' for name, shape in events.items())
    version, live_version = rest["info"]["version"], live["info"]["version"]
    shared = [
        name for name in _reached(schemas, ANSWERED) if live_schemas.get(name) == schemas[name]
    ]
    texts = {
        "sent.py": [
            _head("What is sent over REST.", "datetime as dt"),
            'Moment: TypeAlias = str | dt.date | dt.datetime\n"""A day, or a time with a zone."""',
            *_structs(schemas, SENT, is_open=False),
            *(_filters(name, rest["paths"][path]["get"]) for name, path in LISTS.items()),
        ],
        "models.py": [_head("What REST answers."), *_structs(schemas, ANSWERED)],
        "messages.py": [
            _head("Messages of the live channel, as they come."),
            *_structs(live_schemas, TAGGED),
            f"Incoming: TypeAlias = {' | '.join(TAGGED)}",
        ],
        "events.py": [
            _head("The data of the live channel's events.")
            + f"\n\nfrom talking_client.models import {', '.join(shared)}",
            *_structs(live_schemas, tuple(events.values()), known=shared),
            f"EVENTS: dict[str, type[msgspec.Struct]] = {{\n{table}}}\n"
            '"""The shape of each event\'s `data` by its type."""',
        ],
        "contract.py": [
            f'"""Which interface this client was made for. {WRITTEN}"""',
            f'API_VERSION = "{version}"\nLIVE_PROTOCOL = "dash.v{live_version}"\n'
            f'CONTRACT = "{digest[:32]}"\n"""A digest of both descriptions, but their prose."""',
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
    found = [name for name in _reached(schemas, wanted) if name not in known]
    return [_struct(name, schemas[name], is_open) for name in found]


def _reached(schemas: Json, wanted: Iterable[str]) -> list[str]:
    """These shapes and all that they name, each after what it names."""
    found: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in found:
            for other in _named(schemas[name]):
                visit(other)
            found[name] = None

    for name in wanted:
        visit(name)
    return list(found)


def _named(schema: Any) -> Iterator[str]:
    values: Iterable[Any] = schema if isinstance(schema, list) else ()
    if isinstance(schema, dict):
        values = schema.values()
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rpartition("/")[2]
    for value in values:
        yield from _named(value)


def _struct(name: str, schema: Json, is_open: bool) -> str:
    bases = "msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True"
    if name in TAGGED:
        bases += f', tag_field="op", tag="{schema["properties"]["op"]["enum"][0]}"'
    told = " ".join(schema.get("description", f"{name}.").split())
    words = textwrap.fill(f'"""{told}"""', 95, break_long_words=False).replace("\n", "\n    ")
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
        for one in operation["parameters"]
        if one["in"] == "query" and one["name"] != "cursor"
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
    for file_name, content in files().items():
        (FOLDER / file_name).write_text(content)
