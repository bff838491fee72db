"""Answers already given to an Idempotency-Key, so that a repeated write is not done twice.

It compares fingerprints, of which it keeps a hash, and stores bytes, sealed; what a request is, it
does not know.
"""

from uuid import UUID, uuid4

import msgspec

from db.core.clear import Clear
from db.core.hashed import forms, hashed
from db.core.rows import Connection
from db.core.sealed import Sealed, open_all

ANSWERS = Sealed("app.idempotency", ("user_id", "key"), raw=("body",))
CLEAR = Clear(ANSWERS, hashed={"fingerprint": "fingerprint"})

# After a day a row is taken over like a missing one. The claim of a request that died, which nobody
# says any more that it works on, is taken over only by the same request, if that may be done again.
_CLAIM = """
insert into app.idempotency as i (user_id, key, fingerprint, holder, held_until)
values ($1, $2, $3, $4, now() + make_interval(secs => $5))
on conflict (user_id, key) do update
set fingerprint = excluded.fingerprint, status = null, body = null, created_at = now(),
    holder = excluded.holder, held_until = excluded.held_until
where i.created_at < now() - interval '24 hours'
    or ($6 and i.fingerprint = any($7) and i.status is null
        and coalesce(i.held_until, i.created_at + interval '1 minute') < now())
returning true as is_new, false as is_left, user_id, key, fingerprint, status, body
"""

_READ = """
select false as is_new, user_id, key, fingerprint, status, body, status is null
    and coalesce(held_until, created_at + interval '1 minute') < now() as is_left
from app.idempotency where user_id = $1 and key = $2
"""

_HOLD = """
update app.idempotency set held_until = now() + make_interval(secs => $4)
where user_id = $1 and key = $2 and holder = $3 and status is null
"""

_FINISH = """
update app.idempotency set status = $4, body = $5
where user_id = $1 and key = $2 and holder = $3 and status is null
"""

_ABANDON = "select app.give_back_key($1, $2, $3)"


class IdempotencyClaim(msgspec.Struct, frozen=True):
    """What is known of a key: `is_new` means go ahead, as this `holder`; no status means the first
    is at work or, `is_left`, it died and may have done something. Not `is_same`: another request
    came under it."""

    holder: UUID
    is_new: bool
    is_left: bool
    is_same: bool
    status: int | None
    body: bytes | None


async def claim(
    connection: Connection, user_id: UUID, key: str, fingerprint: str, seconds: float,
    *, may_repeat: bool = False,
) -> IdempotencyClaim:  # fmt: skip
    """Take the key for this request, for so many `seconds`, or learn what became of the request
    that has it. What `may_repeat` takes over from the same request that died."""
    holder, same = uuid4(), list(forms(connection, "fingerprint", fingerprint))
    kept = hashed(connection, "fingerprint", fingerprint)
    asked = (user_id, key, kept, holder, seconds, may_repeat, same)
    record = await connection.fetchrow(_CLAIM, *asked)
    while record is None:
        record = await connection.fetchrow(_READ, user_id, key)
        if record is None:  # given up by the other request between the two statements
            record = await connection.fetchrow(_CLAIM, *asked)
    [row] = await open_all(connection, [record], ANSWERS)
    is_same = row["fingerprint"] in same
    return IdempotencyClaim(
        holder, row["is_new"], row["is_left"], is_same, row["status"], row["body"]
    )


async def hold(
    connection: Connection, user_id: UUID, key: str, holder: UUID, seconds: float
) -> None:
    """Say that the request is still being worked on, for so many seconds from now."""
    await connection.execute(_HOLD, user_id, key, holder, seconds)


async def finish(
    connection: Connection, user_id: UUID, key: str, holder: UUID, *, status: int, body: bytes
) -> None:
    """Store the answer for those who ask again."""
    sealed = await ANSWERS.seal(connection, user_id, (user_id, key), body=body)
    await connection.execute(_FINISH, user_id, key, holder, status, *sealed)


async def abandon(connection: Connection, user_id: UUID, key: str, holder: UUID) -> None:
    """Give an unanswered key back, so that the request may be tried again."""
    await connection.execute(_ABANDON, user_id, key, holder)
