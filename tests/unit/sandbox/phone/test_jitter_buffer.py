"""The queue between a microphone and the line."""

from sandbox.core.audio import SILENCE
from sandbox.phone.jitter_buffer import MOST_FRAMES, JitterBuffer


def frame(number: int) -> bytes:
    return bytes([number % 200]) * 160


def test_a_microphone_starts_with_two_frames_in_hand_and_keeps_their_order() -> None:
    microphone = JitterBuffer()
    microphone.push(frame(1))
    assert microphone.pop() == SILENCE
    microphone.push(frame(2))
    assert [microphone.pop(), microphone.pop()] == [frame(1), frame(2)]
    assert microphone.underruns == 0


def test_a_microphone_that_runs_dry_is_silent_until_two_frames_are_there_again() -> None:
    microphone = JitterBuffer()
    microphone.push(frame(1))
    microphone.push(frame(2))
    assert [microphone.pop(), microphone.pop(), microphone.pop()] == [frame(1), frame(2), SILENCE]
    microphone.push(frame(3))
    assert microphone.pop() == SILENCE
    microphone.push(frame(4))
    assert microphone.pop() == frame(3)
    assert microphone.underruns == 1


def test_a_burst_after_a_stall_keeps_only_the_newest_frames() -> None:
    microphone = JitterBuffer()
    for number in range(MOST_FRAMES + 1):
        microphone.push(frame(number))
    assert microphone.depth_ms == 60
    assert microphone.pop() == frame(MOST_FRAMES - 2)


def test_delay_that_nothing_needs_is_given_up_frame_by_frame() -> None:
    microphone = JitterBuffer()
    for number in range(6):
        microphone.push(frame(number))
    for number in range(6, 400):
        microphone.pop()
        microphone.push(frame(number))
    assert microphone.underruns == 0
    assert 0 < microphone.dropped <= 3
    assert microphone.depth_ms <= 80
