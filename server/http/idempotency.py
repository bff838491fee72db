"""Doing a write once however often it is asked, by a key the client chose. Knows no verbs.

While it is done its claim on the key is renewed, so that a slow request is never taken for a dead
one. What a dead one did is not known: what may be repeated, as it knows the key itself or does
nothing the second time, is done again; of all else the client is told so.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from functools import partial

import structlog

from db.cluster import idempotency
from db.cluster.idempotency import IdempotencyClaim
from db.core.failures import DATABASE_ERRORS
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import Node

log = structlog.get_logger(__name__)

HELD_SECONDS = 6.0  # a dead node's claim: so long whoever asks again waits for an answer
RENEW_SECONDS = 2.0

_key: ContextVar[str] = ContextVar("key", default="")


def key_at_work() -> str:
    """The key of what is being done just now; "" where the client chose none."""
    return _key.get()


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
    may be tried again. Where the answer cannot be kept it is given all the same, once.

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
        status, body = await _held(key, act, partial(_renew, deps, who, key, claim))
    except AppError:
        async with _told(), deps.pools.as_service() as connection:
            await idempotency.abandon(connection, who.user_id, key, claim.holder)
        raise
    async with _told(), deps.pools.as_service() as connection:
        kept = body if hide is None else hide(body)
        await idempotency.finish(
            connection, who.user_id, key, claim.holder, status=status, body=kept
        )
    return status, body


async def _held(
    key: str, act: Callable[[], Awaitable[tuple[int, bytes]]], renew: Callable[[], Awaitable[None]]
) -> tuple[int, bytes]:
    is_over = asyncio.Event()

    async def do() -> tuple[int, bytes]:
        token = _key.set(key)
        try:
            return await act()
        finally:
            _key.reset(token)
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
    async with _told(), deps.pools.as_service() as connection:
        await idempotency.hold(connection, who.user_id, key, claim.holder, HELD_SECONDS)


@contextlib.asynccontextmanager
async def _told() -> AsyncIterator[None]:
    """Go on where the database does not take it: whoever asks again is told that nobody knows."""
    try:
        yield
    except DATABASE_ERRORS as error:
        log.warning("claim_not_written", error=type(error).__name__)
