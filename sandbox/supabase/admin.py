"""What the project's secret key may do to users: list, make, change, ban and delete them.

Raises AuthError; knows no routes.
"""

import asyncio
import re
import uuid
from typing import Any

from sandbox.core.clock import iso8601, utc_now
from sandbox.supabase.errors import AuthError
from sandbox.supabase.service import AuthService
from sandbox.supabase.store import User, hash_password
from sandbox.supabase.users import check_password, read_email, read_phone

_UNIT_SECONDS = {"h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[hms])+")


def page(service: AuthService, number: str, size: str) -> tuple[list[User], int]:
    """The users of one page, the newest first, and how many there are in all."""
    try:
        start, many = int(number or 1) - 1, int(size or 50)
    except ValueError as error:
        raise AuthError(400, "validation_failed", f"Bad Pagination Parameters: {error}") from None
    if start < 0 or many < 1:
        raise AuthError(400, "validation_failed", "Bad Pagination Parameters: must be positive")
    users = service.store.users[::-1]
    return users[start * many : (start + 1) * many], len(users)


def found(service: AuthService, user_id: str) -> User:
    """By id. Raises AuthError."""
    try:
        uuid.UUID(user_id)
    except ValueError:
        raise AuthError(404, "validation_failed", "user_id must be an UUID") from None
    user = service.store.user(user_id)
    if user is None:
        raise AuthError(404, "user_not_found", "User not found")
    return user


async def create(service: AuthService, body: dict[str, Any]) -> User:
    """A user; what is not said to be confirmed is not."""
    email, phone = read_email(body), read_phone(body)
    if not email and not phone:
        raise AuthError(
            400, "validation_failed", "Cannot create a user without either an email or phone"
        )
    service.refuse_taken(None, email, phone)
    user = await service.add_user(email, phone, "", {}, confirmed=True)
    user.unconfirmed = list(user.app_metadata["providers"])
    return await change(service, user, {**body, "email": "", "phone": ""})


async def change(service: AuthService, user: User, body: dict[str, Any]) -> User:
    """Change what is named, at once and without a code."""
    email, phone = read_email(body), read_phone(body)
    service.refuse_taken(user, email, phone)
    banned_until = _banned_until(str(body.get("ban_duration") or ""))
    if password := str(body.get("password") or ""):
        check_password(password)
        user.password_hash = await asyncio.to_thread(hash_password, password)
    user.email, user.phone = email or user.email, phone or user.phone
    confirmed = [one for one in ("email", "phone") if body.get(f"{one}_confirm")]
    user.unconfirmed = [one for one in user.unconfirmed if one not in confirmed]
    user.role = str(body.get("role") or user.role)
    for name in ("user_metadata", "app_metadata"):
        given = body.get(name)
        if isinstance(given, dict):
            merged = getattr(user, name) | given
            setattr(user, name, {key: one for key, one in merged.items() if one is not None})
    if banned_until is not None:
        user.banned_until = banned_until
    service.touch(user)
    return user


def delete(service: AuthService, user: User, *, softly: bool) -> None:
    """Forget a user; softly, only who they were."""
    if not softly:
        service.store.delete_user(user.id)
        return
    user.email, user.phone, user.user_metadata, user.factors = "", "", {}, []
    user.deleted_at = iso8601(utc_now())
    service.store.end_sessions(user.id)
    service.touch(user)


def _banned_until(duration: str) -> float | None:
    """Epoch seconds; 0 of "none", None where nothing is said. Raises AuthError."""
    if duration in ("", "none"):
        return 0.0 if duration else None
    if not _DURATION.fullmatch(duration):
        raise AuthError(
            400,
            "validation_failed",
            f'invalid format for ban duration: time: invalid duration "{duration}"',
        )
    parts = re.findall(r"(\d+(?:\.\d+)?)([hms])", duration)
    seconds = sum(float(many) * _UNIT_SECONDS[unit] for many, unit in parts)
    return utc_now().timestamp() + seconds
