"""Answers already given to an Idempotency-Key, so that a repeated write is not done twice.

It compares fingerprints, of which it keeps a hash, and stores bytes, sealed; what a request is, it
does not know.
"""

from uuid import UUID

import msgspec

from db.core.clear import Clear
from db.core.hashed import forms, hashed
from db.core.rows import Connection
from db.core.sealed import Sealed, open_all

ANSWERS = Sealed("app.idempotency", ("user_id", "key"), raw=("body",))
CLEAR = Clear(ANSWERS, hashed={"fingerprint": "fingerprint"})

# An old row is taken over like a missing one: an answer after a day, and the claim of a request
# that died before it answered after a minute.
_CLAIM = """
insert into app.idempotency as i (user_id, key, fingerprint) values ($1, $2, $3)
on conflict (user_id, key) do update
set fingerprint = excluded.fingerprint, status = null, body = null, created_at = now()
where i.created_at < now() - interval '24 hours'
    or (i.status is null and i.created_at < now() - interval '1 minute')
returning true as is_new, user_id, key, fingerprint, status, body
"""

_READ = """
select false as is_new, user_id, key, fingerprint, status, body from app.idempotency
where user_id = $1 and key = $2
"""

_FINISH = """
update app.idempotency set status = $3, body = $4
where user_id = $1 and key = $2 and status is null
"""

_ABANDON = "select app.give_back_key($1, $2)"


class IdempotencyClaim(msgspec.Struct, frozen=True):
    """What is known of a key: `is_new` means go ahead; no status means the first is at work. Not
    `is_same`: another request came under it."""

    is_new: bool
    is_same: bool
    status: int | None
    body: bytes | None


async def claim(
    connection: Connection, user_id: UUID, key: str, fingerprint: str
) -> IdempotencyClaim:
    """Take the key for this request, or learn what became of the request that has it."""
    kept = hashed(connection, "fingerprint", fingerprint)
    record = await connection.fetchrow(_CLAIM, user_id, key, kept)
    while record is None:
        record = await connection.fetchrow(_READ, user_id, key)
        if record is None:  # given up by the other request between the two statements
            record = await connection.fetchrow(_CLAIM, user_id, key, kept)
    [row] = await open_all(connection, [record], ANSWERS)
    is_same = row["fingerprint"] in forms(connection, "fingerprint", fingerprint)
    return IdempotencyClaim(row["is_new"], is_same, row["status"], row["body"])


async def finish(
    connection: Connection, user_id: UUID, key: str, *, status: int, body: bytes
) -> None:
    """Store the answer for those who ask again."""
    sealed = await ANSWERS.seal(connection, user_id, (user_id, key), body=body)
    await connection.execute(_FINISH, user_id, key, status, *sealed)


async def abandon(connection: Connection, user_id: UUID, key: str) -> None:
    """Give an unanswered key back, so that the request may be tried again."""
    await connection.execute(_ABANDON, user_id, key)
