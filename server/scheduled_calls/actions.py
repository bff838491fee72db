"""What people can do with scheduled calls: make one or a batch, see them, call one off.

What can be refused at once is, and a consent is put on record; the plan's limit, wishes to stop and
the rest are looked at again when the call is placed.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

import msgspec

from db import scheduled_calls
from db.scheduled_calls import ScheduledRow, Status
from server.accounts import actions as accounts
from server.calls.deps import CallDeps
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.scheduled_calls.deps import SchedulingDeps
from server.scheduled_calls.keeping import Asked, keep
from server.scheduled_calls.wire import emit


async def schedule(
    deps: SchedulingDeps, who: Identity, asked: Asked, key: str | None = None
) -> ScheduledRow:
    """Keep the call for later.

    Raises AppError: bad_request, number_required, invalid_number, country_not_allowed, opted_out,
    own_only, consent_required, unknown_agent, agent_deleted, agent_language, too_many,
    too_many_calls, account_closed.
    """
    (found,) = await keep(deps, who, [asked], [key])
    if isinstance(found, AppError):
        raise found
    return found


async def schedule_batch(
    deps: SchedulingDeps, who: Identity, entries: Sequence[Asked], key: str | None
) -> tuple[uuid.UUID, list[ScheduledRow | AppError]]:
    """Each of these, in their order, as if it were asked for alone, and counted as a request of its
    own unless it was there already; the batch's id, and for each its row or why it was refused."""
    batch_id, more = uuid.uuid4(), len(entries) - 1
    accounts.count_more(deps, who, more)
    # no header holds U+001F, so no other key is one of these
    keys = [None if key is None else f"{key}\x1f{place}" for place in range(len(entries))]
    found = await keep(deps, who, entries, keys, batch_id)
    known = sum(isinstance(one, ScheduledRow) and one.batch_id != batch_id for one in found)
    accounts.count_more(deps, who, -min(known, more))
    return batch_id, found


async def read(deps: CallDeps, who: Identity, scheduled_id: uuid.UUID) -> ScheduledRow:
    """One of the asker's. Raises AppError("not_found")."""
    async with deps.pools.as_service() as connection:
        row = await scheduled_calls.get(connection, who.user_id, scheduled_id)
    if row is None:
        raise AppError("not_found")
    return row


async def page(
    deps: CallDeps, who: Identity, limit: int, status: Status | None,
    before: tuple[dt.datetime, uuid.UUID] | None,
) -> list[ScheduledRow]:  # fmt: skip
    """The asker's, newest first, one more than `limit` where there are more."""
    async with deps.pools.as_service() as connection:
        return await scheduled_calls.page(
            connection, who.user_id, limit=limit + 1, status=status, before=before
        )


async def cancel(deps: CallDeps, who: Identity, scheduled_id: uuid.UUID) -> ScheduledRow:
    """Call it off; once more changes nothing. Raises AppError: not_found, wrong_state."""
    async with deps.transaction() as tx:
        row = await scheduled_calls.lock(tx.connection, scheduled_id)
        if row is None or row.user_id != who.user_id:
            raise AppError("not_found")
        if row.status == "canceled":
            return row
        if row.status == "calling":
            raise AppError("wrong_state", "It is being called just now; hang up that call.")
        if row.status != "scheduled":
            raise AppError("wrong_state", f"It is over: {row.status}.")
        row = await scheduled_calls.change(
            tx.connection, msgspec.structs.replace(row, status="canceled")
        )
        emit(tx, row)
    return row
