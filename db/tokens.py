"""One-use secrets: media tokens let a media stream in, tickets let a dashboard socket in.

Only the SHA-256 is stored, so the table's reader cannot use one. Knows nothing of sockets; time is
the database's, because several nodes share the rows.
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from db.rows import Connection

_SECRET_BYTES = 32

_MINT_MEDIA = """
insert into app.media_tokens (token_hash, call_id, expires_at)
values ($1, $2, now() + make_interval(secs => $3))
"""

_BURN_MEDIA = """
update app.media_tokens set used_at = now()
where token_hash = $1 and used_at is null and expires_at > now() returning call_id
"""

_MINT_TICKET = """
insert into app.tickets (token_hash, claims, expires_at)
values ($1, $2, now() + make_interval(secs => $3))
"""

_BURN_TICKET = """
update app.tickets set used_at = now()
where token_hash = $1 and used_at is null and expires_at > now() returning claims
"""

_PURGE_MEDIA = "delete from app.media_tokens where expires_at < now() - interval '1 day'"

_PURGE_TICKETS = "delete from app.tickets where expires_at < now() - interval '1 day'"


async def mint_media_token(
    connection: Connection, call_id: UUID, *, lifetime_seconds: float
) -> str:
    """A secret that lets one media stream of the call in."""
    token = secrets.token_urlsafe(_SECRET_BYTES)
    await connection.execute(_MINT_MEDIA, _hash(token), call_id, lifetime_seconds)
    return token


async def burn_media_token(connection: Connection, token: str) -> UUID | None:
    """The token's call, once; None if it is unknown, used or too old."""
    call_id: UUID | None = await connection.fetchval(_BURN_MEDIA, _hash(token))
    return call_id


async def mint_ticket(
    connection: Connection, claims: Mapping[str, Any], *, lifetime_seconds: float
) -> str:
    """A secret that stands for these claims once."""
    ticket = secrets.token_urlsafe(_SECRET_BYTES)
    await connection.execute(_MINT_TICKET, _hash(ticket), claims, lifetime_seconds)
    return ticket


async def burn_ticket(connection: Connection, ticket: str) -> dict[str, Any] | None:
    """The ticket's claims, once; None if it is unknown, used or too old."""
    claims: dict[str, Any] | None = await connection.fetchval(_BURN_TICKET, _hash(ticket))
    return claims


async def purge(connection: Connection) -> None:
    """Forget what expired more than a day ago."""
    await connection.execute(_PURGE_MEDIA)
    await connection.execute(_PURGE_TICKETS)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
