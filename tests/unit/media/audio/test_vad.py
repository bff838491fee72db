"""Speech or silence with hysteresis: clicks start nothing, short gaps end nothing."""

from hypothesis import given
from hypothesis import strategies as st

from media.audio.vad import Edge, SpeechEdges


def edges() -> SpeechEdges:
    return SpeechEdges(start=0.5, stop=0.35, start_ms=80, quiet_ms=300)


def feed(detector: SpeechEdges, probability: float, frames: int) -> list[Edge]:
    return [edge for _ in range(frames) if (edge := detector.push(probability)) is not None]


def test_speech_begins_after_eighty_ms_of_it() -> None:
    detector = edges()
    assert feed(detector, 0.9, 3) == []
    assert feed(detector, 0.9, 1) == ["began"]
    assert detector.speaking


def test_a_click_is_no_speech() -> None:
    detector = edges()
    for _ in range(50):
        assert feed(detector, 1.0, 2) == []
        assert feed(detector, 0.0, 2) == []


def test_a_flicker_in_the_first_word_does_not_start_it_over() -> None:
    detector = edges()
    assert feed(detector, 0.9, 3) + feed(detector, 0.4, 5) + feed(detector, 0.9, 1) == ["began"]


def test_speech_pauses_after_three_hundred_ms_of_quiet_in_a_row() -> None:
    detector = edges()
    feed(detector, 0.9, 10)
    assert feed(detector, 0.1, 14) == []
    assert feed(detector, 0.4, 1) == []
    assert feed(detector, 0.1, 14) == []
    assert feed(detector, 0.1, 1) == ["paused"]
    assert not detector.speaking


def test_what_is_neither_likely_nor_unlikely_changes_nothing() -> None:
    detector = edges()
    assert feed(detector, 0.4, 500) == []
    feed(detector, 0.9, 10)
    assert feed(detector, 0.4, 500) == []


@given(st.lists(st.floats(0, 1)))
def test_began_and_paused_take_turns_and_say_what_is_believed(probabilities: list[float]) -> None:
    detector = edges()
    expected: Edge = "began"
    for probability in probabilities:
        edge = detector.push(probability)
        if edge is not None:
            assert edge == expected
            assert detector.speaking == (edge == "began")
            expected = "paused" if edge == "began" else "began"
