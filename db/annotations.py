"""What people wrote on calls: tags, and notes. Words are sealed by the key of whose call it is.

A tag is found by the hash of its words in any case. Knows rows; who may write is decided elsewhere.
"""

from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import msgspec

from db.core.rows import Connection
from db.core.sealed import Sealed, open_all

TAGS = Sealed("app.call_tags", text=("tag",))
NOTES = Sealed("app.call_notes", text=("text",))
Place: TypeAlias = tuple[datetime, UUID]

_COLUMNS = "id, call_id, user_id, author_id, text, created_at, updated_at"
_TAG = """
insert into app.call_tags (id, call_id, user_id, tag, tag_hash) values ($1, $2, $3, $4, $5)
on conflict (call_id, tag_hash) do nothing returning true
"""
_UNTAG = "delete from app.call_tags where call_id = $1 and tag_hash = $2 returning true"
_TAGS_OF_CALL = """
select id, tag from app.call_tags where call_id = $1 order by created_at, id
"""
_TAGS_OF_USER = """
select distinct on (tag_hash) id, tag, count(*) over (partition by tag_hash) as calls
from app.call_tags where user_id = $1 order by tag_hash, created_at, id limit $2
"""
_ADD = f"""
insert into app.call_notes (id, call_id, user_id, author_id, text) values ($1, $2, $3, $4, $5)
returning {_COLUMNS}
"""  # noqa: S608 - the columns above
_CHANGE = f"""
update app.call_notes set text = $3, updated_at = now() where id = $1 and call_id = $2
returning {_COLUMNS}
"""  # noqa: S608
_DELETE = "delete from app.call_notes where id = $1 and call_id = $2 returning true"
_NOTES_OF_CALL = f"""
select {_COLUMNS} from app.call_notes where call_id = $1 order by created_at, id
"""  # noqa: S608
_EXPORTED = {
    name: f"""
select id, call_id, {columns}, created_at from app.{name}
where user_id = $1 and ($2::timestamptz is null or (created_at, id) > ($2, $3::uuid))
order by created_at, id limit $4
"""  # noqa: S608 - literals
    for name, columns in (("call_tags", "tag"), ("call_notes", "author_id, text, updated_at"))
}


class NoteRow(msgspec.Struct, frozen=True):
    """A row of app.call_notes, opened; `user_id` is whose call it is."""

    id: UUID
    call_id: UUID
    user_id: UUID
    author_id: UUID
    text: str
    created_at: datetime
    updated_at: datetime


class UsedTag(msgspec.Struct, frozen=True):
    """A tag as it was first written, and how many calls have it."""

    tag: str
    calls: int


class _Tag(msgspec.Struct, frozen=True):
    tag: str


async def tag(connection: Connection, call_id: UUID, user_id: UUID, words: str) -> bool:
    """Put the tag on the user's call; False if it is there, in any case."""
    row_id, digest = uuid4(), connection.keyring.hash_tag(user_id, words)
    (sealed,) = await TAGS.seal(connection, user_id, row_id, tag=words)
    return await connection.fetchval(_TAG, row_id, call_id, user_id, sealed, digest) is True


async def untag(connection: Connection, call_id: UUID, user_id: UUID, words: str) -> bool:
    """Take the tag off the user's call; False if it was not there."""
    digest = connection.keyring.hash_tag(user_id, words)
    return await connection.fetchval(_UNTAG, call_id, digest) is True


async def tags_of_call(connection: Connection, call_id: UUID) -> list[str]:
    """The call's tags, oldest first."""
    records = await connection.fetch(_TAGS_OF_CALL, call_id)
    return [row.tag for row in await TAGS.many(connection, records, _Tag)]


async def tags_of_user(connection: Connection, user_id: UUID, limit: int) -> list[UsedTag]:
    """The tags on the user's calls, by their words."""
    records = await connection.fetch(_TAGS_OF_USER, user_id, limit)
    found = await TAGS.many(connection, records, UsedTag)
    return sorted(found, key=lambda one: one.tag.casefold())


async def add_note(
    connection: Connection, call_id: UUID, user_id: UUID, author_id: UUID, text: str
) -> NoteRow:
    """Write a note on the user's call."""
    row_id = uuid4()
    (sealed,) = await NOTES.seal(connection, user_id, row_id, text=text)
    record = await connection.fetchrow(_ADD, row_id, call_id, user_id, author_id, sealed)
    return await NOTES.opened(connection, record, NoteRow)


async def change_note(
    connection: Connection, call_id: UUID, user_id: UUID, note_id: UUID, text: str
) -> NoteRow | None:
    """Write a note of the user's call anew; None: there is no such one."""
    (sealed,) = await NOTES.seal(connection, user_id, note_id, text=text)
    record = await connection.fetchrow(_CHANGE, note_id, call_id, sealed)
    return await NOTES.one(connection, record, NoteRow)


async def delete_note(connection: Connection, call_id: UUID, note_id: UUID) -> bool:
    """Delete a note of the call; False if there is no such one."""
    return await connection.fetchval(_DELETE, note_id, call_id) is True


async def notes_of_call(connection: Connection, call_id: UUID) -> list[NoteRow]:
    """The call's notes, oldest first."""
    return await NOTES.many(connection, await connection.fetch(_NOTES_OF_CALL, call_id), NoteRow)


async def exported_tags(
    connection: Connection, user_id: UUID, after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """The tags on a person's calls after this place, as rows."""
    return await _exported(connection, TAGS, "call_tags", user_id, after, limit)


async def exported_notes(
    connection: Connection, user_id: UUID, after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """The notes on a person's calls after this place, as rows."""
    return await _exported(connection, NOTES, "call_notes", user_id, after, limit)


async def _exported(
    connection: Connection,
    sealed: Sealed,
    name: str,
    user_id: UUID,
    after: Place | None,
    limit: int,
) -> list[dict[str, Any]]:
    place = after or (None, None)
    records = await connection.fetch(_EXPORTED[name], user_id, *place, limit)
    return await open_all(connection, records, sealed)
