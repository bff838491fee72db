"""REST for calls: parse, act, reply."""

import uuid
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from server.calls import actions as calls
from server.calls.deps import CallDeps
from server.calls.verbs import ONE, VERBS, routes
from server.calls.wire import CallOut, call_out
from server.core.auth import Identity
from server.core.times import rfc3339, utc
from server.core.validation import AgentName, PhoneNumber, Topic
from server.history.replay import shown
from server.http.paging import PageQuery, next_cursor, read_cursor
from server.http.routing import Route


class StartCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`to` defaults to the user's verified number; `consent` are the words in which the person
    called agreed to it; `agent` talks, by id or slug, as it is now."""

    topic: Topic
    to: PhoneNumber | None = None
    consent: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    agent: AgentName | None = None


class CallPage(msgspec.Struct, frozen=True):
    """Calls, newest first; `cursor` is null on the last page."""

    calls: list[CallOut]
    cursor: str | None


class TurnOut(msgspec.Struct, frozen=True):
    """One turn: what was meant (`spoken`) and what reached the other side (`heard`)."""

    at: str | None
    speaker: str
    spoken: str
    heard: str


class Transcript(msgspec.Struct, frozen=True):
    """A call's words."""

    call_id: uuid.UUID
    turns: list[TurnOut]


class JournalLine(msgspec.Struct, frozen=True):
    """One event that reached the call's decisions."""

    seq: int
    at: str | None
    event: Any


class Journal(msgspec.Struct, frozen=True):
    """All of them, in order."""

    call_id: uuid.UUID
    events: list[JournalLine]


async def _start(deps: CallDeps, who: Identity, body: StartCall, key: str | None) -> CallOut:
    request = calls.CallRequest(body.topic, body.to, key, consent=body.consent, agent=body.agent)
    return call_out(await calls.start(deps, who, request))


async def _get(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> CallOut:
    return call_out(await calls.read(deps, who, call_id))


async def _list(deps: CallDeps, who: Identity, query: PageQuery) -> CallPage:
    page = await calls.page(deps, who, query.limit, read_cursor(query.cursor))
    cursor = next_cursor(page.cursor)
    return CallPage([call_out(row) for row in page.rows], cursor)


async def _transcript(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> Transcript:
    turns = await calls.transcript(deps, who, call_id)
    return Transcript(
        call_id,
        [TurnOut(rfc3339(utc(turn.at)), turn.speaker, turn.text, turn.heard) for turn in turns],
    )


async def _journal(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> Journal:
    rows = await calls.events(deps, who, call_id)
    return Journal(call_id, [JournalLine(row.seq, rfc3339(row.at), shown(row)) for row in rows])


ROUTES = (
    Route("POST", "/v1/calls", _start, CallOut, "Phone the user about a topic", StartCall,
          status=201, keyed=True),
    Route("GET", "/v1/calls", _list, CallPage, "The user's calls, newest first", query=PageQuery),
    Route("GET", ONE, _get, CallOut, "One call"),
    Route("GET", f"{ONE}/transcript", _transcript, Transcript, "What was said and what was heard"),
    Route("GET", f"{ONE}/journal", _journal, Journal, "Every event that decided the call"),
    *routes(VERBS),
)  # fmt: skip
