"""What frames come to: messages whole, in parts, and those that break the rules."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from server.transport.frames import (
    FRAMES_PER_SECOND,
    MOST_PARTS,
    Boundary,
    Fault,
    Messages,
    binary_frame,
    text_frame,
)

TEXT, BINARY, CONT, PING = Opcode.TEXT, Opcode.BINARY, Opcode.CONT, Opcode.PING


def taken(*frames: Frame, seconds: float = 0.0) -> list[str | bytes]:
    messages, gap = Messages(0.0), seconds / max(1, len(frames))
    found = (messages.take(frame, at * gap) for at, frame in enumerate(frames))
    return [message for message in found if message is not None]


def fault_of(frames: Iterable[Frame], seconds: float = 0.0) -> Fault:
    with pytest.raises(Fault) as fault:
        taken(*frames, seconds=seconds)
    return fault.value


def test_texts_and_bytes_are_told_apart() -> None:
    assert taken(Frame(TEXT, "é".encode()), Frame(BINARY, b"\xff")) == ["é", b"\xff"]


def test_a_message_in_parts_is_one_also_around_control_frames() -> None:
    cut = "héllo".encode()
    parts = (Frame(TEXT, cut[:2], fin=False), Frame(PING, b""), Frame(CONT, b"", fin=False))
    assert taken(*parts, Frame(CONT, cut[2:]), Frame(TEXT, b"")) == ["héllo", ""]


def test_text_that_is_no_text_is_refused() -> None:
    for frames in ([Frame(TEXT, b"\xff")], [Frame(TEXT, b"\xc3", fin=False), Frame(CONT, b"x")]):
        assert (fault_of(frames).code, fault_of(frames).is_flood) == (1007, False)


def test_a_message_of_too_many_parts_is_too_big() -> None:
    parts = [Frame(TEXT, b"", fin=False), *[Frame(CONT, b"", fin=False)] * (MOST_PARTS - 1)]
    assert taken(*parts, seconds=9) == []
    assert fault_of([*parts, Frame(CONT, b"")]).code == 1009


@pytest.mark.parametrize("kind", [TEXT, PING])
def test_too_many_frames_in_a_second_are_a_flood(kind: Opcode) -> None:
    frames = [Frame(kind, b"")] * (FRAMES_PER_SECOND + 1)
    fault = fault_of(frames, seconds=0.9)
    assert (fault.code, fault.is_flood) == (1008, True)
    taken(*frames * 3, seconds=6)


def test_a_frame_for_many_sockets_is_made_once() -> None:
    for size, head in ((5, b"\x81\x05"), (300, b"\x81\x7e\x01\x2c"), (70_000, b"\x81\x7f")):
        assert text_frame(b"x" * size).startswith(head)


FRAMES = st.lists(
    st.builds(
        lambda kind, size, is_masked: Frame(kind, b"x" * size).serialize(mask=is_masked),
        st.sampled_from([TEXT, BINARY, CONT, Opcode.PONG]),
        st.sampled_from([0, 1, 125]),
        st.booleans(),
    )
    | st.builds(
        lambda size: Frame(TEXT, b"y" * size).serialize(mask=True),
        st.sampled_from([126, 300, 65535, 65536]),
    ),
    min_size=1,
    max_size=5,
)


@given(FRAMES, st.lists(st.integers(1, 400), max_size=30))
def test_a_boundary_is_where_frames_end_however_they_are_cut(
    frames: list[bytes], cuts: list[int]
) -> None:
    data, ends, at = b"".join(frames), set[int](), 0
    for frame in frames:
        at += len(frame)
        ends.add(at)
    boundary, at = Boundary(), 0
    for cut in (*cuts, len(data)):
        boundary.pass_over(data[at : at + cut])
        at = min(at + cut, len(data))
        assert boundary.is_reached is (at in ends)


def whole_texts(data: bytes) -> tuple[list[str], int]:
    return Messages(0.0).take_texts(data, 0.0)


@given(
    st.binary(max_size=400) | st.text(max_size=200).map(str.encode),
    st.booleans(),
    st.sampled_from([TEXT, BINARY, PING]),
)
def test_whole_texts_are_read_as_in_general(data: bytes, fin: bool, kind: Opcode) -> None:
    payload = data[:125] if kind is PING else data
    frame = Frame(kind, payload, fin or kind is PING).serialize(mask=True)
    try:
        texts = [payload.decode()] if fin and kind is TEXT else []
    except UnicodeDecodeError:
        texts = []
    size = len(frame) if texts else 0
    assert whole_texts(frame) == whole_texts(frame + b"x") == (texts, size)
    assert whole_texts(frame * 3 + frame[:-1]) == (texts * 3, 3 * size)
    for wrong in (frame[:-1], Frame(TEXT, data).serialize(mask=False)):
        assert whole_texts(wrong) == ([], 0)


def test_whole_texts_count_towards_a_flood_and_wait_for_a_message_in_parts() -> None:
    frame = Frame(TEXT, b"").serialize(mask=True)
    with pytest.raises(Fault, match="too fast"):
        Messages(0.0).take_texts(frame * (FRAMES_PER_SECOND + 1), 0.9)
    messages = Messages(0.0)
    messages.take(Frame(TEXT, b"", fin=False), 0.0)
    assert messages.take_texts(frame, 0.0) == ([], 0)


@given(st.integers(0, 70_000))
def test_frames_to_a_client_are_as_in_general(length: int) -> None:
    payload = bytes(length)
    assert text_frame(payload) == Frame(TEXT, payload).serialize(mask=False)
    assert binary_frame(payload) == Frame(BINARY, payload).serialize(mask=False)


@given(st.binary(max_size=20))
def test_no_bytes_break_the_reading_of_a_whole_text(data: bytes) -> None:
    whole_texts(data)
    whole_texts(b"\x81" + data)
    # 126 and 127 are no lengths; they say how many bytes the length has
    assert whole_texts(b"\x81\xfe" + bytes(130)) == ([""], 8)
    assert whole_texts(b"\x81\xff" + bytes(131)) == ([], 0)
    Boundary().pass_over(data)
