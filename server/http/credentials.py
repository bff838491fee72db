"""Who is asking, by what they show: a session's access token, or an API key.

A key stands for its owner without any right over others, and for so long at most as a token would,
so that a socket opened by one that is revoked does not stay. Knows no routes.
"""

import secrets
from typing import Any

from db.accounts import api_keys
from db.consent import contacts
from server.audit import acts
from server.core.errors import AppError
from server.core.identity.auth import Identity, identify, identity
from server.http.deps import HttpDeps

PREFIX = "tk_"  # by which a key is told from a token, and found where it should not be
_MOST_CHARACTERS = 100


def new_key() -> str:
    """An API key at random."""
    return PREFIX + secrets.token_urlsafe(32)


async def identified(deps: HttpDeps, shown: str) -> Identity:
    """Whose token or key this is; a refusal is counted for the audit log. Raises AppError:
    unauthenticated, unavailable."""
    try:
        return await _identified(deps, shown)
    except AppError as refused:
        if refused.code == "unauthenticated":
            deps.refusals.count(refused.detail, acts.origin(), deps.clock())
        raise


async def _identified(deps: HttpDeps, shown: str) -> Identity:
    if not shown.startswith(PREFIX):
        return await identify(shown, deps.keys, deps.config.auth)
    key, own = None, []
    if len(shown) <= _MOST_CHARACTERS and shown.isascii():
        async with deps.pools.as_service() as connection:
            key = await api_keys.use(connection, shown)
            if key is not None:
                own = await contacts.own_addresses(connection, key.user_id)
    if key is None:
        raise AppError("unauthenticated", "The API key is unknown, revoked or too old.")
    ends_at = deps.clock() + deps.config.api_keys.session_seconds
    if key.expires_at is not None:
        ends_at = min(ends_at, key.expires_at.timestamp())
    # What they proved last to be theirs is where they are reached; nothing is proved anew.
    claims: dict[str, Any] = {
        "sub": str(key.user_id),
        "role": "authenticated",
        "exp": ends_at,
        "phone": next((one for one in own if one.startswith("+")), None),
        "phone_verified": False,
        "email": next((one for one in own if "@" in one), None),
        "email_verified": False,
        "api_key": {
            "id": str(key.id),
            "scopes": key.scopes,
            "requests_per_minute": key.requests_per_minute,
        },
    }
    return identity(claims)
