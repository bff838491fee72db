"""How many segments a text takes."""

import pytest

from sandbox.twilio.messages.segments import count_segments


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("é\n" * 80, 1),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("x" * 152 + "€" + "x" * 152, 3),  # the sign's two halves stay together
        ("’" + "x" * 69, 1),
        ("’" + "x" * 70, 2),
        ("’" + "x" * 133, 2),
        ("’" + "x" * 134, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),  # 33 to a part, not 33.5
    ],
)
def test_segments_are_counted_as_the_air_interface_does(text: str, segments: int) -> None:
    assert count_segments(text) == segments
