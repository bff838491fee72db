"""The job of a scheduled call: place it at its time, once an attempt, and see what follows.

The attempt is counted under the row's lock before the call is placed, and the call has the attempt
as its key: a node that dies in between leaves one call, whoever goes on. What the call came to is
looked at when it is over, as `server/calls/writing.py` has this job done then. Knows no requests.
"""

import uuid

import structlog
from msgspec.structs import replace

from db import calls, scheduled_calls
from db.calls import CallStatus
from db.consent import contacts
from db.scheduled_calls import ScheduledRow
from server.calls.actions import TERMINAL, CallRequest, start
from server.calls.deps import CallDeps
from server.calls.writing import CALL_DUE
from server.consent.hours import opens
from server.core.errors import AppError, NotYetError
from server.core.identity.auth import Identity
from server.core.phone_numbers import read_number, without_extension
from server.core.transaction import Transaction
from server.scheduled_calls import rules
from server.scheduled_calls.rules import Next
from server.scheduled_calls.wire import emit

log = structlog.get_logger(__name__)


async def attend(deps: CallDeps, subject: str) -> None:
    """Do what is due of the scheduled call with this id. Raises NotYetError before its time."""
    async with deps.transaction() as tx:
        row = await scheduled_calls.lock(tx.connection, uuid.UUID(subject))
        if row is not None:
            row = await _to_place(deps, tx, row)
    if row is not None:
        await _place(deps, row)


async def _to_place(deps: CallDeps, tx: Transaction, row: ScheduledRow) -> ScheduledRow | None:
    """The call if it is to be placed now, marked so; None if it is not, or no more."""
    is_again = row.status == "calling"
    if is_again:
        call = await calls.by_key(tx.connection, row.user_id, _key(row))
        if call is not None:
            await _after_call(deps, tx, replace(row, call_id=call.id), call.status)
            return None
        row = replace(row, attempts=row.attempts - 1)  # its node may have died before it placed it
    elif row.status != "scheduled":
        return None
    if row.next_at > tx.now:
        raise NotYetError("not yet", (row.next_at - tx.now).total_seconds())
    hindered = await _hindered(deps, tx, row)
    if hindered is not None:
        await _follow(tx, row, hindered)
        return None
    marked = replace(row, status="calling", attempts=row.attempts + 1, reason=None)
    return await _change(tx, marked, is_news=not is_again)


async def _after_call(
    deps: CallDeps, tx: Transaction, row: ScheduledRow, status: CallStatus
) -> None:
    if status in TERMINAL:
        following = rules.after_call(row, status, tx.now, deps.config.scheduled)
        await _follow(tx, row, following)
    else:
        await _change(tx, row, is_news=False)


async def _hindered(deps: CallDeps, tx: Transaction, row: ScheduledRow) -> Next | None:
    config, connection = deps.config, tx.connection
    number = read_number(without_extension(row.phone_number)[0])
    hindered = rules.before_call(
        row, await opens(connection, config, number, tx.now), tx.now, config.scheduled,
        is_own=await contacts.is_own(connection, row.user_id, number),
    )  # fmt: skip
    if hindered is not None or row.status == "calling":
        return hindered
    if not await contacts.has_consent(connection, row.user_id, number, "calls"):
        return Next("failed", "consent_required")  # there was one: it was taken back meanwhile
    if await calls.at_once(connection, row.user_id) >= config.calls.at_once_per_user:
        return rules.after_refusal(row, "too_many_at_once", 0, tx.now, config.scheduled)
    return None


async def _place(deps: CallDeps, row: ScheduledRow) -> None:
    who = Identity(row.user_id, None, None, admin=False, expires_at=0.0, claims={})
    request = CallRequest(
        row.topic, row.phone_number, _key(row), agent=row.agent, scheduled_id=row.id
    )
    call, refused = None, None
    try:
        call = await start(deps, who, request)
    except AppError as error:
        refused = error
        log.info("scheduled_call_refused", code=error.code)
    async with deps.transaction() as tx:
        now = await scheduled_calls.lock(tx.connection, row.id)
        if now is None or now.attempts != row.attempts:
            return  # what this attempt came to is known already
        if call is not None:
            await _change(tx, replace(now, call_id=call.id))
            if call.status in TERMINAL:  # it was placed before, by a node that did not get here
                tx.enqueue(CALL_DUE, str(row.id))
        elif refused is not None and now.status == "calling":
            wait = float(refused.extra.get("retry_after", 0))
            settings = deps.config.scheduled
            following = rules.after_refusal(now, refused.code, wait, tx.now, settings)
            await _follow(tx, replace(now, attempts=now.attempts - 1), following)


async def _follow(tx: Transaction, row: ScheduledRow, following: Next) -> None:
    at = following.at or row.next_at
    after = replace(row, status=following.status, reason=following.reason, next_at=at)
    is_news = (after.status, after.reason) != (row.status, row.reason)  # else it waits on
    await _change(tx, after, is_news=is_news)
    if following.status == "scheduled":
        wait = (at - tx.now).total_seconds()
        tx.enqueue(CALL_DUE, str(row.id), after_seconds=max(0.0, wait))


async def _change(tx: Transaction, row: ScheduledRow, *, is_news: bool = True) -> ScheduledRow:
    row = await scheduled_calls.change(tx.connection, row)
    if is_news:
        emit(tx, row)
    return row


def _key(row: ScheduledRow) -> str:
    """Under which the call of this attempt is placed once."""
    return f"scheduled:{row.id}:{row.attempts}"
