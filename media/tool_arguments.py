"""Arguments of a tool against its JSON schema, in the part of JSON Schema that is told below.

Types, `enum` and `const`, limits of numbers, lengths and items, properties and which of them there
must be. A schema of more is refused when it is written (`beyond`), so nothing of one goes
unchecked. Patterns are left out: one of somebody else's could keep a regular expression busy for
ever. Pure.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,),
    "number": (int, float), "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
_NOTES = frozenset({"title", "description", "default", "examples", "deprecated", "$schema"})
_LIMITS = ("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum")
_KNOWN = _NOTES | {
    "type", "enum", "const", "properties", "required", "additionalProperties", "items", *_LIMITS,
}  # fmt: skip
_MOST_DEPTH = 8


def beyond(schema: Any, depth: int = 0) -> str | None:
    """What of a schema is not checked, or is no schema; None if all of it is."""
    if not isinstance(schema, dict):
        return "a schema must be an object"
    if depth > _MOST_DEPTH:
        return f"schemas may be {_MOST_DEPTH} deep at most"
    unknown = sorted(set(schema) - _KNOWN)
    if unknown:
        return f"`{unknown[0][:40]}` is not checked here; there are {', '.join(sorted(_KNOWN))}"
    wrong = next((name for name in schema if not _is_well_formed(name, schema[name])), None)
    if wrong is not None:
        return f"`{wrong}` is not as JSON Schema has it"
    inner = [*schema.get("properties", {}).values()]
    inner += [schema[name] for name in ("items", "additionalProperties") if name in schema]
    found = (beyond(one, depth + 1) for one in inner if not isinstance(one, bool))
    return next((one for one in found if one is not None), None)


def _is_well_formed(name: str, value: Any) -> bool:
    match name:
        case "type":
            types = value if isinstance(value, list) else [value]
            return bool(types) and all(isinstance(one, str) and one in _TYPES for one in types)
        case "enum":
            return isinstance(value, list) and bool(value)
        case "required":
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
        case "properties":
            return isinstance(value, dict)
        case "additionalProperties":
            return isinstance(value, bool | dict)
        case "minimum" | "maximum":
            return _is_of(value, "number")
        case "minLength" | "maxLength" | "minItems" | "maxItems":
            return _is_of(value, "integer") and value >= 0
        case _:
            return True


def fault(schema: Mapping[str, Any], value: Any, path: str = "") -> str | None:
    """What is wrong with a value, in words for whoever made it; None if nothing is."""
    return next(_faults(schema, value, path), None)


def _faults(schema: Mapping[str, Any] | bool, value: Any, path: str) -> Iterator[str]:
    name = f"`{path}`" if path else "the arguments"
    if isinstance(schema, bool):  # anything, or nothing
        if not schema:
            yield f"{name} must not be there"
        return
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(_is_of(value, one) for one in types):
            yield f"{name} must be of type {' or '.join(types)}"
            return
    if "enum" in schema and not any(_same(value, one) for one in schema["enum"]):
        yield f"{name} must be one of {', '.join(map(str, schema['enum']))}"
    if "const" in schema and not _same(value, schema["const"]):
        yield f"{name} must be {schema['const']}"
    yield from _out_of_limits(schema, value, name)
    if isinstance(value, dict):
        yield from _in_object(schema, value, path)
    if isinstance(value, list) and "items" in schema:
        for number, one in enumerate(value):
            yield from _faults(schema["items"], one, f"{path}[{number}]")


def _in_object(schema: Mapping[str, Any], value: dict[str, Any], path: str) -> Iterator[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    inside = f"{path}." if path else ""
    for name in schema.get("required", ()):
        if name not in value:
            yield f"`{inside}{name}` is missing"
    for name, one in value.items():
        if name in known:
            yield from _faults(known[name], one, f"{inside}{name}")
        elif others is False:
            yield f"`{inside}{name[:40]}` is unknown; there are {', '.join(known) or 'none'}"
        else:
            yield from _faults(others, one, f"{inside}{name[:40]}")


def _out_of_limits(schema: Mapping[str, Any], value: Any, name: str) -> Iterator[str]:
    least, most, size = "", "", value
    if isinstance(value, str):
        least, most, size = "minLength", "maxLength", len(value)
    elif isinstance(value, list):
        least, most, size = "minItems", "maxItems", len(value)
    elif _is_of(value, "number"):
        least, most = "minimum", "maximum"
    measured = {"minimum": "be", "maximum": "be"}.get(least, "have a length of")
    if least in schema and size < schema[least]:
        yield f"{name} must {measured} {schema[least]} at least"
    if most in schema and size > schema[most]:
        yield f"{name} must {measured} {schema[most]} at most"


def _is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool):  # which Python takes for a number
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind])


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
