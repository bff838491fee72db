"""REST for calls: parse, act, reply."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from db.calls import CallRow, CallStatus, Direction
from db.core.visible import Sort, Wanted
from db.history.journal import JournalRow
from media.dialogue import Turn
from server.accounts.access import Page, PageOf
from server.calls import actions as calls
from server.calls.deps import CallDeps
from server.calls.verbs import ONE, VERBS, routes
from server.calls.wire import CallOut, call_out
from server.core.identity.auth import Identity
from server.core.times import rfc3339, utc
from server.core.validation import AgentName, PhoneNumber, Topic
from server.history.replay import shown
from server.http.paging import (
    AnyTopic,
    ByTime,
    ListQuery,
    PageQuery,
    Search,
    beginning,
    check_expanded,
    end,
    kept,
    next_cursor,
    read_cursor,
    read_number_cursor,
    searched,
)
from server.http.routing import Route


class StartCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`to` defaults to the user's verified number; `consent` are the words in which the person
    called agreed to it; `agent` talks, by id or slug, as it is now."""

    topic: Topic
    to: PhoneNumber | None = None
    consent: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    agent: AgentName | None = None


Seconds: TypeAlias = Annotated[
    int, Meta(ge=0, le=2**31 - 1, description="Of `duration_seconds`, 0 where there is none.")
]
AnyTag: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=40, description="Calls with this tag, in any case.")
]
Expand: TypeAlias = Literal["transcript"]


class CallFilters(ListQuery, frozen=True, forbid_unknown_fields=True):
    """Lengths are `duration_seconds`, which counts as 0 where there is none."""

    status: CallStatus | None = None
    min_duration_seconds: Seconds | None = None
    max_duration_seconds: Seconds | None = None


class CallsQuery(CallFilters, frozen=True, forbid_unknown_fields=True):
    """`sort` has "-" for the largest first; with `expand` or `search`, a page is of 20 calls at
    most. With `search` it holds those of them that have the words: fewer, or none, also before the
    last page."""

    topic: AnyTopic | None = None
    tag: AnyTag | None = None
    direction: Direction | None = None
    search: Search | None = None
    sort: Literal[ByTime, "duration_seconds", "-duration_seconds"] = "-created_at"
    expand: Expand | None = None


class CallQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`expand`: what to put into the call."""

    expand: Expand | None = None


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


class CallExpanded(CallOut, frozen=True, omit_defaults=True):
    """A call, with its words where `expand=transcript` asked for them."""

    transcript: list[TurnOut] | None = None


class CallPage(msgspec.Struct, frozen=True):
    """Calls in the order that was asked for; `cursor` is null on the last page."""

    calls: list[CallExpanded]
    cursor: str | None


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


async def _get(deps: CallDeps, who: Identity, call_id: uuid.UUID, query: CallQuery) -> CallExpanded:
    row = await calls.read(deps, who, call_id)
    return (await _expanded(deps, [row], query.expand))[0]


async def _list(deps: CallDeps, who: Identity, query: CallsQuery) -> CallPage:
    check_expanded(query, query.expand or query.search)
    by_time = query.sort.endswith("created_at")
    after = read_cursor(query) if by_time else read_number_cursor(query)
    sought = wanted(
        query, topic=query.topic, tag=query.tag, direction=query.direction, sort=query.sort
    )
    page = await calls.page(deps, who, PageOf(query.limit, after, sought))
    rows = page.rows
    if (words := searched(query.search)) is not None:
        rows = await calls.mentioning(deps, rows, words)
    shown = await _expanded(deps, rows, query.expand)
    return CallPage(shown, next_cursor(page.cursor, query))


def wanted(
    query: CallFilters, *, topic: str | None = None, tag: str | None = None,
    direction: Direction | None = None, sort: Sort = "-created_at",
) -> Wanted:  # fmt: skip
    """Which calls a query asks for. Raises AppError("bad_request")."""
    return Wanted(
        sort=sort,
        since=beginning(query.since, "since"),
        until=end(query.until, "until"),
        status=query.status,
        shortest=query.min_duration_seconds,
        longest=query.max_duration_seconds,
        topic=kept(topic),
        tag=kept(tag),
        direction=direction,
    )


def call_page(page: Page[CallRow], query: PageQuery) -> CallPage:
    """A page as clients see it, with nothing put into the calls."""
    return CallPage([_expandable(row) for row in page.rows], next_cursor(page.cursor, query))


def _expandable(row: CallRow) -> CallExpanded:
    return msgspec.convert(call_out(row), CallExpanded, from_attributes=True)


async def _expanded(
    deps: CallDeps, rows: list[CallRow], expand: Expand | None
) -> list[CallExpanded]:
    shown = [_expandable(row) for row in rows]
    if expand is None:
        return shown
    found = await calls.transcripts(deps, rows)
    return [msgspec.structs.replace(one, transcript=_turns(found[one.id])) for one in shown]


def _turns(turns: Sequence[Turn]) -> list[TurnOut]:
    return [TurnOut(rfc3339(utc(turn.at)), turn.speaker, turn.text, turn.heard) for turn in turns]


async def _transcript(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> Transcript:
    return Transcript(call_id, _turns(await calls.transcript(deps, who, call_id)))


async def _journal(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> Journal:
    rows = await calls.events(deps, who, call_id)
    return Journal(call_id, await asyncio.to_thread(_lines, rows))


def _lines(rows: Sequence[JournalRow]) -> list[JournalLine]:
    return [JournalLine(row.seq, rfc3339(row.at), shown(row)) for row in rows]


ROUTES = (
    Route("POST", "/v1/calls", _start, CallOut, "Phone the user about a topic", StartCall,
          status=201, keyed=True),
    Route("GET", "/v1/calls", _list, CallPage, "The user's calls, newest first",
          query=CallsQuery),
    Route("GET", ONE, _get, CallExpanded, "One call", query=CallQuery),
    Route("GET", f"{ONE}/transcript", _transcript, Transcript, "What was said and what was heard"),
    Route("GET", f"{ONE}/journal", _journal, Journal, "Every event that decided the call"),
    *routes(VERBS),
)  # fmt: skip
