"""Items of a stand-in's session: by the service's rules, and refused in its words."""

import pytest

from sandbox.providers.realtime.conversation import Conversation, Item
from sandbox.providers.realtime.errors import RefusedError


def message(role: str = "user", kind: str = "input_text", **more: object) -> dict[str, object]:
    return {"type": "message", "role": role, "content": [{"type": kind, "text": "Hm."}], **more}


def replied() -> Conversation:
    conversation = Conversation()
    conversation.add(Item("a", "user", text="Hm."))
    conversation.add(Item("b", "assistant", text="Well then.", sound=b"\xff" * 8000))
    return conversation


def test_items_have_their_place() -> None:
    conversation = replied()
    made, before = conversation.create(message(id="c"), "a", "new")
    assert (made.id, before) == ("c", "a")
    assert conversation.create(message(), "root", "new")[1] is None
    assert [item.id for item in conversation.items] == ["new", "a", "c", "b"]
    conversation.delete("c")
    assert [item.id for item in conversation.items] == ["new", "a", "b"]


def test_a_reply_that_is_truncated_has_no_transcript_any_more() -> None:
    conversation = replied()
    conversation.truncate("b", 0, 400)
    item = conversation.found("b")
    assert (item.audio_ms, item.text) == (400, None)
    assert item.body()["content"] == [{"type": "output_audio", "transcript": None}]


@pytest.mark.parametrize(
    ("item_id", "index", "end_ms", "code"),
    [("b", 0, 1001, "invalid_value"), ("b", 0, -1, "invalid_value"), ("b", 1, 10, "invalid_value"),
     ("a", 0, 10, "invalid_value"), ("c", 0, 10, "invalid_item_id")],
)  # fmt: skip
def test_other_truncations_are_refused(item_id: str, index: int, end_ms: int, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        replied().truncate(item_id, index, end_ms)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "given",
    [message("assistant"), message("user", "output_text"), message("nobody"), message(id="a"),
     message(id="x" * 33), {"type": "function_call"}, None],
)  # fmt: skip
def test_what_is_no_message_is_refused(given: object) -> None:
    conversation = replied()
    with pytest.raises(RefusedError):
        conversation.create(given, None, "new")
    assert len(conversation.items) == 2
