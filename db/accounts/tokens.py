"""One-use secrets: for a dashboard socket, and to hear or speak in a call; used ones of its sound.

Only the SHA-256 is stored, so the table's reader cannot use one, and what it stands for is sealed.
Knows nothing of sockets; time is the database's, because several nodes share the rows.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from db.core.clear import Clear
from db.core.rows import Connection
from db.core.sealed import Sealed, open_all

TICKETS = Sealed("app.tickets", ("token_hash",), json=("claims",))
CLEAR = Clear(TICKETS, "(t.claims ->> 'sub')::uuid")

_SECRET_BYTES = 32

_BURN_MEDIA = """
insert into app.media_tokens (token_hash, call_id, expires_at, used_at)
values ($1, $2, $3, now()) on conflict (token_hash) do nothing returning true
"""

_MINT_TICKET = """
insert into app.tickets (token_hash, claims, expires_at)
values ($1, $2, now() + make_interval(secs => $3))
"""

_BURN_TICKET = """
update app.tickets set used_at = now()
where token_hash = $1 and used_at is null and expires_at > now()
returning token_hash, claims
"""

_MINT_AUDIO = """
insert into app.audio_tickets
    (token_hash, call_id, user_id, takeover, session_id, ends_at, expires_at)
values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
"""

_BURN_AUDIO = """
update app.audio_tickets set used_at = now()
where token_hash = $1 and used_at is null and expires_at > now()
returning call_id, user_id, takeover, session_id, ends_at
"""


class AudioRight(msgspec.Struct, frozen=True):
    """What an audio ticket allows: to hear the call, and in this takeover to speak, in this session
    (None: an API key's) and until it `ends_at`."""

    call_id: UUID
    user_id: UUID
    takeover: int | None
    session_id: str | None = None
    ends_at: datetime | None = None


async def burn_media_token(
    connection: Connection, token: str, call_id: UUID, expires_at: datetime
) -> bool:
    """Use up the token of a call's media stream; False if it was before. Whether it is one, its
    signature says."""
    return await connection.fetchval(_BURN_MEDIA, _hash(token), call_id, expires_at) is True


async def mint_ticket(
    connection: Connection, user_id: UUID, claims: Mapping[str, Any], *, lifetime_seconds: float
) -> str:
    """A secret that stands for these claims of the user's once."""
    ticket = secrets.token_urlsafe(_SECRET_BYTES)
    name = _hash(ticket)
    sealed = await TICKETS.seal(connection, user_id, name, claims=claims)
    await connection.execute(_MINT_TICKET, name, *sealed, lifetime_seconds)
    return ticket


async def burn_ticket(connection: Connection, ticket: str) -> dict[str, Any] | None:
    """The ticket's claims, once; None if it is unknown, used or too old."""
    row = await connection.fetchrow(_BURN_TICKET, _hash(ticket))
    if row is None:
        return None
    claims: dict[str, Any] = (await open_all(connection, [row], TICKETS))[0]["claims"]
    return claims


async def mint_audio_ticket(
    connection: Connection, right: AudioRight, *, lifetime_seconds: float
) -> str:
    """A secret that stands for this right once."""
    ticket = secrets.token_urlsafe(_SECRET_BYTES)
    await connection.execute(
        _MINT_AUDIO, _hash(ticket), *msgspec.structs.astuple(right), lifetime_seconds
    )
    return ticket


async def burn_audio_ticket(connection: Connection, ticket: str) -> AudioRight | None:
    """The ticket's right, once; None if it is unknown, used or too old."""
    row = await connection.fetchrow(_BURN_AUDIO, _hash(ticket))
    return None if row is None else AudioRight(*row)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
