"""The play buffer, speech spans and what follows from a timeline."""

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.core.audio import SILENCE, beep
from sandbox.core.faults import Faults, call_luck, delivery_delays_ms
from sandbox.core.speech_spans import Edge, SpeechSpans
from sandbox.core.timeline import Entry, latencies
from sandbox.twilio.voice.playback import MAX_QUEUED_BYTES, Playback

LOUD = beep(20)


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


def edges_of(frames: list[bytes]) -> list[Edge]:
    spans = SpeechSpans()
    return [edge for n, frame in enumerate(frames) for edge in spans.push(frame, n * 20.0)]


def test_speech_is_dated_from_its_first_to_its_last_loud_frame() -> None:
    frames = [SILENCE] * 5 + [LOUD] * 10 + [SILENCE] * 30
    assert edges_of(frames) == [Edge("started", 100.0), Edge("stopped", 300.0)]


def test_a_click_is_no_speech_and_a_breath_does_not_end_it() -> None:
    assert edges_of([LOUD, LOUD] + [SILENCE] * 40) == []
    frames = [LOUD] * 5 + [SILENCE] * 15 + [LOUD] * 5 + [SILENCE] * 30
    assert edges_of(frames) == [Edge("started", 0.0), Edge("stopped", 500.0)]


def test_quiet_is_counted_from_the_last_loud_frame() -> None:
    spans = SpeechSpans()
    for n in range(5):
        spans.push(LOUD, n * 20.0)
    assert spans.speaking
    assert spans.quiet_ms(100.0) == 0
    assert spans.quiet_ms(350.0) == 250


def happened(*events: tuple[float, str]) -> Any:
    return latencies([Entry(at_ms, "", event) for at_ms, event in events])


def test_reactions_count_the_agents_first_sound_of_each_turn() -> None:
    found = happened(
        (0, "answered"),
        (900, "agent_speech_started"),
        (1500, "agent_speech_stopped"),
        (2000, "person_speech_started"),
        (3000, "person_speech_stopped"),
        (3600, "agent_speech_started"),
        (4000, "agent_speech_stopped"),
        (4500, "agent_speech_started"),
    )
    assert [(r.at_ms, r.after_person_stopped_ms) for r in found.reactions] == [
        (900, None),
        (3600, 600),
    ]
    assert found.answered_to_agent_ms == 900
    assert found.verdict_to_agent_ms is None


def test_an_agent_that_talks_over_the_person_reacted_to_nothing() -> None:
    found = happened((0, "person_speech_started"), (500, "agent_speech_started"))
    assert [r.after_person_stopped_ms for r in found.reactions] == [None]


def test_a_clear_counts_only_when_the_person_spoke_over_the_agent() -> None:
    found = happened(
        (0, "clear"),
        (100, "agent_speech_started"),
        (1000, "person_speech_started"),
        (1180, "clear"),
        (1190, "clear"),
        (1200, "agent_speech_stopped"),
        (3000, "person_speech_started"),
        (3100, "clear"),
    )
    assert found.clears_after_person_started_ms == [180]


def test_the_first_sound_after_the_verdict_is_timed() -> None:
    found = happened((0, "answered"), (2400, "amd_verdict"), (2650, "agent_speech_started"))
    assert found.verdict_to_agent_ms == 250


def test_without_faults_a_callback_goes_out_once_and_at_once() -> None:
    assert delivery_delays_ms(Faults(), random.Random(0)) == [0]


def test_the_same_seed_brings_the_same_misfortunes() -> None:
    faults = Faults(
        seed=7, duplicate_callbacks=0.5, reorder_callbacks=0.5, callback_delay_ms=(10, 90)
    )

    def run(number: int) -> list[list[float]]:
        luck = call_luck(faults, number)
        return [delivery_delays_ms(faults, luck) for _ in range(20)]

    assert run(0) == run(0)
    assert run(0) != run(1)
    assert {len(delays) for delays in run(0)} == {1, 2}
