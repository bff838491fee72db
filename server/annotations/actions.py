"""What people can do with tags and notes: see them, write them, change them, delete them.

Whoever may see a call sees what is written on it; its owner and operators write. Nothing is noted
or told of a tag that is there already, or is not.
"""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unicodedata import category

import msgspec

from db import annotations, calls
from db.annotations import NoteRow, UsedTag
from db.calls import CallRow
from server.accounts import access
from server.annotations.wire import CallNoted, CallNoteDeleted, CallTagged, note_out
from server.audit.acts import AnnotationVerb, by
from server.audit.notes import note
from server.core.errors import AppError
from server.core.events import Event, of_call
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.transaction import Transaction
from server.core.validation import one_line, some_text

MOST_TAG_CHARACTERS = 40
MOST_TAGS = 20
MOST_NOTE_CHARACTERS = 2000
MOST_NOTES = 50
MOST_USED = 500  # tags that somebody may choose from
_BESIDE_LETTERS = frozenset(" -_.\u200c\u200d")  # the last two spell Persian and Hindi


class Annotations(msgspec.Struct, frozen=True):
    """What is written on a call, oldest first."""

    tags: list[str]
    notes: list[NoteRow]


async def read(deps: Node, who: Identity, call_id: uuid.UUID) -> Annotations:
    """Tags and notes of a call. Raises AppError("not_found")."""
    await access.one(deps, who, "calls", call_id, calls.get_any)
    async with deps.pools.as_service() as connection:
        return Annotations(
            await annotations.tags_of_call(connection, call_id),
            await annotations.notes_of_call(connection, call_id),
        )


async def used(deps: Node, who: Identity) -> list[UsedTag]:
    """The tags on the asker's own calls, by their words."""
    async with deps.pools.as_service() as connection:
        return await annotations.tags_of_user(connection, who.user_id, MOST_USED)


async def tag(deps: Node, who: Identity, call_id: uuid.UUID, words: str) -> list[str]:
    """Put a tag on a call, once in any case; the call's tags.

    Raises AppError: not_found, forbidden, bad_request, too_many.
    """
    words = new_tag(words)
    async with _writing(deps, who, call_id, "call.tagged") as (tx, row):
        is_new = await annotations.tag(tx.connection, row.id, row.user_id, words)
        found = await annotations.tags_of_call(tx.connection, row.id)
        if len(found) > MOST_TAGS:
            raise AppError("too_many", f"A call has {MOST_TAGS} tags at most; take one off.")
        if is_new:
            _tell(tx, who, row, "call.tagged", CallTagged(found))
    return found


async def untag(deps: Node, who: Identity, call_id: uuid.UUID, words: str) -> list[str]:
    """Take a tag off a call, if it has it; the call's tags. Raises as `tag`."""
    words = checked_tag(words)
    async with _writing(deps, who, call_id, "call.untagged") as (tx, row):
        was_there = await annotations.untag(tx.connection, row.id, row.user_id, words)
        found = await annotations.tags_of_call(tx.connection, row.id)
        if was_there:
            _tell(tx, who, row, "call.untagged", CallTagged(found))
    return found


async def add(deps: Node, who: Identity, call_id: uuid.UUID, text: str) -> NoteRow:
    """Write a note on a call. Raises AppError: not_found, forbidden, bad_request, too_many."""
    text = some_text(text, "text", MOST_NOTE_CHARACTERS)
    async with _writing(deps, who, call_id, "call.noted") as (tx, row):
        if len(await annotations.notes_of_call(tx.connection, row.id)) >= MOST_NOTES:
            raise AppError("too_many", f"A call has {MOST_NOTES} notes at most; delete one.")
        written = await annotations.add_note(tx.connection, row.id, row.user_id, who.user_id, text)
        _tell(tx, who, row, "call.noted", CallNoted(note_out(written)))
    return written


async def change(
    deps: Node, who: Identity, call_id: uuid.UUID, note_id: uuid.UUID, text: str
) -> NoteRow:
    """Write a note anew. Raises AppError: not_found, forbidden, bad_request."""
    text = some_text(text, "text", MOST_NOTE_CHARACTERS)
    async with _writing(deps, who, call_id, "call.note_changed") as (tx, row):
        written = await annotations.change_note(tx.connection, row.id, row.user_id, note_id, text)
        if written is None:
            raise AppError("not_found", "There is no such note on this call, or no more.")
        _tell(tx, who, row, "call.note_changed", CallNoted(note_out(written)))
    return written


async def delete(deps: Node, who: Identity, call_id: uuid.UUID, note_id: uuid.UUID) -> None:
    """Delete a note. Raises AppError: not_found, forbidden."""
    async with _writing(deps, who, call_id, "call.note_deleted") as (tx, row):
        if not await annotations.delete_note(tx.connection, row.id, note_id):
            raise AppError("not_found", "There is no such note on this call, or no more.")
        _tell(tx, who, row, "call.note_deleted", CallNoteDeleted(note_id))


def checked_tag(given: str) -> str:
    """A tag as it is kept. Raises AppError("bad_request"); pure."""
    words = one_line(given, "tag", MOST_TAG_CHARACTERS)
    if not all(one in _BESIDE_LETTERS or category(one)[0] in "LMN" for one in words):
        raise AppError("bad_request", "`tag` holds letters, digits, spaces, `-`, `_` and `.` only.")
    return words


def new_tag(given: str) -> str:
    """The same, with something to read: dots alone lead to another address. Raises as that."""
    words = checked_tag(given)
    if not any(map(str.isalnum, words)):
        raise AppError("bad_request", "`tag` needs a letter or a digit.")
    return words


@asynccontextmanager
async def _writing(
    deps: Node, who: Identity, call_id: uuid.UUID, what: AnnotationVerb
) -> AsyncIterator[tuple[Transaction, CallRow]]:
    """A transaction in which nobody else writes on the call, so that what is told is all of it."""
    seen = await access.one(deps, who, "calls", call_id, calls.get_any)
    await access.refuse_to_act(deps, who, seen.user_id, what, f"call:{call_id}")
    async with deps.transaction() as tx:
        row = await calls.lock(tx.connection, call_id)
        if row is None:
            raise AppError("not_found")
        yield tx, row


def _tell(tx: Transaction, who: Identity, row: CallRow, what: AnnotationVerb, event: Event) -> None:
    note(tx, what, by=by(who), user_id=row.user_id, subject=f"call:{row.id}")
    tx.emit(event, of_call(row.user_id, row.id))
