"""What a user is to clients: the document with its identities and factors, and what is asked of
addresses, numbers and passwords. Pure.
"""

import re
import uuid
from datetime import UTC, datetime
from typing import Any

from sandbox.core.clock import iso8601
from sandbox.supabase.errors import AuthError
from sandbox.supabase.store import Factor, User

_MIN_PASSWORD = 6
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_NUMBER = re.compile(r"^[1-9][0-9]{6,14}$")


def user_json(user: User) -> dict[str, Any]:
    """A user as the API shows it."""
    confirmed = {
        one: user.created_at
        for one, held in (("email", user.email), ("phone", user.phone))
        if held and one not in user.unconfirmed
    }
    return {
        "id": user.id,
        "aud": "authenticated",
        "role": user.role,
        "email": user.email,
        "email_confirmed_at": confirmed.get("email"),
        "phone": user.phone,
        "phone_confirmed_at": confirmed.get("phone"),
        "confirmed_at": next(iter(confirmed.values()), None),
        "last_sign_in_at": user.last_sign_in_at or None,
        "app_metadata": user.app_metadata,
        "user_metadata": user.user_metadata,
        "identities": identities(user),
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "is_anonymous": False,
        # Left out where there is nothing to say, as Supabase does.
        **{
            name: value
            for name, value in {
                "new_email": user.new_email,
                "new_phone": user.new_phone,
                "invited_at": user.invited_at,
                "deleted_at": user.deleted_at,
                "banned_until": user.banned_until and _iso(user.banned_until),
                "factors": [factor_json(factor) for factor in user.factors],
            }.items()
            if value
        },
    }


def identities(user: User) -> list[dict[str, Any]]:
    """How the user may sign in: one by e-mail address, one by phone."""
    return [
        {
            "identity_id": identity_id(user, provider),
            "id": user.id,
            "user_id": user.id,
            "identity_data": {
                "sub": user.id,
                provider: address,
                "email_verified": bool(user.email) and "email" not in user.unconfirmed,
                "phone_verified": bool(user.phone) and "phone" not in user.unconfirmed,
            },
            "provider": provider,
            "last_sign_in_at": user.last_sign_in_at or user.created_at,
            "created_at": user.created_at,
            "updated_at": user.updated_at,
        }
        for provider, address in (("email", user.email), ("phone", user.phone))
        if address
    ]


def identity_id(user: User, provider: str) -> str:
    """An id of its own for each way to sign in, the same whenever it is asked for."""
    return str(uuid.uuid5(uuid.UUID(user.id), provider))


def factor_json(factor: Factor) -> dict[str, Any]:
    """A second factor as the API shows it: never its secret."""
    return {
        "id": factor.id,
        "friendly_name": factor.friendly_name,
        "factor_type": factor.factor_type,
        "status": "verified" if factor.verified else "unverified",
        "created_at": factor.created_at,
        "updated_at": factor.updated_at,
        **({"phone": factor.phone} if factor.phone else {}),
    }


def read_email(body: dict[str, Any], name: str = "email") -> str:
    """An address in lower case, or "". Raises AuthError."""
    email = str(body.get(name) or "").strip().lower()
    if email and not _EMAIL.match(email):
        raise AuthError(
            400, "validation_failed", "Unable to validate email address: invalid format"
        )
    return email


def read_phone(body: dict[str, Any]) -> str:
    """A number as Supabase keeps it, without plus sign and spaces, or "". Raises AuthError."""
    phone = plain_number(str(body.get("phone") or ""))
    if phone and not _NUMBER.match(phone):
        raise AuthError(400, "validation_failed", "Invalid phone number format (E.164 required)")
    return phone


def plain_number(phone: str) -> str:
    """Without plus sign and spaces."""
    return phone.replace(" ", "").removeprefix("+")


def check_password(password: str) -> None:
    """Raises AuthError for one that is too short."""
    if len(password) < _MIN_PASSWORD:
        raise AuthError(
            422,
            "weak_password",
            f"Password should be at least {_MIN_PASSWORD} characters.",
            weak_password={"reasons": ["length"]},
        )


def _iso(seconds: float) -> str:
    return iso8601(datetime.fromtimestamp(seconds, tz=UTC))
