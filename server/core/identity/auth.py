"""Who is asking: checks a Supabase access token and says whose it is. Knows no routes and no rows.

Only asymmetric keys from the issuer's own key set are accepted, the algorithm follows the key's
type and never the token's header, and a token without the claims of a signed-in user is refused
(a leaked project key is a valid token, too).
"""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any, cast

import aiohttp
import jwt
import msgspec
import structlog

from server.core.errors import AppError
from server.core.identity.sessions import Sessions
from server.core.settings.vendors import Auth
from server.core.validation import JSON_FAULTS, cleaned

log = structlog.get_logger(__name__)

_ALGORITHMS = {"EC": ["ES256"], "RSA": ["RS256"]}
_MAX_TOKEN_CHARACTERS = 8192
_LAST_SECOND = 253_402_300_799  # of the year 9999, after which there are no dates
_REFETCH_SECONDS = 5.0  # for keys that are not in the set, which strangers can make up
_RETRY_SECONDS = 1.0  # of a fetch that failed
_RETRY_KNOWN_SECONDS = 30.0  # by who is known without it, and would only wait
_FETCH_TIMEOUT = aiohttp.ClientTimeout(total=3.0)  # somebody waits


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[object]


class KeyRight(msgspec.Struct, frozen=True):
    """What an API key may, as the claim `api_key` of who comes by it says."""

    id: uuid.UUID
    scopes: tuple[str, ...]
    requests_per_minute: int


class Identity(msgspec.Struct, frozen=True):
    """A signed-in user; `claims` is what row level security sees. `key` is there when a program
    acts for them by an API key; it has no right over others.

    An administrator sees what is others', an operator (who is one, too) acts on it. One who lacks
    the second factor is neither, also to row level security.
    """

    user_id: uuid.UUID
    email: str | None
    phone: str | None
    admin: bool
    expires_at: float
    claims: dict[str, Any]
    operator: bool = False
    lacks_second_factor: bool = False
    email_is_verified: bool = True
    phone_is_verified: bool = True
    key: KeyRight | None = None

    @property
    def session_id(self) -> str | None:
        """Of the sign-in; None for a program by its key, and where the issuer has none."""
        found = self.claims.get("session_id")
        return found if isinstance(found, str) else None


class Keys:
    """The issuer's public keys, cached; the last good set is kept when the issuer is away.

    Keys of a kind that we do not use are left out, as RFC 7517, section 5 says.
    """

    def __init__(
        self, http: aiohttp.ClientSession, settings: Auth, clock: Callable[[], float]
    ) -> None:
        self.sessions = Sessions(http, settings, clock)
        self.session_ended: Callable[[uuid.UUID, str], None] = _nobody_asks
        self._http = http
        self._settings = settings
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at = float("-inf")
        self._asked_for_unknown_at = float("-inf")
        self._failed = False  # the last time that we asked
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """The key with this id; an unknown id makes us ask again, at most every few seconds.

        Raises AppError("unavailable") when the issuer cannot say whether it is one of its own.
        """
        if self._is_due(kid):
            async with self._lock:
                if self._is_due(kid):  # nobody asked while we waited
                    await self._ask(kid)
        elif kid not in self._keys:
            async with self._lock:  # what is being asked just now may hold it
                pass
        found = self._keys.get(kid)
        if found is None and self._failed:
            raise AppError("unavailable", "The sign-in service does not answer; try again shortly.")
        return found

    async def warm(self) -> None:
        """Have the keys before anybody signs in, if the issuer is there."""
        try:
            await self.find("")
        except AppError:  # who comes first asks anew
            self._asked_at, self._failed = float("-inf"), False

    def _is_due(self, kid: str) -> bool:
        now = self._clock()
        if self._failed:
            retry = _RETRY_KNOWN_SECONDS if kid in self._keys else _RETRY_SECONDS
            return now - self._asked_at > retry
        if kid in self._keys:
            return now - self._asked_at > self._settings.jwks_cache_seconds
        return now - self._asked_for_unknown_at > _REFETCH_SECONDS

    async def _ask(self, kid: str) -> None:
        now = self._clock()
        if self._keys and kid not in self._keys:
            self._asked_for_unknown_at = now
        self._asked_at = now
        await self._fetch()

    async def _fetch(self) -> None:
        self._failed = True
        url = f"{self._settings.issuer.rstrip('/')}/.well-known/jwks.json"
        try:
            async with self._http.get(url, timeout=_FETCH_TIMEOUT) as answer:
                answer.raise_for_status()
                rows = msgspec.json.decode(await answer.read(), type=_KeySet).keys
        except (aiohttp.ClientError, TimeoutError, *JSON_FAULTS) as error:
            log.warning("keys_unavailable", error=type(error).__name__)
            return
        self._failed = False
        self._keys = {key.key_id: key for row in rows if (key := _usable(row)) and key.key_id}


def _nobody_asks(user_id: uuid.UUID, session_id: str) -> None:
    """Where nothing is open in a session that could end with it."""


def _usable(row: object) -> jwt.PyJWK | None:
    kind = row.get("kty") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(kind, str) or kind not in _ALGORITHMS:
        return None
    if not isinstance(row.get("kid"), str):
        return None
    if row.get("alg") not in (None, *_ALGORITHMS[kind]) or row.get("use") not in (None, "sig"):
        return None
    try:
        key = jwt.PyJWK(row)
    except jwt.PyJWTError:
        return None
    return key if key.algorithm_name in _ALGORITHMS[kind] else None


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
    claims.pop("api_key", None)  # ours alone to say
    if not _can_be_kept(claims):  # users write their own metadata
        claims = cast(dict[str, Any], cleaned(claims))
    who = identity(claims, settings.admin_aal)
    try:
        await keys.sessions.refuse_ended(token, who.session_id)
    except AppError:
        if who.session_id is not None:
            keys.session_ended(who.user_id, who.session_id)
        raise
    return who


def _can_be_kept(claims: dict[str, Any]) -> bool:
    """Whether the database takes the claims as they are."""
    try:
        return rb"\u0000" not in msgspec.json.encode(claims)
    except UnicodeError:  # half a pair
        return False


def identity(claims: dict[str, Any], admin_aal: int = 2) -> Identity:
    """The user these verified claims speak of; who has rights over others' needs the assurance
    level `admin_aal`. Raises AppError("unauthenticated")."""
    try:
        user_id = uuid.UUID(claims["sub"])
    except (KeyError, ValueError, AttributeError, TypeError):
        raise AppError("unauthenticated", "The access token names no user.") from None
    if str(user_id) != claims["sub"].lower():  # other forms the database does not read
        raise AppError("unauthenticated", "The access token names no user.")
    if int(claims["exp"]) > _LAST_SECOND:
        raise AppError("unauthenticated", "The access token lasts too long.")
    if claims.get("role") != "authenticated" or claims.get("is_anonymous"):
        raise AppError("unauthenticated", "The access token is not of a signed-in user.")
    phone, email = (_text(claims.get(name)) for name in ("phone", "email"))
    meta = claims.get("app_metadata")
    meta = meta if isinstance(meta, dict) else {}
    key = claims.get("api_key")
    role = meta.get("role") if key is None else None
    lacks = role in ("admin", "operator") and admin_aal > 1 and claims.get("aal") != "aal2"
    if lacks:
        role, claims = None, {**claims, "app_metadata": {**meta, "role": None}}
    return Identity(
        user_id=user_id,
        email=email or None,
        phone=f"+{phone.lstrip('+')}" if phone else None,  # Supabase leaves the plus sign out
        admin=role in ("admin", "operator"),
        expires_at=float(claims["exp"]),
        claims=claims,
        operator=role == "operator",
        lacks_second_factor=lacks,
        email_is_verified=_is_verified(claims, "email"),
        phone_is_verified=_is_verified(claims, "phone"),
        key=None if key is None else msgspec.convert(key, KeyRight),
    )


def _text(claim: object) -> str:
    return claim if isinstance(claim, str) else ""


def _is_verified(claims: dict[str, Any], what: str) -> bool:
    """False where the token says anything but yes. The user may write their own metadata, so that a
    yes there proves nothing; where nothing is said the issuer has seen to it."""
    meta = claims.get("user_metadata")
    said = [claims.get(f"{what}_verified")]
    if isinstance(meta, dict):
        said.append(meta.get(f"{what}_verified"))
    return all(one is None or one is True or one == "true" for one in said)
