"""Calls for later as they are asked for, read, looked at and kept, however many at once.

All of them are one transaction, so a node that dies in it leaves none; each is taken or refused by
itself. What cannot be read is refused without a look at any row, and the same person, agent and
words are looked at once.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

import msgspec

from db import scheduled_calls
from db.consent import contacts
from db.privacy import erasures
from db.scheduled_calls import NewScheduledCall, ScheduledRow
from server.accounts import actions as accounts
from server.accounts.addresses import own_addresses
from server.calls.actions import agent_for
from server.calls.writing import CALL_DUE
from server.consent import reach
from server.consent.actions import MOST_WORDING
from server.core.config import Config
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.phone_numbers import callable_number, without_extension
from server.core.times import rfc3339
from server.core.transaction import Transaction
from server.core.validation import one_line
from server.scheduled_calls.deps import SchedulingDeps
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


class Wanted(msgspec.Struct, frozen=True):
    """A call to be kept, the number to be called, and the words in which its owner agreed."""

    call: NewScheduledCall
    number: str
    words: str | None


async def keep(
    deps: SchedulingDeps, who: Identity, entries: Sequence[Asked], keys: Sequence[str | None],
    batch_id: uuid.UUID | None = None,
) -> list[ScheduledRow | AppError]:  # fmt: skip
    """What becomes of each, in their order; of a key that was used the call that there is.

    Raises AppError("account_closed").
    """
    own = None if all(one.to for one in entries) else await accounts.own_number(deps, who)
    async with deps.transaction() as tx:
        waiting = await scheduled_calls.count(tx.connection, who.user_id)
        if await erasures.is_begun(tx.connection, who.user_id):
            raise AppError("account_closed")
        used = [key for key in keys if key is not None]
        known = await scheduled_calls.by_keys(tx.connection, who.user_id, used)
        found: list[ScheduledRow | Wanted | AppError] = [
            known.get(key or "") or read(deps.config, asked, own, key, tx.now)
            for asked, key in zip(entries, keys, strict=True)
        ]
        wanted = [one for one in found if isinstance(one, Wanted)]
        refused = await _refused(deps, tx, who, wanted, waiting)
        taken = [one.call for one in wanted if one.call.id not in refused]
        rows = await scheduled_calls.insert(tx.connection, who.user_id, taken, batch_id)
        for row in rows.values():
            emit(tx, row)
            wait = (row.starts_at - tx.now).total_seconds()
            tx.enqueue(CALL_DUE, str(row.id), after_seconds=max(0.0, wait))
    outcome: dict[uuid.UUID, ScheduledRow | AppError] = {**refused, **rows}
    return [outcome[one.call.id] if isinstance(one, Wanted) else one for one in found]


def read(
    config: Config, asked: Asked, own: str | None, key: str | None, now: dt.datetime
) -> Wanted | AppError:
    """What was asked for, or what of it cannot be read; `own` is called where no number is given.
    Pure."""
    try:
        topic = one_line(asked.topic, "topic", config.calls.max_topic_characters)
        words = asked.consent and one_line(asked.consent, "consent", MOST_WORDING)
        typed = asked.to or own
        if typed is None:
            raise AppError("number_required")
        plain, digits = without_extension(typed)
        number = callable_number(
            plain, config.calls.allowed_countries, config.calls.denied_prefixes
        )
        starts_at = moment(asked.start_at, now, config.scheduled.ahead_days)
    except AppError as refused:
        return refused
    as_typed = typed.strip() if digits else number
    return Wanted(
        NewScheduledCall(uuid.uuid4(), as_typed, topic, starts_at, asked.agent, key), number, words
    )


def moment(asked: dt.datetime | None, now: dt.datetime, ahead_days: int) -> dt.datetime:
    """When a call is to begin; none asked for is now. Raises AppError("bad_request")."""
    if asked is None:
        return now
    last = now + dt.timedelta(days=ahead_days)
    if not now - _PAST <= asked <= last:
        raise AppError("bad_request", f"`start_at` must be between now and {rfc3339(last)}.")
    return asked.astimezone(dt.UTC)


async def _refused(
    deps: SchedulingDeps, tx: Transaction, who: Identity, wanted: Sequence[Wanted], waiting: int
) -> dict[uuid.UUID, AppError]:
    """Those that are not to be kept, and why; `waiting` are there already. Each counts, also what
    is refused."""
    most, config = deps.config.scheduled.most_per_user, deps.config
    await contacts.note_own(tx.connection, who.user_id, own_addresses(who))
    waits = await reach.count_scheduled(tx.connection, config, who.user_id, len(wanted))
    refused: dict[uuid.UUID, AppError] = {}
    seen: dict[tuple[str | None, str, str | None], AppError | None] = {}
    for one, wait in zip(wanted, waits, strict=True):
        case = (one.call.agent, one.number, one.words)
        error: AppError | None
        if wait is not None:
            error = AppError("too_many_calls", retry_after=wait)
        elif waiting >= most:
            error = AppError("too_many", f"{most} scheduled calls wait; call one off.", most=most)
        else:
            if case not in seen:
                seen[case] = await _refusal(deps, tx, who, case)
            error = seen[case]
        if error is None:
            waiting += 1
        else:
            refused[one.call.id] = error
    return refused


async def _refusal(
    deps: SchedulingDeps, tx: Transaction, who: Identity, case: tuple[str | None, str, str | None]
) -> AppError | None:
    agent, number, words = case
    try:
        await agent_for(deps, tx.connection, who, agent)
        await reach.may_reach(tx, deps.config, who.user_id, "calls", number, words)
    except AppError as refused:
        return refused
    return None
