"""What a Realtime session is told, so that it holds what was heard and nothing else."""

from typing import Any

from media.dialogue import Hint, Prompt, Speaker, Turn
from media.providers.openai.realtime_context import Answer, Context

GREETING = Turn("agent", "Hello.", "Hello.")
ASKED = Turn("caller", "I like bread.", "I like bread.")
REPLY = "That makes sense. How did it begin?"


def prompt(*turns: Turn, hint: Hint = "none") -> Prompt:
    return Prompt("bread", turns, hint)


def turn(speaker: Speaker, heard: str, text: str = "") -> Turn:
    return Turn(speaker, text or heard, heard)


def begun(*turns: Turn) -> Context:
    context = Context()
    context.begin(prompt(*turns))
    return context


def answered(heard_bytes: int | None = None) -> Context:
    """The caller's sound was committed, and answered by 2 s of sound, so much of it heard."""
    context = begun(GREETING)
    context.follow(prompt(GREETING, ASKED), has_sound=True)
    context.committed("sound_1")
    assert context.answer is not None
    context.answered_by(context.answer, "reply_1")
    context.answer.text, context.answer.sound_bytes = REPLY, 16_000
    context.answer.heard_bytes = heard_bytes
    return context


def told(events: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """Each event's type, and the one thing about it."""
    return [(event["type"], _about(event)) for event in events]


def _about(event: dict[str, Any]) -> Any:
    if item := event.get("item"):
        return item["role"], item["content"][0]["text"]
    return event.get("audio_end_ms", event.get("item_id"))


def test_a_new_session_is_told_the_topic_and_all_that_was_heard() -> None:
    cut = turn("agent", "It rises", text="It rises slowly.")
    by_operator = turn("operator", "One moment.")
    events = Context().begin(prompt(GREETING, ASKED, cut, turn("agent", "", "Oh."), by_operator))
    written = [_about(event) for event in events]
    assert written[0][0] == "user"
    assert written[0][1].endswith("bread")
    assert written[1:] == [
        ("assistant", "Hello."), ("user", "I like bread."), ("assistant", "It rises"),
        ("assistant", "One moment."),
    ]  # fmt: skip
    kinds = [event["item"]["content"][0]["type"] for event in events]
    assert kinds == ["input_text", "output_text", "input_text", "output_text", "output_text"]


def test_of_a_long_talk_it_is_told_the_end() -> None:
    turns = [turn("caller", f"Line {number}.") for number in range(100)]
    context = Context()
    events = context.begin(prompt(*turns))
    assert [_about(event)[1] for event in events[1:]] == [f"Line {n}." for n in range(40, 100)]
    more = context.follow(prompt(*turns, turn("caller", "And so on.")), has_sound=False)
    assert told(more) == [
        ("conversation.item.create", ("user", "And so on.")), ("response.create", None),
    ]  # fmt: skip


def test_sound_of_the_callers_turn_is_committed_and_not_written() -> None:
    events = begun(GREETING).follow(prompt(GREETING, ASKED), has_sound=True)
    assert told(events) == [("input_audio_buffer.commit", None), ("response.create", None)]


def test_words_of_which_it_has_no_sound_are_written() -> None:
    events = begun(GREETING).follow(prompt(GREETING, ASKED), has_sound=False)
    assert told(events)[0] == ("conversation.item.create", ("user", "I like bread."))


def test_sound_that_is_no_turn_is_forgotten() -> None:
    events = begun(GREETING).follow(prompt(GREETING), has_sound=True)
    assert told(events) == [("input_audio_buffer.clear", None), ("response.create", None)]


def test_an_answer_that_was_heard_whole_stays_as_it_is() -> None:
    events = answered().follow(
        prompt(GREETING, ASKED, turn("agent", REPLY), turn("caller", "In May.")), has_sound=True
    )
    assert told(events) == [("input_audio_buffer.commit", None), ("response.create", None)]


def test_one_that_was_cut_off_is_truncated_where_it_was() -> None:
    cut = turn("agent", "That makes", text=REPLY)
    events = answered(heard_bytes=6_400).follow(
        prompt(GREETING, ASKED, cut, turn("caller", "In May.")), has_sound=True
    )
    assert told(events) == [
        ("conversation.item.truncate", 800), ("input_audio_buffer.commit", None),
        ("response.create", None),
    ]  # fmt: skip


def test_one_of_which_no_word_was_heard_is_deleted() -> None:
    events = answered(heard_bytes=200).follow(
        prompt(GREETING, ASKED, turn("caller", "In May.")), has_sound=True
    )
    assert told(events)[0] == ("conversation.item.delete", "reply_1")


def test_one_that_was_cut_off_and_resumed_is_one_item_still() -> None:
    first, rest = turn("agent", "That makes", text=REPLY), turn("agent", "sense. How did it begin?")
    events = answered(heard_bytes=16_000).follow(
        prompt(GREETING, ASKED, first, rest, turn("caller", "In May.")), has_sound=True
    )
    assert told(events) == [("input_audio_buffer.commit", None), ("response.create", None)]


def test_one_that_others_words_took_the_place_of_is_deleted_and_they_are_written() -> None:
    events = answered().follow(
        prompt(GREETING, ASKED, turn("operator", "Let me answer."), turn("caller", "Do.")),
        has_sound=False,
    )
    assert told(events) == [
        ("conversation.item.delete", "reply_1"),
        ("conversation.item.create", ("assistant", "Let me answer.")),
        ("conversation.item.create", ("user", "Do.")), ("response.create", None),
    ]  # fmt: skip


def test_a_caller_who_went_on_is_one_turn_in_two_pieces_of_sound() -> None:
    longer = turn("caller", "I like bread. And butter.")
    context = answered()
    events = context.follow(prompt(GREETING, longer), has_sound=True)
    assert told(events) == [
        ("conversation.item.delete", "reply_1"), ("input_audio_buffer.commit", None),
        ("response.create", None),
    ]  # fmt: skip
    context.committed("sound_2")
    gone = context.follow(prompt(GREETING, turn("agent", "Hm.")), has_sound=False)
    assert told(gone)[:2] == [
        ("conversation.item.delete", "sound_1"), ("conversation.item.delete", "sound_2"),
    ]  # fmt: skip


def test_items_whose_ids_come_too_late_are_deleted_when_they_come() -> None:
    context = begun(GREETING)
    context.follow(prompt(GREETING, ASKED), has_sound=True)
    late = context.answer
    assert late is not None
    context.follow(prompt(GREETING), has_sound=False)
    assert told(context.committed("sound_1")) == [("conversation.item.delete", "sound_1")]
    assert told(context.answered_by(late, "reply_1")) == [("conversation.item.delete", "reply_1")]
    assert context.answered_by(Answer(), "reply_2") == []


def test_commits_that_were_refused_do_not_shift_the_others() -> None:
    context = begun(GREETING)
    context.follow(prompt(GREETING, ASKED), has_sound=True)
    context.not_committed()
    context.follow(prompt(GREETING, ASKED, turn("caller", "In May.")), has_sound=True)
    context.committed("sound_2")
    gone = context.follow(prompt(GREETING, ASKED, turn("agent", "Hm.")), has_sound=False)
    assert told(gone)[0] == ("conversation.item.delete", "sound_2")


def test_rules_are_told_when_a_hint_changes_them_and_not_else() -> None:
    context = begun(GREETING)
    events = context.follow(prompt(GREETING, ASKED, hint="urgent"), has_sound=True)
    assert events[0]["type"] == "session.update"
    assert "Time is up" in events[0]["session"]["instructions"]
    again = context.follow(prompt(GREETING, ASKED, hint="urgent"), has_sound=False)
    assert told(again) == [("response.create", None)]
