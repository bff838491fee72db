"""Configuration as it is written down: TOML and environment into frozen sections, faults gathered.

Secrets come from the environment only, or from the file an environment variable names. All faults
are gathered, by key, never by value. Knows no section and no key.
"""

import tomllib
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from media.settings import Secret as Secret

PREFIX = "TALKING_"


class ConfigError(Exception):
    """The configuration cannot be used; `faults` holds one line for each key."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read_file(path: Path | None, faults: list[str]) -> dict[str, Any]:
    """The file's tables; none without a file."""
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        faults.append(f"{path}: cannot be read ({error.strerror}); --config FILE names another")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        faults.append(f"{path.name}: is not valid TOML")
    return {}


def read_section(
    section: str, struct: Any, given: Any, env: Mapping[str, str], faults: list[str]
) -> Any:
    """One section as its `struct`: the environment over what the file has `given`."""
    if not isinstance(given, dict):
        faults.append(f"{section}: must be a table")
        return None
    values: dict[str, Any] = {}
    hints = typing.get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        key = f"{section}.{field.name}"
        name = f"{PREFIX}{section}__{field.name}".upper()
        if hints[field.name] is Secret:
            if field.name in given:
                faults.append(f"{key}: is a secret; set {name} or {name}_FILE instead")
            elif (secret := _secret(key, name, env, faults)) is not None:
                values[field.name] = secret
        elif name in env:
            values[field.name] = _convert(
                key, env[name], hints[field.name], field.default, faults, text=True
            )
        elif field.name in given:
            values[field.name] = _convert(
                key, given[field.name], hints[field.name], field.default, faults, text=False
            )
        given.pop(field.name, None)
    faults += [f"{section}.{key}: unknown key" for key in given]
    return struct(**values)


def _secret(key: str, name: str, env: Mapping[str, str], faults: list[str]) -> Secret | None:
    if name in env:
        return Secret(env[name])
    if f"{name}_FILE" in env:
        try:
            return Secret(Path(env[f"{name}_FILE"]).read_text("utf-8").strip())
        except OSError as error:
            faults.append(f"{key}: its file cannot be read ({error.strerror})")
    return None


def _convert(
    key: str, value: Any, kind: Any, default: Any, faults: list[str], *, text: bool
) -> Any:
    if typing.get_origin(kind) is tuple and isinstance(value, str):  # one of them needs no list
        value = [part.strip() for part in value.split(",") if part.strip()] if text else [value]
    try:
        return msgspec.convert(value, kind, strict=not text)
    except msgspec.ValidationError as error:
        said = str(error)
        if "matching regex" in said:
            said = f"is not of the form it must have{_example(default)}; config.toml explains it"
        elif said.startswith("Invalid enum value"):  # the only message that repeats the value
            said = f"must be one of {', '.join(map(str, typing.get_args(kind)))}"
        faults.append(f"{key}: {said}")
        return None


def _example(default: Any) -> str:
    """The default, which shows a form better than a pattern does; none where it is empty."""
    first = next(iter(default), "") if isinstance(default, tuple) else default
    return f", as {first!r} is" if first and isinstance(first, str) else ""


def unknown_keys(kind: type[msgspec.Struct], env: Mapping[str, str]) -> list[str]:
    """Variables that look like ours and are none of the fields of `kind`'s sections."""
    known = {"TALKING_CONFIG"}
    for field in msgspec.structs.fields(kind):
        for key in msgspec.structs.fields(field.type):
            name = f"{PREFIX}{field.name}__{key.name}".upper()
            known |= {name, f"{name}_FILE"}
    return [f"{name}: no such key" for name in env if name.startswith(PREFIX) and name not in known]
