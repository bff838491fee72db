"""Tools that a language model may call in a call: what it is offered, and what became of its calls.

Pure values. It knows no vendor's wire, no addresses and nothing of when a call is obeyed.
"""

import json
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import msgspec

Builtin: TypeAlias = Literal["end_call", "transfer", "press_keys", "send_summary"]
Outcome: TypeAlias = Literal["ok", "refused", "failed", "timeout"]
KEYS = r"[0-9*#A-Dw]{1,32}"


class Tool(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a model is offered. `parameters` is a JSON schema, as text; `filler` is what the caller
    hears while it runs."""

    name: str
    description: str
    parameters: str
    filler: str = ""


class ToolCall(msgspec.Struct, frozen=True):
    """A model calls a tool: the wire's name for this call of it, and arguments as JSON text, which
    may be no JSON at all."""

    id: str
    name: str
    arguments: str


class ToolUse(msgspec.Struct, frozen=True):
    """A tool call in a conversation; `number` counts them, `round` those of a turn that the model
    made at once. `result` is None while there is none."""

    number: int
    turn: int
    round: int
    call: ToolCall
    result: str | None = None


def rounds(uses: Sequence[ToolUse]) -> list[list[ToolUse]]:
    """The uses of one turn, those made at once together."""
    numbers = sorted({use.round for use in uses})
    return [[use for use in uses if use.round == number] for number in numbers]


def arguments_of(call: ToolCall) -> dict[str, Any] | None:
    """The call's arguments; None when they are no JSON object."""
    try:
        given = msgspec.json.decode(call.arguments or "{}")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return given if isinstance(given, dict) else None


def built_in(name: Builtin, transfer_to: Sequence[str] = ()) -> Tool:
    """A tool of our own; `transfer_to` are the numbers that it may connect to."""
    description, fields = _BUILT_IN[name]
    if name == "transfer":
        fields = {"to": {"type": "string", "enum": list(transfer_to)}}
    schema = {"type": "object", "properties": fields, "required": list(fields)}
    return Tool(name, description, json.dumps(schema))


_BUILT_IN: dict[Builtin, tuple[str, dict[str, Any]]] = {
    "end_call": (
        "Hang up, once the conversation is over or the person wants it to be.",
        {"goodbye": {"type": "string", "description": "Your last sentence, which is said first."}},
    ),
    "transfer": (
        "Connect the person to another number instead of you, if they want that. What you say in "
        "the same reply is said first.",
        {},
    ),
    "press_keys": (
        "Press keys of the telephone, for menus of machines.",
        {"digits": {"type": "string", "pattern": f"^{KEYS}$",
                    "description": "0-9 * # A-D, and w for half a second's pause."}},
    ),
    "send_summary": (
        "Send the person a summary after the call. Only if they asked for one.",
        {"by": {"type": "string", "enum": ["text", "email"]}},
    ),
}  # fmt: skip
