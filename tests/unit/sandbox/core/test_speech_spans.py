"""When somebody speaks, by loudness."""

from sandbox.core.audio import SILENCE, beep
from sandbox.core.speech_spans import Edge, SpeechSpans

LOUD = beep(20)


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
