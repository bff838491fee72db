"""A recording as one WAV file, 16 bits a sample, the caller left and the agent right. Pure.

Its pieces lie on one clock; what is missing between them is silence, and where two tell of the same
moment the first does. Any part of the file can be made without the rest of it.
"""

import re
import struct
from collections.abc import Sequence

import msgspec
import numpy as np

from db.recordings import PiecePlace, RecordingRow
from media.audio import mulaw
from server.core.errors import AppError

RATE = mulaw.SAMPLE_RATE
FRAME_BYTES = 4  # a sample of each side
HEADER_BYTES = 44
MOST_SILENCE = 10 * RATE  # samples made at once
MOST_DIGITS = 20
_RANGE = re.compile(r"(?=-?[0-9])([0-9]+)?-([0-9]+)?")


class Stretch(msgspec.Struct, frozen=True):
    """Samples `first` to `end` of the file, from `skip` on in the piece; without one: silence."""

    first: int
    end: int
    piece: PiecePlace | None
    skip: int = 0


def layout(recording: RecordingRow, pieces: Sequence[PiecePlace]) -> list[Stretch]:
    """What the file is made of, in order, without a gap."""
    found: list[Stretch] = []
    at = 0
    for piece in pieces:
        start = round((piece.at - recording.agreed_at).total_seconds() * RATE)
        end = start + piece.length
        if end <= at:
            continue
        while at < start:
            found.append(Stretch(at, min(start, at + MOST_SILENCE), None))
            at = found[-1].end
        found.append(Stretch(at, end, piece, at - start))
        at = end
    return found


def size(stretches: Sequence[Stretch]) -> int:
    """Bytes of the whole file."""
    return HEADER_BYTES + (stretches[-1].end if stretches else 0) * FRAME_BYTES


def header(whole: int) -> bytes:
    """The beginning of a file of so many bytes."""
    data = whole - HEADER_BYTES
    form = struct.pack("<HHIIHH", 1, 2, RATE, RATE * FRAME_BYTES, FRAME_BYTES, 16)
    return (
        b"RIFF"
        + struct.pack("<I", whole - 8)
        + b"WAVEfmt "
        + struct.pack("<I", len(form))
        + (form + b"data" + struct.pack("<I", data))
    )


def samples(stretch: Stretch, sound: bytes) -> bytes:
    """The stretch as it is in the file, of its piece's `sound`; without any it is silence."""
    count = stretch.end - stretch.first
    if stretch.piece is None or not sound:
        return bytes(count * FRAME_BYTES)
    both = mulaw.decode(sound).reshape(2, stretch.piece.length)
    return np.ascontiguousarray(both[:, stretch.skip : stretch.skip + count].T, "<i2").tobytes()


def wanted(header: str | None, whole: int) -> tuple[int, int] | None:
    """The bytes, first and end, that a `Range` header asks for; None for all of them: without one,
    and for what cannot be read as one range, which is to be ignored (RFC 9110, section 14.2).

    Raises AppError("bad_range") for bytes that are not there.
    """
    unit, _, ranges = (header or "").partition("=")
    given = [one.strip() for one in ranges.split(",") if one.strip()]
    found = _RANGE.fullmatch(given[0]) if unit.lower() == "bytes" and len(given) == 1 else None
    if found is None:
        return None
    first, last = (None if part is None else _number(part) for part in found.group(1, 2))
    if first is None:
        first, last = whole - min(last or 0, whole), None
    elif last is not None and last < first:
        return None
    if first >= whole:
        raise AppError("bad_range", size=whole)
    return first, whole if last is None else min(last + 1, whole)


def _number(digits: str) -> int:
    """However long it is: it is beyond any file then."""
    return int(digits) if len(digits) <= MOST_DIGITS else 10**MOST_DIGITS
