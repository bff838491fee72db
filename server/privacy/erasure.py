"""Forgetting a person: asked for once, and done step by step as a job that any node may go on with.

There is no time of grace: who types their own address means it. Each step may be done again after a
crash, and is written down when it is done; the last mail alone is written down before, as it must
not come twice. Whatever was still on its way (a request let in a moment before, a vendor's late
word) is looked for again shortly after, and every night for a month. Nothing personal is logged.
"""

import uuid
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import structlog

from db import retention
from db.accounts import users
from db.accounts.users import UserRow
from db.privacy import erasures
from db.privacy.erasures import ErasureRow
from server.audit.acts import Actor, by
from server.audit.notes import note, only_operators
from server.core.errors import AppError, NotYetError
from server.core.events import of_plan
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.times import rfc3339
from server.privacy import erasure_steps as steps
from server.privacy import everywhere
from server.privacy.deps import PrivacyDeps
from server.privacy.wire import AccountErased, AccountErasing, ErasureOut

log = structlog.get_logger(__name__)

JOB = "erase"  # its subject is the user's id
HELD_SECONDS = 3600.0
AGAIN_SECONDS = 150.0  # by then no node lets the person in
LATE_DAYS = 35  # longer than any vendor tells late

Step: TypeAlias = Callable[[PrivacyDeps, ErasureRow], Awaitable[str | None]]
STEPS: tuple[tuple[str, Step], ...] = (
    ("calls", steps.end_calls),
    ("plan", steps.end_plan),
    ("mail", steps.say_goodbye),
    ("sign_in", steps.end_sign_in),
    ("rows", steps.delete_rows),
    ("key", steps.destroy_key),
)
WHILE_HELD = {"calls", "plan"}  # nothing of ours is deleted by them, and nobody pays on


async def ask(deps: PrivacyDeps, who: Identity, confirm: str) -> ErasureOut:
    """The asker is to be forgotten. Raises AppError("confirmation_required")."""
    return await _ask(deps, who, who.user_id, [who.email, who.phone], confirm)


async def ask_for(deps: PrivacyDeps, who: Identity, user_id: uuid.UUID, confirm: str) -> ErasureOut:
    """An operator has somebody forgotten; asked again, it tells how far it came.

    Raises AppError: forbidden, not_found, confirmation_required.
    """
    await only_operators(deps, who, "erasure")
    return await _ask(deps, who, user_id, [str(user_id)], confirm)


async def _ask(
    deps: PrivacyDeps, who: Identity, user_id: uuid.UUID, names: list[str | None], confirm: str
) -> ErasureOut:
    async with deps.pools.as_service() as connection:
        row = await users.get(connection, user_id)
        known = await erasures.get(connection, user_id)
    if row is None:
        raise AppError("not_found")
    if known is None:
        if not is_confirmed(confirm, [row.email, *names]):
            raise AppError("confirmation_required")
        known = await begin(deps, row, who.user_id, by(who))
    await everywhere.tell(deps, user_id)
    return out(known)


def is_confirmed(typed: str, names: list[str | None]) -> bool:
    """Whether it is one of the names by which the account is known."""
    folded = "".join(typed.split()).casefold()
    return folded in {name.casefold() for name in names if name}


async def begin(deps: Node, user: UserRow, asked_by: uuid.UUID | None, by: Actor) -> ErasureRow:
    """Write the wish down, which closes the account, with the job that follows. Nobody is told that
    a legal hold puts it off, as that may be confidential."""
    async with deps.transaction() as tx:
        if await erasures.begin(tx.connection, user.id, asked_by):
            tx.emit(AccountErasing(rfc3339(tx.now) or ""), of_plan(user.id))
            tx.enqueue(JOB, str(user.id))
            note(tx, "person.erasure_asked", by=by, user_id=user.id)
        row = await erasures.get(tx.connection, user.id)
    if row is None:
        raise AssertionError("it was just written")
    return row


def out(row: ErasureRow) -> ErasureOut:
    """How far it came, as clients see it."""
    return ErasureOut(
        user_id=row.user_id,
        state="erasing" if row.done_at is None else "erased",
        asked_at=rfc3339(row.asked_at),
        done_at=rfc3339(row.done_at),
        steps=row.steps,
        remarks=row.remarks,
    )


async def work(deps: PrivacyDeps, subject: str) -> None:
    """Go on with the forgetting of the user with this id. Raises NotYetError for what cannot be
    done yet, and what vendors raise when they are away."""
    user_id = uuid.UUID(subject)
    async with deps.locks.of(f"erase:{subject}"):
        async with deps.pools.as_service() as connection:
            row = await erasures.get(connection, user_id)
            is_held = await retention.is_held(connection, user_id)
        if row is None:
            return
        await everywhere.tell(deps, user_id)
        if row.done_at is not None:
            if not is_held:
                await _look_again(deps, user_id)
            return
        for name, step in STEPS:
            if is_held and name not in WHILE_HELD:
                raise NotYetError("put off", HELD_SECONDS)
            if name not in row.steps:
                remark = await step(deps, row)
                async with deps.pools.as_service() as connection:
                    await erasures.note_step(connection, user_id, name, remark)
        await _finish(deps, user_id)


async def _finish(deps: PrivacyDeps, user_id: uuid.UUID) -> None:
    async with deps.transaction() as tx:
        await erasures.erase_person(tx.connection, user_id)
        if await erasures.finish(tx.connection, user_id):
            tx.emit(AccountErased(rfc3339(tx.now) or ""), of_plan(user_id))
            tx.enqueue(JOB, str(user_id), after_seconds=AGAIN_SECONDS)
            note(tx, "person.erased", user_id=user_id)
    log.info("account_erased", user_id=str(user_id))


async def _look_again(deps: Node, user_id: uuid.UUID) -> None:
    """Delete what came since."""
    await steps.delete_all(deps, user_id)
    async with deps.pools.as_service() as connection:
        await erasures.erase_person(connection, user_id)


async def look_again_at_all(deps: PrivacyDeps) -> None:
    """The nightly look for what came late of those who were forgotten in the last weeks."""
    async with deps.pools.as_service() as connection:
        found = await erasures.recent(connection, LATE_DAYS)
    for user_id in found:
        async with deps.locks.of(f"erase:{user_id}"):
            async with deps.pools.as_service() as connection:
                is_held = await retention.is_held(connection, user_id)
            if not is_held:
                await _look_again(deps, user_id)
