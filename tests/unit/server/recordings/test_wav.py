"""A recording as a file that any player takes: both sides, every part of it, gaps as silence."""

import datetime as dt
import io
import uuid
import wave

import numpy as np
import pytest

from db.recordings import PiecePlace, RecordingRow
from media.audio import mulaw
from server.core.errors import AppError
from server.recordings import wav
from server.recordings.wav import Stretch

BEGAN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ROW = RecordingRow(uuid.uuid4(), uuid.uuid4(), BEGAN, "May I?", "", 0, "")
SECOND = mulaw.SAMPLE_RATE


def piece(number: int, at: float, seconds: float, epoch: int = 1) -> PiecePlace:
    return PiecePlace(epoch, number, BEGAN + dt.timedelta(seconds=at), round(seconds * SECOND))


def both(place: PiecePlace, caller: int, agent: int) -> bytes:
    """The piece's sound, each side at one level."""
    levels = np.array([[caller], [agent]], np.int16).repeat(place.length, 1)
    return mulaw.encode(np.ascontiguousarray(levels).reshape(-1))


def whole(stretches: list[Stretch], sounds: dict[tuple[int, int], bytes]) -> bytes:
    parts = [
        wav.samples(one, sounds[one.piece.lease_epoch, one.piece.number] if one.piece else b"")
        for one in stretches
    ]
    return wav.header(wav.size(stretches)) + b"".join(parts)


def test_the_caller_is_left_the_agent_right_and_a_gap_is_silent() -> None:
    first, second = piece(0, 0.0, 1.0), piece(1, 1.5, 1.0)
    stretches = wav.layout(ROW, [first, second])
    sounds = {(1, 0): both(first, 8000, 400), (1, 1): both(second, 400, 8000)}
    file = whole(stretches, sounds)
    assert len(file) == wav.size(stretches)
    with wave.open(io.BytesIO(file)) as read:
        assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (2, 2, SECOND)
        samples = np.frombuffer(read.readframes(read.getnframes()), "<i2").reshape(-1, 2)
    assert len(samples) == 2.5 * SECOND
    loud = abs(samples.astype(int)) > 4000
    assert loud[: SECOND - 1, 0].all()
    assert not loud[:, 1][: 3 * SECOND // 2].any()
    assert not samples[SECOND : 3 * SECOND // 2].any()
    assert loud[3 * SECOND // 2 :, 1].all()


def test_two_nodes_that_tell_of_the_same_moment_are_heard_once() -> None:
    """One that was thought to be dead, and the one that went on."""
    stretches = wav.layout(ROW, [piece(0, 0.0, 10.0), piece(0, 8.0, 10.0, 2), piece(1, 9.0, 1.0)])
    assert [(one.first, one.end, one.skip) for one in stretches] == [
        (0, 10 * SECOND, 0),
        (10 * SECOND, 18 * SECOND, 2 * SECOND),
    ]


def test_what_a_node_lost_that_died_is_silence_until_another_went_on() -> None:
    stretches = wav.layout(ROW, [piece(0, 0.0, 10.0), piece(0, 23.5, 4.0, 2)])
    assert [(one.first / SECOND, one.end / SECOND, one.piece is None) for one in stretches] == [
        (0.0, 10.0, False),
        (10.0, 20.0, True),  # never much at once
        (20.0, 23.5, True),
        (23.5, 27.5, False),
    ]


def test_a_piece_whose_sound_cannot_be_read_any_more_is_silence() -> None:
    (stretch,) = wav.layout(ROW, [piece(0, 0.0, 1.0)])
    assert wav.samples(stretch, b"") == bytes(SECOND * wav.FRAME_BYTES)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-", (0, 1000)),
        ("bytes=0-0", (0, 1)),
        ("Bytes=200-299", (200, 300)),
        ("bytes=0200-0299 ", (200, 300)),
        ("bytes=, 200-299,", (200, 300)),
        ("bytes=990-5000", (990, 1000)),
        ("bytes=999-999", (999, 1000)),
        ("bytes=-100", (900, 1000)),
        ("bytes=-1000", (0, 1000)),
        ("bytes=-5000", (0, 1000)),
        (f"bytes=0-{'9' * 5000}", (0, 1000)),
        (f"bytes=-{'9' * 5000}", (0, 1000)),
    ],
)
def test_one_range_is_that_part(header: str, part: tuple[int, int]) -> None:
    assert wav.wanted(header, 1000) == part


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=-00",
                                    f"bytes={'9' * 5000}-", f"bytes={'9' * 20}-"])  # fmt: skip
def test_a_range_beyond_the_end_is_refused_with_where_that_is(header: str) -> None:
    with pytest.raises(AppError) as refused:
        wav.wanted(header, 1000)
    assert (refused.value.code, refused.value.extra["size"]) == ("bad_range", 1000)


@pytest.mark.parametrize(
    "header",
    [
        None, "", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=a-b", "bytes=1", "bytes=1-2-3",
        "bytes=--1", "bytes=+1-2", "bytes=1 - 2", "bytes=300-200", "bytes=2000-1000", "bytes=0x1-",
        "bytes=0-1,5-6", "bytes=2000-,-1", "seconds=1-2", "bytes =0-1", "bytes=\u0661-",
        "bytes=0-1_0",
    ],
)  # fmt: skip
def test_what_is_not_one_range_is_ignored(header: str | None) -> None:
    assert wav.wanted(header, 1000) is None
