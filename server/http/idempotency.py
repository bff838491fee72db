"""Doing a write once however often it is asked, by a key the client chose. Knows no verbs.

While it is done its claim on the key is renewed, so that a slow request is never taken for a dead
one. What a dead one did is not known: what may be repeated, as it knows the key itself or does
nothing the second time, is done again; of all else the client is told so.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from db.cluster import idempotency
from db.cluster.idempotency import IdempotencyClaim
from db.core.failures import DATABASE_ERRORS
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import Node

log = structlog.get_logger(__name__)

HELD_SECONDS = 60.0
RENEW_SECONDS = 15.0


async def idempotent(
    deps: Node,
    who: Identity,
    key: str,
    fingerprint: str,
    act: Callable[[], Awaitable[tuple[int, bytes]]],
    hide: Callable[[bytes], bytes] | None = None,
    *,
    may_repeat: bool = False,
) -> tuple[int, bytes]:
    """Do it, or give the first answer again for 24 h, without what is to `hide`. A refused request
    may be tried again.

    Raises AppError: idempotency_mismatch, idempotency_in_progress, idempotency_unknown, and
    whatever `act` raises.
    """
    if not 1 <= len(key) <= 255:
        raise AppError("bad_request", "An Idempotency-Key has 1 to 255 characters.")
    async with deps.pools.as_service() as connection:
        claim = await idempotency.claim(
            connection, who.user_id, key, fingerprint, HELD_SECONDS, may_repeat=may_repeat
        )
    if not claim.is_same:
        raise AppError("idempotency_mismatch")
    if not claim.is_new:
        if claim.status is None or claim.body is None:
            raise AppError("idempotency_unknown" if claim.is_left else "idempotency_in_progress")
        return claim.status, claim.body
    try:
        status, body = await _held(act, partial(_renew, deps, who, key, claim))
    except AppError:
        async with deps.pools.as_service() as connection:
            await idempotency.abandon(connection, who.user_id, key, claim.holder)
        raise
    async with deps.pools.as_service() as connection:
        kept = body if hide is None else hide(body)
        await idempotency.finish(
            connection, who.user_id, key, claim.holder, status=status, body=kept
        )
    return status, body


async def _held(
    act: Callable[[], Awaitable[tuple[int, bytes]]], renew: Callable[[], Awaitable[None]]
) -> tuple[int, bytes]:
    is_over = asyncio.Event()

    async def do() -> tuple[int, bytes]:
        try:
            return await act()
        finally:
            is_over.set()

    async def hold() -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RENEW_SECONDS):
                    await is_over.wait()
                return
            await renew()

    answer, _ = await asyncio.gather(do(), hold())
    return answer


async def _renew(deps: Node, who: Identity, key: str, claim: IdempotencyClaim) -> None:
    try:
        async with deps.pools.as_service() as connection:
            await idempotency.hold(connection, who.user_id, key, claim.holder, HELD_SECONDS)
    except DATABASE_ERRORS as error:  # the next time, or others are told that nobody knows
        log.warning("claim_not_renewed", error=type(error).__name__)
