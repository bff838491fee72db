"""What people can do with scheduled calls: make one or a batch, see them, call one off.

What can be refused at once is, and a consent is put on record; the plan's limit, wishes to stop and
the rest are looked at again when the call is placed.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

import msgspec

from db import scheduled_calls
from db.consent import contacts
from db.privacy import erasures
from db.scheduled_calls import NewScheduledCall, ScheduledRow, Status
from server.accounts import actions as accounts
from server.accounts.addresses import own_addresses
from server.calls.actions import agent_for
from server.calls.deps import CallDeps
from server.calls.writing import CALL_DUE
from server.consent import reach
from server.consent.actions import MOST_WORDING
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.phone_numbers import callable_number, without_extension
from server.core.times import rfc3339
from server.core.validation import one_line
from server.scheduled_calls.wire import emit

_PAST = dt.timedelta(minutes=1)  # clocks differ


class Asked(msgspec.Struct, frozen=True):
    """A request for a call at `start_at`, without one as soon as it may be. The rest is as of a
    call that is placed at once."""

    topic: str
    to: str | None = None
    start_at: dt.datetime | None = None
    consent: str | None = None
    agent: str | None = None


async def schedule(
    deps: CallDeps, who: Identity, asked: Asked, key: str | None = None,
    batch_id: uuid.UUID | None = None,
) -> ScheduledRow:  # fmt: skip
    """Keep the call for later.

    Raises AppError: bad_request, number_required, invalid_number, country_not_allowed, opted_out,
    own_only, consent_required, unknown_agent, agent_deleted, agent_language, too_many,
    account_closed.
    """
    config = deps.config
    topic = one_line(asked.topic, "topic", config.calls.max_topic_characters)
    words = one_line(asked.consent, "consent", MOST_WORDING) if asked.consent is not None else None
    typed = asked.to or await accounts.own_number(deps, who)
    if typed is None:
        raise AppError("number_required")
    plain, keys = without_extension(typed)
    number = callable_number(plain, config.calls.allowed_countries, config.calls.denied_prefixes)
    most = config.scheduled.most_per_user
    async with deps.transaction() as tx:
        connection = tx.connection
        starts_at = moment(asked.start_at, tx.now, config.scheduled.ahead_days)
        await agent_for(deps, connection, who, asked.agent)
        waiting = await scheduled_calls.count(connection, who.user_id)
        new = NewScheduledCall(
            uuid.uuid4(), who.user_id, typed.strip() if keys else number, topic, starts_at,
            asked.agent, batch_id, key,
        )  # fmt: skip
        row = await scheduled_calls.insert(connection, new)
        if row.id != new.id:  # the key has its call already
            return row
        if waiting >= most:
            raise AppError("too_many", f"{most} scheduled calls wait; call one off.", most=most)
        if await erasures.is_begun(connection, who.user_id):
            raise AppError("account_closed")
        await contacts.note_own(connection, who.user_id, own_addresses(who))
        await reach.may_reach(tx, config, who.user_id, "calls", number, words)
        emit(tx, row)
        wait = (starts_at - tx.now).total_seconds()
        tx.enqueue(CALL_DUE, str(row.id), after_seconds=max(0.0, wait))
    return row


def moment(asked: dt.datetime | None, now: dt.datetime, ahead_days: int) -> dt.datetime:
    """When a call is to begin; none asked for is now. Raises AppError("bad_request")."""
    if asked is None:
        return now
    last = now + dt.timedelta(days=ahead_days)
    if not now - _PAST <= asked <= last:
        raise AppError("bad_request", f"`start_at` must be between now and {rfc3339(last)}.")
    return asked.astimezone(dt.UTC)


async def schedule_batch(
    deps: CallDeps, who: Identity, entries: Sequence[Asked], key: str | None
) -> tuple[uuid.UUID, list[ScheduledRow | AppError]]:
    """Each of these, in their order, as if it were asked for alone; the batch's id, and for each
    its row or why it was refused."""
    batch_id, found = uuid.uuid4(), list[ScheduledRow | AppError]()
    for place, asked in enumerate(entries):
        own_key = None if key is None else f"{key}/{place}"
        try:
            found.append(await schedule(deps, who, asked, own_key, batch_id))
        except AppError as refused:
            found.append(refused)
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
