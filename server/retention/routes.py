"""REST for administrators: legal holds, and what was deleted by its period; parse, act, reply."""

import uuid
from typing import Annotated

import msgspec
from msgspec import Meta

from db.retention import HoldRow
from server.audit.acts import by
from server.audit.notes import looked, only_administrators, only_operators
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.times import rfc3339
from server.core.validation import refuse_nul
from server.http.routing import Route
from server.retention import holds
from server.retention.deletion import KindReport
from server.retention.periods import periods

Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class SetHold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose records must stay, and why."""

    user_id: uuid.UUID
    reason: Reason


class LiftHold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose records need not stay any more, and why."""

    user_id: uuid.UUID
    reason: Reason


class HoldOut(msgspec.Struct, frozen=True):
    """A legal hold, in force until it is lifted; `set_by` null: from the command line."""

    id: uuid.UUID
    user_id: uuid.UUID
    reason: str
    set_by: uuid.UUID | None
    set_at: str | None
    lifted_by: uuid.UUID | None
    lifted_because: str | None
    lifted_at: str | None


class Holds(msgspec.Struct, frozen=True):
    """Those in force first, each newest first."""

    holds: list[HoldOut]


class PeriodOut(msgspec.Struct, frozen=True):
    """What of this kind is older than so many hours is deleted."""

    kind: str
    older_than_hours: int


class RunOut(msgspec.Struct, frozen=True):
    """A deletion; while it runs `ended_at` is null. `kinds` has each kind's counts so far."""

    id: uuid.UUID
    node: str
    started_at: str | None
    seen_at: str | None
    ended_at: str | None
    kinds: dict[str, KindReport]


class RetentionOut(msgspec.Struct, frozen=True):
    """The periods, and the last deletions, newest first."""

    periods: list[PeriodOut]
    runs: list[RunOut]


def hold_out(row: HoldRow) -> HoldOut:
    """A hold as administrators see it."""
    return HoldOut(
        row.id, row.user_id, row.reason, row.set_by, rfc3339(row.set_at),
        row.lifted_by, row.lifted_because, rfc3339(row.lifted_at),
    )  # fmt: skip


async def _hold(deps: Node, who: Identity, body: SetHold) -> HoldOut:
    refuse_nul(body.reason, "`reason`")
    await only_operators(deps, who, "legal_holds")
    return hold_out(await holds.hold(deps, body.user_id, body.reason, by(who)))


async def _lift(deps: Node, who: Identity, body: LiftHold) -> HoldOut:
    refuse_nul(body.reason, "`reason`")
    await only_operators(deps, who, "legal_holds")
    return hold_out(await holds.lift(deps, body.user_id, body.reason, by(who)))


async def _holds(deps: Node, who: Identity) -> Holds:
    await only_administrators(deps, who, "legal_holds")
    await looked(deps, who, None, "legal_holds")
    return Holds([hold_out(row) for row in await holds.holds(deps)])


async def _retention(deps: Node, who: Identity) -> RetentionOut:
    await only_administrators(deps, who, "retention")
    await looked(deps, who, None, "retention")
    kept = [
        PeriodOut(one.kind, int(one.older_than.total_seconds()) // 3600)
        for one in periods(deps.config.retention)
    ]
    runs = [
        RunOut(row.id, row.node, rfc3339(row.started_at), rfc3339(row.seen_at),
               rfc3339(row.ended_at), msgspec.convert(row.kinds, dict[str, KindReport]))
        for row in await holds.runs(deps)
    ]  # fmt: skip
    return RetentionOut(kept, runs)


ROUTES = (
    Route("GET", "/v1/admin/retention", _retention, RetentionOut,
          "How long what is kept, and the last deletions"),
    Route("GET", "/v1/admin/holds", _holds, Holds, "Legal holds"),
    Route("POST", "/v1/admin/holds", _hold, HoldOut, "Keep all records of a user", SetHold,
          status=201),
    Route("POST", "/v1/admin/holds/lift", _lift, HoldOut, "Lift a user's legal hold", LiftHold),
)  # fmt: skip
