"""Who is asking: checks a Supabase access token and says whose it is. Knows no routes and no rows.

Only asymmetric keys from the issuer's own key set are accepted, the algorithm follows the key's
type and never the token's header, and a token without the claims of a signed-in user is refused
(a leaked project key is a valid token, too).
"""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import aiohttp
import jwt
import msgspec
import structlog

from server.core.config import Auth
from server.core.errors import AppError

log = structlog.get_logger(__name__)

_ALGORITHMS = {"EC": ["ES256"], "RSA": ["RS256"]}
_MAX_TOKEN_CHARACTERS = 8192
_REFETCH_SECONDS = 60.0


class Identity(msgspec.Struct, frozen=True):
    """A signed-in user; `claims` is what row level security sees."""

    user_id: uuid.UUID
    email: str | None
    phone: str | None
    admin: bool
    expires_at: float
    claims: dict[str, Any]


class Keys:
    """The issuer's public keys, cached; the last good set is kept when the issuer is away."""

    def __init__(
        self, http: aiohttp.ClientSession, settings: Auth, clock: Callable[[], float]
    ) -> None:
        self._http = http
        self._settings = settings
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """The key with this id; an unknown id makes us ask again, at most once a minute."""
        now = self._clock()
        stale = now - self._fetched_at > self._settings.jwks_cache_seconds
        may_ask = now - self._asked_at > _REFETCH_SECONDS or self._fetched_at == float("-inf")
        if stale or (kid not in self._keys and may_ask):
            async with self._lock:
                if self._asked_at < now:
                    await self._fetch(now)
        return self._keys.get(kid)

    async def _fetch(self, now: float) -> None:
        self._asked_at = now
        url = f"{self._settings.issuer.rstrip('/')}/.well-known/jwks.json"
        try:
            async with self._http.get(url) as answer:
                answer.raise_for_status()
                found = msgspec.json.decode(await answer.read())
        except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError) as error:
            log.warning("keys_unavailable", error=type(error).__name__)
            return
        rows = [row for row in found.get("keys", []) if row.get("kty") in _ALGORITHMS]
        self._keys = {row["kid"]: jwt.PyJWK(row) for row in rows if "kid" in row}
        self._fetched_at = now


async def identify(token: str, keys: Keys, settings: Auth) -> Identity:
    """Whose token this is. Raises AppError("unauthenticated")."""
    if len(token) > _MAX_TOKEN_CHARACTERS:
        raise AppError("unauthenticated", "The access token is too long to be one.")
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        key = await keys.find(kid) if isinstance(kid, str) else None
        if key is None:
            raise AppError("unauthenticated", "The access token was signed with an unknown key.")
        claims = jwt.decode(
            token,
            key.key,
            algorithms=_ALGORITHMS[str(key.key_type)],
            audience=settings.audience,
            issuer=settings.issuer,
            leeway=settings.leeway_seconds,
            options={"require": ["exp", "sub", "aud", "iss"]},
        )
    except jwt.ExpiredSignatureError:
        raise AppError("unauthenticated", "The access token has expired; refresh it.") from None
    except jwt.PyJWTError:
        raise AppError("unauthenticated", "The access token is not valid.") from None
    return identity(claims)


def identity(claims: dict[str, Any]) -> Identity:
    """The user these verified claims speak of. Raises AppError("unauthenticated")."""
    try:
        user_id = uuid.UUID(claims["sub"])
    except (KeyError, ValueError, AttributeError, TypeError):
        raise AppError("unauthenticated", "The access token names no user.") from None
    if claims.get("role") != "authenticated" or claims.get("is_anonymous"):
        raise AppError("unauthenticated", "The access token is not of a signed-in user.")
    phone = str(claims.get("phone") or "")
    meta = claims.get("app_metadata")
    return Identity(
        user_id=user_id,
        email=claims.get("email") or None,
        phone=f"+{phone.lstrip('+')}" if phone else None,  # Supabase leaves the plus sign out
        admin=isinstance(meta, dict) and meta.get("role") == "admin",
        expires_at=float(claims["exp"]),
        claims=claims,
    )
