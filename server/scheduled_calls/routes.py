"""REST for scheduled calls: parse, act, reply."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from db.scheduled_calls import ScheduledRow, Status
from server.calls.deps import CallDeps
from server.core.errors import AppError, problem
from server.core.identity.auth import Identity
from server.core.validation import AgentName, PhoneNumber, Topic
from server.http.paging import PageQuery, next_cursor, read_cursor
from server.http.routing import Nothing, Route
from server.scheduled_calls import actions
from server.scheduled_calls.deps import SchedulingDeps
from server.scheduled_calls.keeping import Asked
from server.scheduled_calls.wire import ScheduledCallOut, scheduled_call_out

ALL = "/v1/scheduled-calls"
ONE = f"{ALL}/<uuid:scheduled_id>"
MOST = 100  # in one batch


class ScheduleCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call at `start_at`, a time with a zone; without one as soon as it may be. `to` defaults to
    the user's verified number; `consent` are the words in which the person called agreed to it;
    `agent` talks, by id or slug, as it is then."""

    topic: Topic
    to: PhoneNumber | None = None
    start_at: Annotated[dt.datetime, Meta(tz=True, examples=["2026-12-01T17:30:00Z"])] | None = None
    consent: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    agent: AgentName | None = None

    def asked(self) -> Asked:
        return Asked(self.topic, self.to, self.start_at, self.consent, self.agent)


class ScheduleBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Many calls at once; each is taken or refused by itself."""

    calls: Annotated[tuple[ScheduleCall, ...], Meta(min_length=1, max_length=MOST)]


class ScheduledBatchEntry(msgspec.Struct, frozen=True):
    """What became of an entry: the scheduled call, or the problem document of its refusal."""

    scheduled_call: ScheduledCallOut | None
    problem: dict[str, Any] | None


class ScheduledBatch(msgspec.Struct, frozen=True):
    """What became of each entry, in their order; `id` is the `batch_id` of those taken."""

    id: uuid.UUID
    results: list[ScheduledBatchEntry]


class ScheduledQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """Those in this status, or all."""

    status: Status | None = None


class ScheduledCallPage(msgspec.Struct, frozen=True):
    """Newest first; `cursor` is null on the last page."""

    scheduled_calls: list[ScheduledCallOut]
    cursor: str | None


async def _schedule(
    deps: SchedulingDeps, who: Identity, body: ScheduleCall, key: str | None
) -> ScheduledCallOut:
    return scheduled_call_out(await actions.schedule(deps, who, body.asked(), key))


async def _batch(
    deps: SchedulingDeps, who: Identity, body: ScheduleBatch, key: str | None
) -> ScheduledBatch:
    entries = [one.asked() for one in body.calls]
    batch_id, found = await actions.schedule_batch(deps, who, entries, key)
    return ScheduledBatch(_id_of(batch_id, found), [_entry(one) for one in found])


def _id_of(made: uuid.UUID, found: Sequence[ScheduledRow | AppError]) -> uuid.UUID:
    """The batch that the first entry is of: with a key that was used, not the one just made."""
    taken = (one.batch_id for one in found if isinstance(one, ScheduledRow))
    return next(taken, None) or made


def _entry(found: ScheduledRow | AppError) -> ScheduledBatchEntry:
    if isinstance(found, AppError):
        return ScheduledBatchEntry(None, problem(found))
    return ScheduledBatchEntry(scheduled_call_out(found), None)


async def _list(deps: CallDeps, who: Identity, query: ScheduledQuery) -> ScheduledCallPage:
    rows = await actions.page(deps, who, query.limit, query.status, read_cursor(query))
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    place = None if last is None else (last.created_at, last.id)
    shown = [scheduled_call_out(row) for row in rows[: query.limit]]
    return ScheduledCallPage(shown, next_cursor(place, query))


async def _get(deps: CallDeps, who: Identity, scheduled_id: uuid.UUID) -> ScheduledCallOut:
    return scheduled_call_out(await actions.read(deps, who, scheduled_id))


async def _cancel(
    deps: CallDeps, who: Identity, scheduled_id: uuid.UUID, body: Nothing,  # noqa: ARG001
) -> ScheduledCallOut:  # fmt: skip
    return scheduled_call_out(await actions.cancel(deps, who, scheduled_id))


ROUTES = (
    Route("POST", ALL, _schedule, ScheduledCallOut, "Have a call placed later", ScheduleCall,
          status=201, keyed=True),
    Route("POST", f"{ALL}/batch", _batch, ScheduledBatch, "Have many calls placed", ScheduleBatch,
          keyed=True),
    Route("GET", ALL, _list, ScheduledCallPage, "The user's scheduled calls, newest first",
          query=ScheduledQuery),
    Route("GET", ONE, _get, ScheduledCallOut, "One scheduled call"),
    Route("POST", f"{ONE}/cancel", _cancel, ScheduledCallOut, "Call it off", Nothing),
)  # fmt: skip
