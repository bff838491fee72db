"""The queue between a microphone and the line."""

from sandbox.core.audio import SILENCE
from sandbox.phone.mouth import MOST_FRAMES, Mouth


def frame(number: int) -> bytes:
    return bytes([number % 200]) * 160


def test_a_microphone_starts_with_two_frames_in_hand_and_keeps_their_order() -> None:
    mouth = Mouth()
    mouth.push(frame(1))
    assert mouth.pop() == SILENCE
    mouth.push(frame(2))
    assert [mouth.pop(), mouth.pop()] == [frame(1), frame(2)]
    assert mouth.underruns == 0


def test_a_microphone_that_runs_dry_is_silent_until_two_frames_are_there_again() -> None:
    mouth = Mouth()
    mouth.push(frame(1))
    mouth.push(frame(2))
    assert [mouth.pop(), mouth.pop(), mouth.pop()] == [frame(1), frame(2), SILENCE]
    mouth.push(frame(3))
    assert mouth.pop() == SILENCE
    mouth.push(frame(4))
    assert mouth.pop() == frame(3)
    assert mouth.underruns == 1


def test_a_burst_after_a_stall_keeps_only_the_newest_frames() -> None:
    mouth = Mouth()
    for number in range(MOST_FRAMES + 1):
        mouth.push(frame(number))
    assert mouth.depth_ms == 60
    assert mouth.pop() == frame(MOST_FRAMES - 2)


def test_delay_that_nothing_needs_is_given_up_frame_by_frame() -> None:
    mouth = Mouth()
    for number in range(6):
        mouth.push(frame(number))
    for number in range(6, 400):
        mouth.pop()
        mouth.push(frame(number))
    assert mouth.underruns == 0
    assert 0 < mouth.dropped <= 3
    assert mouth.depth_ms <= 80
