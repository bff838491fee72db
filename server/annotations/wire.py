"""Tags and notes as clients see them, and what is told of them."""

import uuid

import msgspec

from db.annotations import NoteRow
from server.core.events import Event
from server.core.times import rfc3339


class NoteOut(msgspec.Struct, frozen=True):
    """A note on a call; `author_id` is the call's owner or an operator."""

    id: uuid.UUID
    call_id: uuid.UUID
    author_id: uuid.UUID
    text: str
    created_at: str | None
    updated_at: str | None


class CallTagged(Event, frozen=True):
    """All tags that the call now has."""

    type = "call.tagged"
    tells = "A tag was put on the call, or taken off it"
    schema = "CallTagged"

    tags: list[str]


class CallNoted(Event, frozen=True):
    """The note as it now is."""

    type = "call.noted"
    tells = "A note was written on the call, or changed"
    schema = "CallNoted"

    note: NoteOut


class CallNoteDeleted(Event, frozen=True):
    """It is no more."""

    type = "call.note_deleted"
    tells = "A note on the call was deleted"
    schema = "CallNoteDeleted"

    note_id: uuid.UUID


def note_out(row: NoteRow) -> NoteOut:
    """A row as clients see it."""
    return NoteOut(
        row.id, row.call_id, row.author_id, row.text, rfc3339(row.created_at),
        rfc3339(row.updated_at),
    )  # fmt: skip
