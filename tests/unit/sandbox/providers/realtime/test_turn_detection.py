"""Speech by its energy: where it starts and ends, whatever pieces it comes in."""

from sandbox.providers.realtime.turn_detection import Edge, TurnDetection

LOUD, QUIET = b"\x10" * 160, b"\xff" * 160
SOUND = QUIET * 10 + LOUD * 20 + QUIET * 10 + LOUD * 5 + QUIET * 40


def edges(piece_bytes: int, silence_ms: int = 500) -> list[Edge]:
    detection = TurnDetection()
    found: list[Edge] = []
    for at in range(0, len(SOUND), piece_bytes):
        found += detection.push(SOUND[at : at + piece_bytes], silence_ms)
    return found


def test_a_short_silence_ends_nothing() -> None:
    assert edges(160) == [("started", 200), ("stopped", 900)]


def test_pieces_of_any_size_say_the_same() -> None:
    assert edges(37) == edges(8000) == edges(160)


def test_a_shorter_silence_ends_more() -> None:
    assert edges(160, silence_ms=100) == [
        ("started", 200), ("stopped", 600), ("started", 800), ("stopped", 900),
    ]  # fmt: skip


def test_a_click_is_no_speech() -> None:
    assert TurnDetection().push(QUIET * 5 + LOUD * 2 + QUIET * 50, 200) == []
