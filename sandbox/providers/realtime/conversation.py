"""The items of one session: created, deleted, truncated, by the service's rules. Pure.

An item keeps its sound as telephone sound, whatever the session's format.
"""

from typing import Any, Literal

import msgspec

from sandbox.providers.realtime.errors import RefusedError

_BYTES_PER_MS = 8
_MOST_ID = 32
_CALLS = {
    "function_call": ("call_id", "name", "arguments"),
    "function_call_output": ("call_id", "output"),
}


class Item(msgspec.Struct):
    """`text` is what was written, or a transcript; None where there is none, as of sound that was
    truncated. `words` is what is really in the sound, which no client is told. `call` is a
    function's call, or what came of one."""

    id: str
    role: Literal["user", "assistant", "system"]
    text: str | None = None
    sound: bytes | None = None
    status: Literal["in_progress", "completed", "incomplete"] = "completed"
    words: str = ""
    call: dict[str, str] | None = None

    @property
    def audio_ms(self) -> int:
        """How long its sound is."""
        return len(self.sound or b"") // _BYTES_PER_MS

    def body(self) -> dict[str, Any]:
        """As clients see it."""
        if self.call is not None:
            return {"id": self.id, "object": "realtime.item", "status": self.status, **self.call}
        way = "output" if self.role == "assistant" else "input"
        content: dict[str, Any] = {"type": f"{way}_text", "text": self.text}
        if self.sound is not None:
            content = {"type": f"{way}_audio", "transcript": self.text}
        return {
            "id": self.id, "type": "message", "object": "realtime.item", "status": self.status,
            "role": self.role, "content": [] if self.status == "in_progress" else [content],
        }  # fmt: skip


class Conversation:
    """One session's items, in order."""

    def __init__(self) -> None:
        self.items: list[Item] = []

    def add(self, item: Item, after: str | None = None) -> str | None:
        """Put it at the end, or after another one; the id of the one before it, if any."""
        if any(one.id == item.id for one in self.items):
            raise RefusedError("item_create_duplicate_item_id", "There is such an item.", "item.id")
        at = len(self.items) if after is None else 0 if after == "root" else self._at(after) + 1
        self.items.insert(at, item)
        return self.items[at - 1].id if at else None

    def create(self, given: Any, after: str | None, new_id: str) -> tuple[Item, str | None]:
        """A message that the client has written."""
        kind = given.get("type") if isinstance(given, dict) else None
        if kind in _CALLS:
            return self._create_call(given, after, new_id)
        if kind != "message":
            raise RefusedError("invalid_value", "There is no such item.", "item.type")
        role, item_id = given.get("role"), given.get("id") or new_id
        if len(item_id) > _MOST_ID:
            raise RefusedError("string_above_max_length", "The id is too long.", "item.id")
        if role not in {"user", "assistant", "system"}:
            raise RefusedError("invalid_value", "There is no such role.", "item.role")
        kind = "output_text" if role == "assistant" else "input_text"
        parts = given.get("content") or []
        if not parts or any(part.get("type") != kind for part in parts):
            raise RefusedError("invalid_value", f"A {role} writes {kind}.", "item.content")
        item = Item(item_id, role, " ".join(part["text"] for part in parts))
        return item, self.add(item, after)

    def _create_call(
        self, given: dict[str, Any], after: str | None, new_id: str
    ) -> tuple[Item, str | None]:
        """A function's call, or what came of one that there is."""
        kind = given["type"]
        missing = next((name for name in _CALLS[kind] if not isinstance(given.get(name), str)), "")
        if missing:
            raise RefusedError("missing_required_parameter", "It is needed.", f"item.{missing}")
        known = {one.call["call_id"] for one in self.items if one.call is not None}
        if kind == "function_call_output" and given["call_id"] not in known:
            raise RefusedError("item_create_invalid_item_id", "No such call.", "item.call_id")
        call = {"type": kind, **{name: given[name] for name in _CALLS[kind]}}
        item = Item(given.get("id") or new_id, "assistant", call=call)
        return item, self.add(item, after)

    def delete(self, item_id: Any) -> None:
        """Take it out."""
        del self.items[self._at(item_id)]

    def truncate(self, item_id: Any, content_index: Any, audio_end_ms: Any) -> None:
        """Cut the sound of what was said; its transcript goes, too, as nobody knows how much of it
        was heard."""
        item = self.items[self._at(item_id)]
        if item.role != "assistant" or item.sound is None or content_index != 0:
            raise RefusedError("invalid_value", "Only sound of replies is truncated.", "item_id")
        if not isinstance(audio_end_ms, int) or not 0 <= audio_end_ms <= item.audio_ms:
            raise RefusedError(
                "invalid_value",
                f"Audio content of {item.audio_ms}ms is already shorter than {audio_end_ms}ms",
                "audio_end_ms",
            )
        item.sound, item.text = item.sound[: audio_end_ms * _BYTES_PER_MS], None

    def found(self, item_id: Any) -> Item:
        """The item of that id."""
        return self.items[self._at(item_id)]

    def _at(self, item_id: Any) -> int:
        for at, item in enumerate(self.items):
            if item.id == item_id:
                return at
        raise RefusedError(
            "invalid_item_id", f"Item with item_id '{item_id}' not found.", "item_id"
        )
