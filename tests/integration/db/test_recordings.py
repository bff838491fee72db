"""Recordings in rows: nothing without an agreement, nothing readable, and whole after a death."""

import asyncio
import datetime as dt

import asyncpg
import msgspec
import numpy as np
import numpy.typing as npt

from db import calls, recordings
from db.calls import CallRow
from db.core.pool import Pools
from db.core.rows import Connection
from db.recordings import NewPiece, RecordingRow
from media.audio import mulaw
from media.audio.two_tracks import PIECE_BYTES, Piece, TwoTracks
from server.recordings import sound, wav
from server.recordings.keeping import Keeping
from tests.integration.db.arrange import make_call, make_user
from tests.support.wiring import bare_node

BEGAN = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
WORDS = "May canaries be recorded?"
CALLER = mulaw.encode(np.full(160, 8000, np.int16))
AGENT = mulaw.encode(np.full(160, -4000, np.int16))


def agreement(call: CallRow) -> RecordingRow:
    return RecordingRow(call.id, call.user_id, BEGAN, WORDS, "recording", 1, "en")


async def nothing_to_wait_for() -> None:
    """Whatever calls decided is written."""


async def talk(pools: Pools, call: CallRow, first: float, last: float, lost: int = 0) -> None:
    """A node's part of the call, in seconds since the agreement, without the last pieces, which
    died with it."""
    keeping = Keeping(bare_node(pools), nothing_to_wait_for)
    pieces: list[Piece] = []
    tracks = TwoTracks(pieces.append)
    began = BEGAN.timestamp()
    tracks.switch(began + first, on=True)
    for frame in range(round(first * 50), round(last * 50)):
        tracks.sent(AGENT, began + frame / 50)
        tracks.caller(CALLER, began + (frame + 1) / 50)
    tracks.switch(began + last, on=False)
    keep = keeping.of(call)
    for piece in pieces[: len(pieces) - lost]:
        keep(piece)
    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(keeping.run())
        await keeping.written()
        writing.cancel()


async def heard(pools: Pools, connection: Connection, call: CallRow) -> npt.NDArray[np.int16]:
    found = await sound.find(connection, call.id)
    assert found is not None
    file = b"".join([part async for part in sound.part(bare_node(pools), found, 0, found.size)])
    assert len(file) == found.size
    return np.frombuffer(file[wav.HEADER_BYTES :], "<i2").reshape(-1, 2)


async def test_after_a_nodes_death_another_goes_on_and_only_its_last_piece_is_missing(
    pools: Pools,
) -> None:
    call = await make_call(pools, await make_user(pools))
    async with pools.as_service() as connection:
        await recordings.agree(connection, agreement(call))
    await talk(pools, call, 0.0, 25.0, lost=1)
    await talk(pools, msgspec.structs.replace(call, lease_epoch=2), 27.0, 40.0)
    async with pools.as_service() as connection:
        both = await heard(pools, connection, call)
    assert len(both) == 40 * wav.RATE
    whole = 2 * PIECE_BYTES
    assert (both[:whole, 0] > 7000).all()
    assert (both[:whole, 1] < -3000).all()
    assert not both[whole : 27 * wav.RATE].any(), "what died with the node is silence"
    assert (both[27 * wav.RATE + 800 :, 0] > 7000).all()


async def test_no_sound_is_written_that_nobody_agreed_to_and_none_twice(pools: Pools) -> None:
    call = await make_call(pools, await make_user(pools))
    piece = NewPiece(call.id, call.user_id, 1, 0, BEGAN, 160, CALLER + AGENT)
    async with pools.as_service() as connection:
        assert not await recordings.add(connection, piece)
        assert await recordings.of_call(connection, call.id) is None
        assert await sound.find(connection, call.id) is None
        assert await recordings.agree(connection, agreement(call))
        assert not await recordings.agree(connection, agreement(call))
        assert await sound.find(connection, call.id) is None, "agreed, and nothing said yet"
        assert [await recordings.add(connection, piece) for _ in range(2)] == [True, False]
        assert await recordings.of_user(connection, call.user_id) == [agreement(call)]


async def test_sound_that_comes_while_anothers_is_written_waits_for_its_own_agreement(
    pools: Pools,
) -> None:
    first, second = [await make_call(pools, await make_user(pools)) for _ in range(2)]
    left, began = [first, second], asyncio.Event()

    async def settled() -> None:
        if left:
            async with pools.as_service() as connection:
                await recordings.agree(connection, agreement(left.pop(0)))
        began.set()

    keeping = Keeping(bare_node(pools), settled)
    piece = Piece(BEGAN.timestamp(), CALLER, AGENT)
    async with asyncio.TaskGroup() as tasks:
        keeping.of(first)(piece)
        writing = tasks.create_task(keeping.run())
        await began.wait()  # the first one's is being written
        keeping.of(second)(piece)
        await keeping.written()
        writing.cancel()
    async with pools.as_service() as connection:
        assert (await heard(pools, connection, first))[:, 0].all()
        assert (await heard(pools, connection, second))[:, 0].all()


async def test_words_and_sound_are_sealed_and_open_nowhere_once_the_key_is_gone(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    call = await make_call(pools, await make_user(pools))
    async with pools.as_service() as connection:
        await recordings.agree(connection, agreement(call))
        piece = NewPiece(call.id, call.user_id, 1, 0, BEGAN, 160, CALLER + AGENT)
        await recordings.add(connection, piece)
    async with pools.as_service() as connection:
        assert (await heard(pools, connection, call))[:, 0].all()
    stored = await owner.fetchrow(
        "select r.words, p.sound from app.recordings r join app.recording_pieces p using (call_id)"
    )
    assert "canaries" not in stored["words"]
    assert CALLER not in stored["sound"]
    async with pools.as_service() as connection:
        await connection.keyring.destroy(connection, call.user_id)
    async with pools.as_service() as connection:
        assert not (await heard(pools, connection, call)).any()
    async with pools.as_service() as connection:
        await owner.execute("delete from public.calls where id = $1", call.id)
        assert await calls.get_any(connection, call.id) is None
        assert await recordings.places(connection, call.id) == []
