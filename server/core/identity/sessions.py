"""Whether the session of an access token still lasts, by its issuer, which alone knows.

A token is good for up to an hour; a sign-out, a ban or a deletion ends its session at once. Where
the issuer says nothing the token counts: signing in is not made of its being there.
"""

import re
from collections.abc import Callable

import aiohttp
import msgspec
import structlog

from server.core.errors import AppError
from server.core.settings.vendors import Auth
from server.core.validation import JSON_FAULTS

log = structlog.get_logger(__name__)

# Why Supabase Auth takes a token no more, though it is its own and has not expired.
_ENDED = frozenset({"session_not_found", "session_expired", "user_not_found", "user_banned"})
_PATIENCE = aiohttp.ClientTimeout(total=1.0)  # somebody waits
_SILENCE_SECONDS = 5.0  # after no answer nobody is made to wait for the next one
_MOST_KNOWN = 10_000
_ID = re.compile(r"[0-9a-fA-F-]{36}")


class _Refusal(msgspec.Struct, frozen=True):
    """`code` is the reason in newer answers, `error_code` in older ones."""

    code: str | int = ""
    error_code: str = ""


class Sessions:
    """What is known of sessions, for `auth.session_cache_seconds`."""

    def __init__(
        self, http: aiohttp.ClientSession, settings: Auth, clock: Callable[[], float]
    ) -> None:
        self._http = http
        self._settings = settings
        self._clock = clock
        self._lasts_until: dict[str, float] = {}
        self._silent_until = float("-inf")

    async def refuse_ended(self, token: str, session_id: object) -> None:
        """Raises AppError("unauthenticated") when the issuer says that it is over."""
        if not self._settings.check_sessions or not isinstance(session_id, str):
            return
        now = self._clock()
        if now < max(self._silent_until, self._lasts_until.get(session_id, now)):
            return
        if not _ID.fullmatch(session_id):
            return
        if await self._has_ended(token):
            self._lasts_until.pop(session_id, None)
            raise AppError("unauthenticated", "The session has ended; sign in again.")
        if self._settings.session_cache_seconds:
            self._remember(session_id, now)

    def _remember(self, session_id: str, now: float) -> None:
        if len(self._lasts_until) >= _MOST_KNOWN:
            self._lasts_until = {key: at for key, at in self._lasts_until.items() if at > now}
        if len(self._lasts_until) < _MOST_KNOWN:
            self._lasts_until[session_id] = now + self._settings.session_cache_seconds

    async def _has_ended(self, token: str) -> bool:
        url = f"{self._settings.issuer.rstrip('/')}/user"
        headers = {
            "Authorization": f"Bearer {token}",
            "apikey": self._settings.publishable_key,
            "X-Supabase-Api-Version": "2024-01-01",
        }
        try:
            async with self._http.get(url, headers=headers, timeout=_PATIENCE) as answer:
                if answer.status == 200:
                    return False
                refusal = msgspec.json.decode(await answer.read(), type=_Refusal)
        except (aiohttp.ClientError, TimeoutError, *JSON_FAULTS) as error:
            self._keep_silent(type(error).__name__)
            return False
        reason = refusal.error_code or refusal.code
        if reason not in _ENDED:
            self._keep_silent(f"status {answer.status}")
        return reason in _ENDED

    def _keep_silent(self, error: str) -> None:
        log.warning("sessions_unknown", error=error)
        self._silent_until = self._clock() + _SILENCE_SECONDS
