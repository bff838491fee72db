"""REST for tags and notes of calls: parse, act, reply."""

import uuid
from typing import Annotated

import msgspec
from msgspec import Meta

from server.annotations import actions
from server.annotations.actions import MOST_NOTE_CHARACTERS
from server.annotations.wire import NoteOut, note_out
from server.core.identity.auth import Identity
from server.core.node import Node
from server.http.routing import Deleted, Route

CALL = "/v1/calls/<uuid:call_id>"
TAG = f"{CALL}/tags/<path:tag>"  # one with a slash is refused by what a tag may hold
NOTES = f"{CALL}/notes"
NOTE = f"{NOTES}/<uuid:note_id>"


class WriteNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be noted: lines of printable characters."""

    text: Annotated[
        str,
        Meta(min_length=1, max_length=MOST_NOTE_CHARACTERS, examples=["Call back in May."],
             extra_json_schema={"pattern": r"^[!-~]([ -~]{0,198}[!-~])?$"}),
    ]  # fmt: skip


class CallTags(msgspec.Struct, frozen=True):
    """All tags of the call, oldest first."""

    call_id: uuid.UUID
    tags: list[str]


class CallAnnotations(CallTags, frozen=True):
    """What is written on the call, oldest first."""

    notes: list[NoteOut]


class TagOut(msgspec.Struct, frozen=True):
    """A tag as it was first written, and how many of the user's calls have it."""

    tag: str
    calls: int


class UsedTags(msgspec.Struct, frozen=True):
    """By their words."""

    tags: list[TagOut]


async def _read(deps: Node, who: Identity, call_id: uuid.UUID) -> CallAnnotations:
    found = await actions.read(deps, who, call_id)
    return CallAnnotations(call_id, found.tags, [note_out(row) for row in found.notes])


async def _used(deps: Node, who: Identity) -> UsedTags:
    return UsedTags([TagOut(one.tag, one.calls) for one in await actions.used(deps, who)])


async def _tag(deps: Node, who: Identity, call_id: uuid.UUID, tag: str) -> CallTags:
    return CallTags(call_id, await actions.tag(deps, who, call_id, tag))


async def _untag(deps: Node, who: Identity, call_id: uuid.UUID, tag: str) -> CallTags:
    return CallTags(call_id, await actions.untag(deps, who, call_id, tag))


async def _add(deps: Node, who: Identity, call_id: uuid.UUID, body: WriteNote) -> NoteOut:
    return note_out(await actions.add(deps, who, call_id, body.text))


async def _change(
    deps: Node, who: Identity, call_id: uuid.UUID, note_id: uuid.UUID, body: WriteNote
) -> NoteOut:
    return note_out(await actions.change(deps, who, call_id, note_id, body.text))


async def _delete(deps: Node, who: Identity, call_id: uuid.UUID, note_id: uuid.UUID) -> Deleted:
    await actions.delete(deps, who, call_id, note_id)
    return Deleted(note_id)


ROUTES = (
    Route("GET", "/v1/calls/tags", _used, UsedTags, "The tags on the user's calls"),
    Route("GET", f"{CALL}/annotations", _read, CallAnnotations, "Tags and notes of a call"),
    Route("PUT", TAG, _tag, CallTags, "Put a tag on the call, if it is not there"),
    Route("DELETE", TAG, _untag, CallTags, "Take a tag off the call, if it is there"),
    Route("POST", NOTES, _add, NoteOut, "Write a note on the call", WriteNote, status=201),
    Route("PUT", NOTE, _change, NoteOut, "Write the note anew", WriteNote),
    Route("DELETE", NOTE, _delete, Deleted, "Delete the note"),
)
