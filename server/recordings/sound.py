"""A call's recording as bytes, read and opened piece by piece as they are asked for.

Knows no rights: whoever asks was let in before.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator

import msgspec

from db import recordings
from db.core.rows import Connection
from db.recordings import RecordingRow
from server.core.node import Node
from server.recordings import wav
from server.recordings.wav import Stretch


class Recorded(msgspec.Struct, frozen=True):
    """A recording, what its file is made of, and the file's bytes."""

    row: RecordingRow
    stretches: list[Stretch]
    size: int

    @property
    def tag(self) -> str:
        """What marks the file as it is now: it grows, and silence in it may yet become sound."""
        pieces = sum(stretch.piece is not None for stretch in self.stretches)
        return f'"{self.size}-{pieces}"'


async def find(connection: Connection, call_id: uuid.UUID) -> Recorded | None:
    """The call's, None if nothing was recorded or it is gone."""
    row = await recordings.of_call(connection, call_id)
    stretches = [] if row is None else wav.layout(row, await recordings.places(connection, call_id))
    return None if row is None or not stretches else Recorded(row, stretches, wav.size(stretches))


async def part(node: Node, recorded: Recorded, first: int, end: int) -> AsyncIterator[bytes]:
    """The file's bytes from `first` to `end`. Raises Unsealable."""
    if first < wav.HEADER_BYTES:
        yield wav.header(recorded.size)[first:end]
    for stretch in recorded.stretches:
        begins = wav.HEADER_BYTES + stretch.first * wav.FRAME_BYTES
        ends = wav.HEADER_BYTES + stretch.end * wav.FRAME_BYTES
        if ends <= first or begins >= end:
            continue
        sound = b""
        if stretch.piece is not None:
            async with node.pools.as_service() as connection:
                sound = await recordings.sound(connection, recorded.row.call_id, stretch.piece)
        made = await asyncio.to_thread(wav.samples, stretch, sound)
        yield made[max(0, first - begins) : end - begins]
