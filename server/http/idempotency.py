"""Doing a write once however often it is asked, by a key the client chose. Knows no verbs."""

from collections.abc import Awaitable, Callable

from db.cluster import idempotency
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import Node


async def idempotent(
    deps: Node,
    who: Identity,
    key: str,
    fingerprint: str,
    act: Callable[[], Awaitable[tuple[int, bytes]]],
    hide: Callable[[bytes], bytes] | None = None,
) -> tuple[int, bytes]:
    """Do it, or give the first answer again for 24 h, without what is to `hide`. A refused request
    may be tried again.

    Raises AppError: idempotency_mismatch, idempotency_in_progress, and whatever `act` raises.
    """
    if not 1 <= len(key) <= 255:
        raise AppError("bad_request", "An Idempotency-Key has 1 to 255 characters.")
    async with deps.pools.as_service() as connection:
        claim = await idempotency.claim(connection, who.user_id, key, fingerprint)
    if not claim.is_same:
        raise AppError("idempotency_mismatch")
    if not claim.is_new:
        if claim.status is None or claim.body is None:
            raise AppError("idempotency_in_progress")
        return claim.status, claim.body
    try:
        status, body = await act()
    except AppError:
        async with deps.pools.as_service() as connection:
            await idempotency.abandon(connection, who.user_id, key)
        raise
    async with deps.pools.as_service() as connection:
        kept = body if hide is None else hide(body)
        await idempotency.finish(connection, who.user_id, key, status=status, body=kept)
    return status, body
