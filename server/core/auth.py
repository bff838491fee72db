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
_REFETCH_SECONDS = 60.0  # for a key that is not in the set
_RETRY_SECONDS = 1.0  # of a fetch that failed
_FETCH_TIMEOUT = aiohttp.ClientTimeout(total=3.0)  # somebody waits


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


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
        self._asked_at = float("-inf")
        self._failed = False  # the last time that we asked
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """The key with this id; an unknown id makes us ask again, at most once a minute.

        Raises AppError("unavailable") when the issuer cannot say whether it is one of its own.
        """
        if self._is_due(kid):
            async with self._lock:
                if self._is_due(kid):  # nobody asked while we waited
                    self._asked_at = self._clock()
                    await self._fetch()
        elif kid not in self._keys:
            async with self._lock:  # what is being asked just now may hold it
                pass
        found = self._keys.get(kid)
        if found is None and self._failed:
            raise AppError("unavailable", "The sign-in service does not answer; try again shortly.")
        return found

    def _is_due(self, kid: str) -> bool:
        if self._failed:
            wait = _RETRY_SECONDS
        else:
            wait = self._settings.jwks_cache_seconds if kid in self._keys else _REFETCH_SECONDS
        return self._clock() - self._asked_at > wait

    async def _fetch(self) -> None:
        self._failed = True
        url = f"{self._settings.issuer.rstrip('/')}/.well-known/jwks.json"
        try:
            async with self._http.get(url, timeout=_FETCH_TIMEOUT) as answer:
                answer.raise_for_status()
                rows = msgspec.json.decode(await answer.read(), type=_KeySet).keys
            usable = [row for row in rows if row.get("kty") in _ALGORITHMS and "kid" in row]
            self._keys = {row["kid"]: jwt.PyJWK(row) for row in usable}
        except (
            aiohttp.ClientError, TimeoutError, msgspec.DecodeError, msgspec.ValidationError,
            jwt.PyJWTError,
        ) as error:  # fmt: skip
            log.warning("keys_unavailable", error=type(error).__name__)
            return
        self._failed = False


async def identify(token: str, keys: Keys, settings: Auth) -> Identity:
    """Whose token this is. Raises AppError: unauthenticated, unavailable."""
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
