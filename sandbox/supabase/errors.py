"""A refusal of the sign-in service, in Supabase's terms."""

from typing import Any


class AuthError(Exception):
    """HTTP status, stable code, text for people, and what else belongs in the body."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.more = status, code, message, more
