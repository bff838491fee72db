"""Every name that leaves the process or is kept, in one committed file a kind: the contract.

A change below `tests/architecture/names/` is a change of contract: whoever reads our documents,
frames, journals, metrics or configuration meets it, and it needs a line in CHANGELOG.md. Names of
classes, functions and modules are no part of it: they may change and nothing here does.

`python -m tests.architecture.names` writes the files anew. Prose is left out (titles, summaries,
descriptions), so that only what a program can depend on is compared.
"""

import ast
import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from quart import Quart

from media.events import Event
from server.app import create_app
from server.core.config import Config, load
from server.core.errors import KINDS
from server.dashboard.events import EVENTS
from server.deps import Deps
from server.live.messages import Incoming, Outgoing
from server.work import all_work
from tests.architecture import journals

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "names"
PROSE = {"title", "description", "summary", "tells"}
METRICS = {"Counter", "Gauge", "Histogram", "Summary"}
SECRET = {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32}
WIDTH = 100

Json: TypeAlias = Any


# What the code says today


def openapi() -> Json:
    """`/openapi.json` by method and path, its schemas put in where they are referred to."""
    document = served("/openapi.json")
    for path in document["paths"].values():
        for operation in path.values():
            for status, reply in operation["responses"].items():
                if "$ref" in reply:  # the one refusal there is, which `errors.json` holds
                    operation["responses"][status] = reply["$ref"].rpartition("/")[2]
    found = {name: document[name] for name in ("security", "paths")}
    return _plain({**found, "schemes": document["components"]["securitySchemes"]}, document)


def asyncapi() -> Json:
    """`/asyncapi.json`: messages by their tag in both directions, events, commands, codes."""
    document = served("/asyncapi.json")
    messages: dict[str, dict[str, Json]] = {"receive": {}, "send": {}}
    for operation in document["operations"].values():
        for reference in operation["messages"]:
            message = _plain(_resolve(_resolve(reference, document), document), document)
            messages[operation["action"]][message["name"]] = message["payload"]
    return {
        **messages,
        "addresses": [one["address"] for one in document["channels"].values()],
        "events": _plain(document["x-events"], document),
        "commands": _plain(document["x-commands"], document),
        "close_codes": list(document["x-close-codes"]),
    }


def addresses() -> Json:
    """Every method and path that HTTP is answered at, webhooks and probes among them."""
    rules = [
        f"{method} {rule.rule}"
        for rule in _app().url_map.iter_rules()
        for method in rule.methods or ()
        if method not in {"HEAD", "OPTIONS"}
    ]
    return sorted(rules)


def console() -> Json:
    """The settings that `/console.json` gives to the page."""
    return sorted(served("/console.json"))


def journal() -> Json:
    """Every event of the journal by its tag."""
    return union(Event)


def errors() -> Json:
    """Every error code with its HTTP status and whether trying again helps."""
    return {code: {"status": kind.status, "retry": kind.retry} for code, kind in KINDS.items()}


def metrics() -> Json:
    """Every Prometheus metric the code makes: its kind and its labels."""
    found = {}
    for folder in ("server", "media", "db"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(
                        func=ast.Name(id=kind), args=[ast.Constant(value=str(name)), *more]
                    ) if kind in METRICS:
                        found[name] = [kind, *(ast.literal_eval(more[1]) if more[1:] else [])]
    return found


def configuration() -> Json:
    """Every section and key with its default; a secret has none."""
    config = load(None, SECRET)
    found = {}
    for section in msgspec.structs.fields(Config):
        for field in msgspec.structs.fields(section.type):
            value = getattr(getattr(config, section.name), field.name)
            found[f"{section.name}.{field.name}"] = (
                "(secret)" if hasattr(value, "reveal") else msgspec.to_builtins(value)
            )
    return found


def omissions() -> Json:
    """What leaves fields out that have their default, which no schema says: messages, events."""
    return {
        "messages": sorted(
            kind.__struct_config__.tag for kind in Outgoing.__args__ if _omits(kind)
        ),
        "events": sorted(name for name, one in EVENTS.items() if _omits(one)),
    }


def jobs() -> Json:
    """Every durable job and every chore with its times."""
    work = all_work(_hollow())
    return {
        "handlers": sorted(work.handlers),
        "chores": {name: times for name, (times, _) in work.chores.items()},
    }


FILES: dict[str, Callable[[], Json]] = {
    "openapi.json": openapi,
    "asyncapi.json": asyncapi,
    "addresses.json": addresses,
    "console.json": console,
    "journal.json": journal,
    "journal-summaries.json": journals.summaries,
    "errors.json": errors,
    "metrics.json": metrics,
    "configuration.json": configuration,
    "jobs.json": jobs,
    "omissions.json": omissions,
}


def incoming() -> Json:
    """What a client may send, by tag, from the types that frames are decoded with."""
    return union(Incoming)


def outgoing() -> Json:
    """What we send, by tag, from the types that are encoded."""
    return union(Outgoing)


def _hollow() -> Deps:
    """A node of which only the configuration is there: enough to know addresses and job names."""
    empty: dict[str, Any] = {field.name: object() for field in msgspec.structs.fields(Deps)}
    known = {"config": load(None, SECRET), "audit_key": b"", "traced": None}
    return Deps(**{**empty, **known})


def _app() -> Quart:
    return create_app(_hollow())


def _omits(kind: Any) -> bool:
    return bool(kind.__struct_config__.omit_defaults)


def served(path: str) -> Json:
    async def get() -> Json:
        answer = await _app().test_client().get(path)
        return json.loads(await answer.get_data())

    return asyncio.run(get())


# Schemas without names of ours


def union(kinds: Any) -> dict[str, Json]:
    """The schema of each member of a tagged union, by its tag."""
    members = kinds.__args__
    schemas, components = msgspec.json.schema_components(
        members, ref_template="#/components/schemas/{name}"
    )
    document = {"components": {"schemas": components}}
    return {
        member.__struct_config__.tag: json.loads(json.dumps(_plain(schema, document)))
        for member, schema in zip(members, schemas, strict=True)
    }


def _plain(value: Json, document: Json) -> Json:
    """The value with references resolved, without prose and without the discriminators' tables of
    component names: the tags are in the members' schemas anyway."""
    if isinstance(value, list):
        return [_plain(one, document) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        beside = {name: one for name, one in value.items() if name != "$ref"}
        return _plain({**_resolve(value, document), **beside}, document)
    return {
        name: _plain(one, document)
        for name, one in value.items()
        if not (name in PROSE and isinstance(one, str)) and name != "discriminator"
    }


def _resolve(value: Json, document: Json) -> Json:
    """The place of the document that a reference names."""
    for step in value["$ref"].removeprefix("#/").split("/"):
        document = document[step]
    return document


# Files


def written(value: Json, indent: str = "") -> str:
    """JSON in order of names, with what fits in a line on one."""
    line = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if len(indent) + len(line) <= WIDTH or not isinstance(value, dict | list):
        return line
    inner = indent + "  "
    if isinstance(value, list):
        parts = [written(one, inner) for one in value]
    else:
        parts = [
            f"{json.dumps(name, ensure_ascii=False)}: {written(one, inner)}"
            for name, one in sorted(value.items())
        ]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    body = ",\n".join(inner + part for part in parts)
    return f"{opening}\n{body}\n{indent}{closing}"


def write() -> None:
    """Write every file anew; of journals only those that are missing."""
    FOLDER.mkdir(exist_ok=True)
    journals.write_missing()
    for name, produce in FILES.items():
        (FOLDER / name).write_text(written(produce()) + "\n")


if __name__ == "__main__":
    write()
