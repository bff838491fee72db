"""Writing an act down, in the transaction that does it; and looks, which have none of their own.

What is kept of an address is its keyed hash. Subjects, reasons and data hold ids, counts and names
of tables: never a number, an address or anybody's words.
"""

import datetime as dt
import uuid
from typing import Any

import msgspec

from db import audit
from db.audit import NewAct
from server.audit.acts import SYSTEM, Action, Actor, by, origin
from server.audit.keys import hashed
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.transaction import Transaction

_SECOND_FACTOR = "Sign in with your second factor."
DENIED_AGAIN = dt.timedelta(hours=1)


def note(
    tx: Transaction,
    action: Action,
    *,
    user_id: uuid.UUID | None = None,
    subject: str = "",
    address: str | None = None,
    by: Actor | None = None,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Write down, with this transaction, that something is done to what is `user_id`'s.

    `by` is the actor if it is not whoever signed in for this request, or the system; `address` the
    subject where it is one.
    """
    here = origin()
    actor = by or here.actor or SYSTEM
    if actor.id is not None and actor.id == user_id:
        actor = msgspec.structs.replace(actor, kind="user")
    if address is not None:
        subject = f"address:{(hashed(tx.audit_key, address) or b'').hex()}"
    tx.note(
        NewAct(
            actor_kind=actor.kind, actor_id=actor.id, actor_name=actor.name, action=action,
            user_id=user_id, subject=subject, request_id=here.request_id,
            address_hash=here.address_hash, reason=reason, data=data or {},
        )
    )  # fmt: skip


async def looked(deps: Node, who: Identity, user_id: uuid.UUID | None, what: str) -> None:
    """Write down that somebody looks at what is not theirs, before it is shown; only
    administrators can. No user: at everybody's."""
    if who.admin and user_id != who.user_id:
        async with deps.transaction() as tx:
            note(tx, "admin.read", by=by(who), user_id=user_id, subject=what)


async def only_administrators(deps: Node, who: Identity, what: str) -> None:
    """That somebody else tried is written down. Raises AppError("forbidden")."""
    if not who.admin:
        lacks = who.lacks_second_factor
        await denied(deps, who, "admin.denied", what, "no second factor" if lacks else "")
        raise AppError("forbidden", _SECOND_FACTOR if lacks else "")


async def only_operators(deps: Node, who: Identity, what: str) -> None:
    """As `only_administrators`, of those who may also act. Raises AppError("forbidden")."""
    await only_administrators(deps, who, what)
    if not who.operator:
        await denied(deps, who, "act.denied", what)
        raise AppError("forbidden", "Administrators look; only operators act.")


async def denied(deps: Node, who: Identity, action: Action, subject: str, reason: str = "") -> None:
    """Write down what somebody may not do; once an hour, as it can be tried at will."""
    async with deps.transaction() as tx:
        if not await audit.was_noted(tx.connection, who.user_id, action, tx.now - DENIED_AGAIN):
            note(tx, action, by=by(who), subject=subject, reason=reason)
