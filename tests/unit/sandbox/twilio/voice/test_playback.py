"""The play buffer of a media stream and its marks."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.twilio.voice.playback import MAX_QUEUED_BYTES, Playback


def test_a_mark_is_due_at_once_when_nothing_is_queued() -> None:
    playback = Playback()
    assert playback.push_mark("now")
    assert playback.tick() == (b"", [])


def test_a_mark_is_due_in_the_tick_that_plays_the_last_byte_before_it() -> None:
    playback = Playback()
    playback.push_media(b"a" * 200)
    assert not playback.push_mark("end of a")
    playback.push_media(b"b" * 100)
    assert playback.tick() == (b"a" * 160, [])
    assert playback.tick() == (b"a" * 40 + b"b" * 100, ["end of a"])


def test_clear_makes_pending_marks_due_first_to_last_and_keeps_what_comes_after() -> None:
    playback = Playback()
    playback.push_media(b"a" * 1600)
    playback.push_mark("first")
    playback.push_mark("second")
    playback.tick()
    assert playback.clear() == ["first", "second"]
    assert playback.clear() == []
    playback.push_media(b"b" * 160)
    playback.push_mark("third")
    assert playback.tick() == (b"b" * 160, ["third"])


def test_more_than_ten_minutes_are_not_kept() -> None:
    playback = Playback()
    assert playback.push_media(b"x" * MAX_QUEUED_BYTES)
    assert not playback.push_media(b"y")
    playback.tick()
    assert playback.push_media(b"y" * 160)


@given(
    st.lists(
        st.one_of(
            st.integers(1, 500).map(lambda size: ("media", size)),
            st.just(("mark", 0)),
            st.just(("clear", 0)),
            st.just(("tick", 0)),
        )
    )
)
def test_every_mark_comes_back_once_and_in_order_and_no_sound_is_made_up(
    actions: list[tuple[str, int]],
) -> None:
    playback, sent, back, pushed, dropped = Playback(), 0, [], 0, 0
    for action, size in actions:
        if action == "media":
            pushed += size
            assert playback.push_media(b"x" * size)
        elif action == "mark":
            if playback.push_mark(str(sent)):
                back.append(str(sent))
            sent += 1
        elif action == "clear":
            dropped += playback.queued_bytes
            back += playback.clear()
        else:
            back += playback.tick()[1]
    while playback.queued_bytes:
        back += playback.tick()[1]
    assert back == [str(number) for number in range(sent)]
    assert playback.played_bytes == pushed - dropped
