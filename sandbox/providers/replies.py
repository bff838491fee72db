"""What a language model in here answers: a short script that goes by the last thing that was said,
and by the tools it is offered.

Pure; knows no wire.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.providers.spoken_language import language_of

_REPLIES = (
    "I see. What matters most to you about that?",
    "That makes sense. How did it begin?",
    "Thank you for telling me. What would you like to happen next?",
    "Interesting. Who else is part of it?",
)
_IN_GERMAN = (
    "Gern. Was ist Ihnen daran am wichtigsten?",
    "Das verstehe ich. Wie hat das angefangen?",
    "Danke, das ist gut zu wissen. Was möchten Sie als Nächstes tun?",
)
_GOODBYE = re.compile(
    r"\b(?:bye|goodbye|hang up|auf wieder(?:hören|sehen)|tschüss)\b", re.IGNORECASE
)
_BYE = "It was good to talk. Goodbye."
_CONNECT = re.compile(r"\bconnect me to\b", re.IGNORECASE)
_WORD = re.compile(r"\S+\s*")


def reply(said: Sequence[str]) -> str:
    """An answer to the last of what the person said, in German to German."""
    is_german = bool(said) and language_of(said[-1]) == "de"
    if said and _GOODBYE.search(said[-1]):
        return "Es war schön, mit Ihnen zu sprechen. Auf Wiederhören." if is_german else _BYE
    replies = _IN_GERMAN if is_german else _REPLIES
    return replies[len(said) % len(replies)]


def tool_call(
    said: Sequence[str], tools: Mapping[str, Mapping[str, Any]]
) -> tuple[str, dict[str, Any]] | None:
    """The tool to call, with arguments, by the last of what the person said; `tools` are the
    schemas of those that are offered. A tool is called when its name is said; who asked to be
    connected, at whatever time, is."""
    words = said[-1].rpartition("\n\n")[2].lower() if said else ""
    for name, schema in tools.items():
        meant = {"end_call": _GOODBYE, "transfer": _CONNECT}.get(name)
        heard = " ".join(said) if name == "transfer" else words
        if meant.search(heard) if meant else name.replace("_", " ").lower() in words:
            fields = schema.get("properties") or {}
            return name, {field: _value(field, of, words) for field, of in fields.items()}
    return None


def about_result(result: str) -> str:
    """What is said of what a tool gave."""
    return f"It says: {result.rpartition(chr(10))[2]}"


def _value(name: str, schema: Mapping[str, Any], words: str) -> Any:
    match schema.get("type"):
        case "number" | "integer":
            return int(found[0]) if (found := re.findall(r"\d+", words)) else 0
        case "boolean":
            return True
        case _:
            return _BYE if name == "goodbye" else (schema.get("enum") or [words])[0]


def pieces(text: str) -> list[str]:
    """A word at a time, with the space after it."""
    return _WORD.findall(text)


def halves(arguments: Mapping[str, Any]) -> tuple[str, str]:
    """A call's arguments as JSON, cut in the middle."""
    text = json.dumps(arguments)
    return text[: len(text) // 2], text[len(text) // 2 :]
