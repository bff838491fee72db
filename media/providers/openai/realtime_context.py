"""What a Realtime session holds of a talk, kept to what was really heard. Pure; no socket.

Before each reply the session's items are made the same as the history of the call: sound of the
caller that is a turn is committed, what was not heard of a reply is cut off, and whatever the
session did not hear or say itself (our own sentences, an operator's, a talk before this session)
is put in as text. So a new session gets its context by the same rule.
Read in openai 3.57.0, `types/realtime`.
"""

from collections import deque
from collections.abc import Sequence
from itertools import takewhile
from typing import Any, TypeAlias

import msgspec

from media.dialogue import Prompt, Turn
from media.engines.llm.instructions import background, instructions, result_of
from media.tools import Tool, ToolCall, ToolUse

ClientEvent: TypeAlias = dict[str, Any]

_BYTES_PER_MS = 8
_MOST_TURNS = 60  # of a talk before the session


class Answer(msgspec.Struct, eq=False):
    """A response: its item, once it has one, its words and sound so far, and how many bytes of it
    were heard if it was cut off."""

    item_id: str | None = None
    text: str = ""
    sound_bytes: int = 0
    heard_bytes: int | None = None
    is_dropped: bool = False


class _Entry(msgspec.Struct, eq=False):
    """A turn of the history and the session's items that it is in; sound may be in several."""

    turn: Turn
    items: list[str] = []
    is_sound: bool = False
    is_dropped: bool = False


class Context:
    """One session's."""

    def __init__(self) -> None:
        self.answer: Answer | None = None  # the latest
        self._instructions = ""
        self._entries: list[_Entry] = []
        self._committed: deque[_Entry] = deque()  # whose item's id is to come
        self._made = 0
        self._offers_tools = False
        self._calls: set[str] = set()  # that this session made, by their ids
        self._told_uses: set[int] = set()

    def begin(self, prompt: Prompt) -> list[ClientEvent]:
        """What to tell a session that is empty: the topic, and what was said before."""
        self._instructions, self._offers_tools = instructions(prompt), bool(prompt.tools)
        turns = _heard(prompt)
        self._entries = [_Entry(turn) for turn in turns[:-_MOST_TURNS]]
        _, topic = self._create("user", background(prompt))
        return [topic, *self._create_all(turns[-_MOST_TURNS:])]

    def follow(self, prompt: Prompt, *, has_sound: bool) -> list[ClientEvent]:
        """What makes the session hold this prompt, and asks for a reply to it; `has_sound` of the
        caller's that is not committed, which is part of the last turn."""
        events, turns = self._instruct(prompt), _heard(prompt)
        if prompt.said:  # before it called tools, in the turn that goes on
            turns.append(Turn("agent", prompt.said, prompt.said))
        same = self._same(turns)
        old, new = self._entries[same:], turns[same:]
        del self._entries[same:]
        events += self._settle([] if old else new)
        new = new[len(self._entries) - same :]
        if old and new and old[0].is_sound and _is_callers(new[0]):
            old[0].turn = new.pop(0)  # they went on: what the session has is its beginning
            self._entries.append(old.pop(0))
        events += [event for entry in old for event in self._drop(entry)]
        if has_sound and new and _is_callers(new[-1]):
            events += self._create_all(new[:-1])
            self._entries.append(_Entry(new[-1], is_sound=True))
        else:
            events += self._create_all(new)
        if has_sound:
            events.append(self._take_sound())
        events += self._tell_uses((*prompt.used_before, *prompt.used))
        self.answer = Answer()
        takes_none = self._offers_tools and not prompt.tools
        asked = {"response": {"tool_choice": "none"}} if takes_none else {}
        return [*events, {"type": "response.create", **asked}]

    def calls(self, call: ToolCall) -> None:
        """The session has this call of a tool as an item."""
        self._calls.add(call.id)

    def _tell_uses(self, uses: Sequence[ToolUse]) -> list[ClientEvent]:
        """What tools gave that it was not told of yet; of another model's calls the calls, too."""
        events: list[ClientEvent] = []
        for use in uses:
            if use.result is None or use.number in self._told_uses:
                continue
            self._told_uses.add(use.number)
            call = use.call
            if call.id not in self._calls:
                events.append(_item("function_call", call_id=call.id, name=call.name,
                                    arguments=call.arguments))  # fmt: skip
            events.append(_item("function_call_output", call_id=call.id, output=result_of(use)))
        return events

    def _take_sound(self) -> ClientEvent:
        """The sound is of the last turn, or of none."""
        if not self._entries or not self._entries[-1].is_sound:
            return {"type": "input_audio_buffer.clear"}
        self._committed.append(self._entries[-1])
        return {"type": "input_audio_buffer.commit"}

    def committed(self, item_id: str) -> list[ClientEvent]:
        """Sound of a turn became this item."""
        if not self._committed:
            return []
        entry = self._committed.popleft()
        entry.items.append(item_id)
        return self._drop(entry) if entry.is_dropped else []

    def not_committed(self) -> None:
        """There was no sound after all."""
        if self._committed:
            self._committed.popleft()

    def answered_by(self, answer: Answer, item_id: str) -> list[ClientEvent]:
        """A response has this item."""
        answer.item_id = item_id
        return [_delete(item_id)] if answer.is_dropped else []

    def _instruct(self, prompt: Prompt) -> list[ClientEvent]:
        """The rules, where a hint about time, or a wish to be asked about, changes them."""
        rules = instructions(prompt)
        if rules == self._instructions:
            return []
        self._instructions = rules
        return [{"type": "session.update", "session": {"type": "realtime", "instructions": rules}}]

    def _same(self, turns: list[Turn]) -> int:
        """How many turns at the beginning the session holds as they are."""
        pairs = zip(self._entries, turns, strict=False)
        return len(list(takewhile(lambda pair: _is_same(pair[0].turn, pair[1]), pairs)))

    def _settle(self, new: list[Turn]) -> list[ClientEvent]:
        """The latest answer becomes the turns that it was heard as, if it was."""
        answer, self.answer = self.answer, None
        if answer is None:
            return []
        mine = list(takewhile(lambda turn: _is_of(turn, answer), new))
        if not mine or answer.item_id is None:
            answer.is_dropped = True
            return [] if answer.item_id is None else [_delete(answer.item_id)]
        first, *others = mine
        self._entries += [_Entry(first, [answer.item_id]), *map(_Entry, others)]
        heard_bytes = answer.heard_bytes
        if heard_bytes is None or heard_bytes >= answer.sound_bytes:
            return []
        return [
            {
                "type": "conversation.item.truncate", "item_id": answer.item_id,
                "content_index": 0, "audio_end_ms": heard_bytes // _BYTES_PER_MS,
            }
        ]  # fmt: skip

    def _create_all(self, turns: list[Turn]) -> list[ClientEvent]:
        events = []
        for turn in turns:
            item_id, event = self._create("user" if _is_callers(turn) else "assistant", turn.heard)
            self._entries.append(_Entry(turn, [item_id]))
            events.append(event)
        return events

    def _create(self, role: str, text: str) -> tuple[str, ClientEvent]:
        self._made += 1
        item_id = f"talking_{self._made}"
        kind = "input_text" if role == "user" else "output_text"
        content = [{"type": kind, "text": text}]
        item = {"id": item_id, "type": "message", "role": role, "content": content}
        return item_id, {"type": "conversation.item.create", "item": item}

    def _drop(self, entry: _Entry) -> list[ClientEvent]:
        entry.is_dropped = True
        return [_delete(item_id) for item_id in entry.items]


def function(tool: Tool) -> dict[str, Any]:
    """A tool as a session is offered it."""
    return {
        "type": "function", "name": tool.name, "description": tool.description,
        "parameters": msgspec.json.decode(tool.parameters),
    }  # fmt: skip


def _item(kind: str, **fields: str) -> ClientEvent:
    return {"type": "conversation.item.create", "item": {"type": kind, **fields}}


def _heard(prompt: Prompt) -> list[Turn]:
    return [turn for turn in prompt.turns if turn.heard.strip()]


def _is_callers(turn: Turn) -> bool:
    return turn.speaker == "caller"


def _is_same(one: Turn, other: Turn) -> bool:
    return (one.speaker, one.heard) == (other.speaker, other.heard)


def _is_of(turn: Turn, answer: Answer) -> bool:
    """Whether these are words of the answer, all or a part: one that was resumed is two turns."""
    return turn.speaker == "agent" and turn.text in " ".join(answer.text.split())


def _delete(item_id: str) -> ClientEvent:
    return {"type": "conversation.item.delete", "item_id": item_id}
