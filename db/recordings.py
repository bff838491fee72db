"""Recordings of calls: who agreed to one, in which words, and its sound, piece by piece.

Words and sound are sealed by the key of whose call it is. Knows nothing of how a call is run, and
of pieces only that they have a time and a length.
"""

import asyncio
import datetime as dt
from functools import partial
from uuid import UUID

import msgspec

from db.core.rows import Connection, many
from db.core.sealed import Sealed

SEALED = Sealed("app.recordings", ("call_id",), text=("words",))
PIECES = Sealed("app.recording_pieces", ("call_id", "lease_epoch", "number"), raw=("sound",))

_COLUMNS = "call_id, user_id, agreed_at, words, wording_id, wording_version, language"
_AGREE = f"""
insert into app.recordings ({_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (call_id) do nothing returning true
"""  # noqa: S608 - the columns above
_OF_CALL = f"select {_COLUMNS} from app.recordings where call_id = $1"  # noqa: S608
_OF_USER = f"select {_COLUMNS} from app.recordings where user_id = $1 order by agreed_at, id"  # noqa: S608
_ADD = """
insert into app.recording_pieces (call_id, lease_epoch, number, at, length, sound)
select r.call_id, $2, $3, $4, $5, $6 from app.recordings r where r.call_id = $1
on conflict (call_id, lease_epoch, number) do nothing returning true
"""
_PLACES = """
select lease_epoch, number, at, length from app.recording_pieces where call_id = $1
order by at, lease_epoch, number
"""
_SOUND = """
select call_id, lease_epoch, number, sound from app.recording_pieces
where call_id = $1 and lease_epoch = $2 and number = $3
"""


class RecordingRow(msgspec.Struct, frozen=True):
    """A row of app.recordings; no wording: words of the configuration's."""

    call_id: UUID
    user_id: UUID
    agreed_at: dt.datetime
    words: str
    wording_id: str
    wording_version: int
    language: str


class NewPiece(msgspec.Struct, frozen=True):
    """Sound of both sides from `at` on, each `length` bytes, the caller's first."""

    call_id: UUID
    user_id: UUID
    lease_epoch: int
    number: int
    at: dt.datetime
    length: int
    sound: bytes


class PiecePlace(msgspec.Struct, frozen=True):
    """Where a piece is, and when its sound was."""

    lease_epoch: int
    number: int
    at: dt.datetime
    length: int


class _Sound(msgspec.Struct, frozen=True):
    sound: bytes


async def agree(connection: Connection, new: RecordingRow) -> bool:
    """Put on record that whoever was called agreed; False if they did before."""
    (words,) = await SEALED.seal(connection, new.user_id, new.call_id, words=new.words)
    return (
        await connection.fetchval(
            _AGREE, new.call_id, new.user_id, new.agreed_at, words, new.wording_id,
            new.wording_version, new.language,
        )
        is True
    )  # fmt: skip


async def of_call(connection: Connection, call_id: UUID) -> RecordingRow | None:
    """The call's recording, None where there is none (any more)."""
    return await SEALED.one(connection, await connection.fetchrow(_OF_CALL, call_id), RecordingRow)


async def of_user(connection: Connection, user_id: UUID) -> list[RecordingRow]:
    """All of a person's, oldest first."""
    return await SEALED.many(connection, await connection.fetch(_OF_USER, user_id), RecordingRow)


async def add(connection: Connection, piece: NewPiece) -> bool:
    """Keep a piece; False for one that is there already, or whose recording is not."""
    name = (piece.call_id, piece.lease_epoch, piece.number)
    key = await connection.keyring.of(piece.user_id)
    seal = partial(PIECES.seal_by, connection.keyring, key, name, sound=piece.sound)
    (sound,) = await asyncio.to_thread(seal)  # half a millisecond, and calls run here, too
    return await connection.fetchval(_ADD, *name, piece.at, piece.length, sound) is True


async def places(connection: Connection, call_id: UUID) -> list[PiecePlace]:
    """Where the call's pieces are, in order of time."""
    return many(await connection.fetch(_PLACES, call_id), PiecePlace)


async def sound(connection: Connection, call_id: UUID, place: PiecePlace) -> bytes:
    """The sound of a piece; empty when it is gone, or its key is. Raises Unsealable."""
    record = await connection.fetchrow(_SOUND, call_id, place.lease_epoch, place.number)
    found = await PIECES.one(connection, record, _Sound)
    return b"" if found is None else found.sound
