"""What is old, deleted piece by piece by app.delete_expired, the one way there is; legal holds,
which keep a person's records; and the runs, of which there is one at a time.

A kind is a row of app.retention_kinds. Knows no periods: whoever asks says how old is old.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from db.core.rows import Connection, many, one

LOCK_MS = 100  # a piece that takes longer is broken off, so that nobody waits longer for its rows
STATEMENT_MS = 1000  # the same where no smaller piece is possible, and for counting

# Locks last as long as the commit, which need not wait for the disk: what a crash brings back, the
# next run deletes again.
_LIMIT_TIME = """
select set_config('statement_timeout', $1, true), set_config('synchronous_commit', 'off', true)
"""
_PIECE = "select seen, held, deleted, last from app.delete_expired($1, $2, $3, $4, $5)"
_FLOORS = "select kind, floor from app.retention_kinds order by kind"

_ABANDON = """
update app.retention_runs set ended_at = now()
where ended_at is null and seen_at < now() - interval '1 minute'
"""
_BEGIN = """
insert into app.retention_runs (node) values ($1)
on conflict ((true)) where ended_at is null do nothing returning id
"""
_NOTE = """
update app.retention_runs set seen_at = clock_timestamp(), kinds = $2,
    ended_at = case when $3 then clock_timestamp() end
where id = $1 and ended_at is null returning true
"""
_RUNS = """
select id, node, started_at, seen_at, ended_at, kinds from app.retention_runs
order by started_at desc limit $1
"""

# Whoever deletes holds the same lock, shared, for the length of a piece.
_SETTLE = "select pg_advisory_xact_lock(hashtextextended('legal_holds', 0))"
_COLUMNS = "id, user_id, reason, set_by, set_at, lifted_by, lifted_because, lifted_at"
_HOLD = f"""
insert into app.legal_holds (user_id, reason, set_by) values ($1, $2, $3)
on conflict (user_id) where lifted_at is null do nothing returning {_COLUMNS}
"""  # noqa: S608 - the columns above
_LIFT = f"""
update app.legal_holds set lifted_at = now(), lifted_by = $3, lifted_because = $2
where user_id = $1 and lifted_at is null returning {_COLUMNS}
"""  # noqa: S608
_HOLDS = f"""
select {_COLUMNS} from app.legal_holds
order by lifted_at is not null, set_at desc, id limit $1
"""  # noqa: S608
_IS_HELD = "select exists (select from app.legal_holds where user_id = $1 and lifted_at is null)"


class Piece(msgspec.Struct, frozen=True):
    """How many rows were looked at, kept by a hold, and deleted; `last` is where to go on."""

    seen: int
    held: int
    deleted: int
    last: list[str] | None

    @property
    def in_use(self) -> int:
        """What is still at work, and stays."""
        return self.seen - self.held - self.deleted


class RunRow(msgspec.Struct, frozen=True):
    """A row of app.retention_runs; one that ended without its last kind was given up."""

    id: UUID
    node: str
    started_at: dt.datetime
    seen_at: dt.datetime
    ended_at: dt.datetime | None
    kinds: dict[str, Any]


class HoldRow(msgspec.Struct, frozen=True):
    """A row of app.legal_holds; nobody set it: somebody at the command line."""

    id: UUID
    user_id: UUID
    reason: str
    set_by: UUID | None
    set_at: dt.datetime
    lifted_by: UUID | None
    lifted_because: str | None
    lifted_at: dt.datetime | None


async def delete_piece(
    connection: Connection, kind: str, older_than: dt.timedelta, most: int,
    after: Sequence[str] | None, *, only_count: bool = False, limit_ms: int = STATEMENT_MS,
) -> Piece:  # fmt: skip
    """Delete some of what is that old, or only count it; a piece with nothing seen is the last.

    Raises asyncpg's QueryCanceledError when it takes longer than the limit, LockNotAvailableError
    when somebody holds a row, InsufficientPrivilegeError for what is younger than the floor.
    """
    await connection.execute(_LIMIT_TIME, str(limit_ms))
    row = await connection.fetchrow(_PIECE, kind, older_than, most, after, only_count)
    return msgspec.convert(dict(row), Piece)


async def floors(connection: Connection) -> dict[str, dt.timedelta]:
    """How long each kind is kept at least, whatever is asked for."""
    return {row["kind"]: row["floor"] for row in await connection.fetch(_FLOORS)}


async def begin_run(connection: Connection, node: str) -> UUID | None:
    """A run of this node's; None while another is at it."""
    await connection.execute(_ABANDON)
    run: UUID | None = await connection.fetchval(_BEGIN, node)
    return run


async def note_run(
    connection: Connection, run: UUID, kinds: dict[str, Any], *, is_over: bool = False
) -> bool:
    """Write down how far it came; False when it was given up, and another may be at it."""
    return await connection.fetchval(_NOTE, run, kinds, is_over) is True


async def runs(connection: Connection, limit: int) -> list[RunRow]:
    """The runs, newest first."""
    return many(await connection.fetch(_RUNS, limit), RunRow)


async def hold(
    connection: Connection, user_id: UUID, reason: str, by: UUID | None
) -> HoldRow | None:
    """Keep all records of a person from here on; None when they are held already.

    Raises asyncpg's ForeignKeyViolationError for an unknown user.
    """
    await connection.execute(_SETTLE)
    return one(await connection.fetchrow(_HOLD, user_id, reason, by), HoldRow)


async def lift(
    connection: Connection, user_id: UUID, reason: str, by: UUID | None
) -> HoldRow | None:
    """Let the periods hold for the person again; None when nothing is held."""
    return one(await connection.fetchrow(_LIFT, user_id, reason, by), HoldRow)


async def holds(connection: Connection, limit: int) -> list[HoldRow]:
    """All holds, those in force first."""
    return many(await connection.fetch(_HOLDS, limit), HoldRow)


async def is_held(connection: Connection, user_id: UUID) -> bool:
    """Whether a person's records must stay."""
    held: bool = await connection.fetchval(_IS_HELD, user_id)
    return held
