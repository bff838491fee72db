"""An act as clients see it: an administrator all of it, its subject what concerns them. Knows no
requests."""

import uuid
from typing import Any

import msgspec

from db.audit import ActRow
from server.core.times import rfc3339


class ActOut(msgspec.Struct, frozen=True):
    """A row of the audit log: who (`actor_*`) did what (`action`, `subject`) to whom (`user_id`, if
    it is one person's data), by which request and from which address, of which a keyed hash is
    kept (hex)."""

    id: uuid.UUID
    at: str | None
    actor_kind: str
    actor_id: uuid.UUID | None
    actor_name: str
    action: str
    user_id: uuid.UUID | None
    subject: str
    request_id: str
    address_hash: str | None
    reason: str
    data: dict[str, Any]


class ActPage(msgspec.Struct, frozen=True):
    """Acts, newest first; `cursor` is null on the last page."""

    acts: list[ActOut]
    cursor: str | None


class OwnAct(msgspec.Struct, frozen=True):
    """Something done to the user's own data: by themselves (`actor_kind` "user"), by our people, by
    the product or a vendor of ours."""

    id: uuid.UUID
    at: str | None
    actor_kind: str
    actor_name: str
    action: str
    subject: str
    reason: str


class OwnActPage(msgspec.Struct, frozen=True):
    """Acts, newest first; `cursor` is null on the last page."""

    acts: list[OwnAct]
    cursor: str | None


def act_out(row: ActRow) -> ActOut:
    """All of a row."""
    return ActOut(
        id=row.id,
        at=rfc3339(row.at),
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        action=row.action,
        user_id=row.user_id,
        subject=row.subject,
        request_id=row.request_id,
        address_hash=None if row.address_hash is None else row.address_hash.hex(),
        reason=row.reason,
        data=row.data,
    )


def own_act(row: ActRow) -> OwnAct:
    """What a row says to the person whose data it concerns; not which of our people it was."""
    return OwnAct(
        row.id, rfc3339(row.at), row.actor_kind, row.actor_name, row.action, row.subject, row.reason
    )
