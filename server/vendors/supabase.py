"""The sign-in service's administration: deleting a user. Thin; decides nothing.

Wants the project's secret key, which opens everything there, so it is used for nothing else.
"""

import uuid

import aiohttp

from server.core.errors import AwayError
from server.core.settings.vendors import Auth

_TIMEOUT = aiohttp.ClientTimeout(total=8.0)


class SignInAwayError(AwayError):
    """No usable answer; it may be asked again."""


class SupabaseAdmin:
    """One project's sign-in service, by an HTTP session of somebody else's."""

    def __init__(self, http: aiohttp.ClientSession, settings: Auth) -> None:
        self._http = http
        self._issuer = settings.issuer.rstrip("/")
        self._key = settings.service_key

    async def delete_user(self, user_id: uuid.UUID) -> None:
        """Nobody can sign in as this user any more; one that is not there stays so. Raises
        SignInAwayError."""
        key = self._key.reveal()
        url = f"{self._issuer}/admin/users/{user_id}"
        headers = {"apikey": key, "Authorization": f"Bearer {key}"}
        try:
            async with self._http.delete(url, headers=headers, timeout=_TIMEOUT) as answer:
                if answer.status not in {200, 204, 404}:
                    raise SignInAwayError(f"status {answer.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SignInAwayError(type(error).__name__) from error
