"""One-use secrets: for a dashboard socket, and to hear or speak in a call; used ones of its sound.

Only the SHA-256 is stored, so the table's reader cannot use one. Knows nothing of sockets; time is
the database's, because several nodes share the rows.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from db.core.rows import Connection

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
where token_hash = $1 and used_at is null and expires_at > now() returning claims
"""

_MINT_AUDIO = """
insert into app.audio_tickets (token_hash, call_id, user_id, takeover, expires_at)
values ($1, $2, $3, $4, now() + make_interval(secs => $5))
"""

_BURN_AUDIO = """
update app.audio_tickets set used_at = now()
where token_hash = $1 and used_at is null and expires_at > now()
returning call_id, user_id, takeover
"""

_PURGE_MEDIA = "delete from app.media_tokens where expires_at < now() - interval '1 day'"

_PURGE_TICKETS = "delete from app.tickets where expires_at < now() - interval '1 day'"

_PURGE_AUDIO = "delete from app.audio_tickets where expires_at < now() - interval '1 day'"


class AudioRight(msgspec.Struct, frozen=True):
    """What an audio ticket allows: to hear the call, and in this takeover to speak."""

    call_id: UUID
    user_id: UUID
    takeover: int | None


async def burn_media_token(
    connection: Connection, token: str, call_id: UUID, expires_at: datetime
) -> bool:
    """Use up the token of a call's media stream; False if it was before. Whether it is one, its
    signature says."""
    return await connection.fetchval(_BURN_MEDIA, _hash(token), call_id, expires_at) is True


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


async def mint_audio_ticket(
    connection: Connection, right: AudioRight, *, lifetime_seconds: float
) -> str:
    """A secret that stands for this right once."""
    ticket = secrets.token_urlsafe(_SECRET_BYTES)
    await connection.execute(
        _MINT_AUDIO, _hash(ticket), right.call_id, right.user_id, right.takeover, lifetime_seconds
    )
    return ticket


async def burn_audio_ticket(connection: Connection, ticket: str) -> AudioRight | None:
    """The ticket's right, once; None if it is unknown, used or too old."""
    row = await connection.fetchrow(_BURN_AUDIO, _hash(ticket))
    return None if row is None else AudioRight(*row)


async def purge(connection: Connection) -> None:
    """Forget what expired more than a day ago."""
    await connection.execute(_PURGE_MEDIA)
    await connection.execute(_PURGE_TICKETS)
    await connection.execute(_PURGE_AUDIO)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
