"""What the sign-in service does: signing up and in, refreshing, tokens and their claims.

Plays Supabase Auth with addresses and phones confirmed at once. Raises AuthError in its terms;
knows no routes.
"""

import asyncio
import re
import uuid
from typing import Any

import jwt
from jwt.algorithms import ECAlgorithm

from sandbox.core.clock import iso8601, utc_now
from sandbox.core.settings import DEMO_EMAIL, DEMO_PASSWORD, DEMO_PHONE
from sandbox.supabase.store import AuthStore, Session, User, hash_password, password_matches

TOKEN_SECONDS = 3600
_MIN_PASSWORD = 6
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


class AuthError(Exception):
    """A refusal: HTTP status, stable code, text for people, and what else belongs in the body."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.more = status, code, message, more


class AuthService:
    """One project's users. `issuer` is `{origin}/auth/v1`."""

    def __init__(self, store: AuthStore, issuer: str) -> None:
        self.store = store
        self.issuer = issuer

    async def add_demo_user(self) -> None:
        """The user everyone may sign in as, made once."""
        if self.store.find(email=DEMO_EMAIL) is None:
            await self._add_user(DEMO_EMAIL, plain_number(DEMO_PHONE), DEMO_PASSWORD, {})

    async def sign_up(self, body: dict[str, Any]) -> dict[str, Any]:
        """A new user, signed in at once."""
        email = str(body.get("email") or "").strip().lower()
        phone = plain_number(str(body.get("phone") or ""))
        password = str(body.get("password") or "")
        if not email and not phone:
            raise AuthError(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")
        if email and not _EMAIL.match(email):
            raise AuthError(
                400, "validation_failed", "Unable to validate email address: invalid format"
            )
        _check_password(password)
        if self._taken(email, phone):
            raise AuthError(422, "user_already_exists", "User already registered")
        user = await self._add_user(email, phone, password, dict(body.get("data") or {}))
        return self._signed_in(user)

    async def sign_in(self, body: dict[str, Any]) -> dict[str, Any]:
        """By e-mail or phone and password."""
        user = self.store.find(
            email=str(body.get("email") or "").strip().lower(),
            phone=plain_number(str(body.get("phone") or "")),
        )
        password = str(body.get("password") or "")
        if user is None or not await asyncio.to_thread(
            password_matches, password, user.password_hash
        ):
            raise AuthError(400, "invalid_credentials", "Invalid login credentials")
        return self._signed_in(user)

    async def refresh(self, body: dict[str, Any]) -> dict[str, Any]:
        """A new pair of tokens; a used refresh token ends its session."""
        found = self.store.session_of(str(body.get("refresh_token") or ""))
        if found is None:
            raise AuthError(
                400,
                "refresh_token_not_found",
                "Invalid Refresh Token: Refresh Token Not Found",
            )
        session, newest = found
        user = self.store.user(session.user_id)
        if not newest or user is None:
            self.store.end_session(session.id)
            raise AuthError(
                400, "refresh_token_already_used", "Invalid Refresh Token: Already Used"
            )
        return self._tokens(user, session, self.store.rotate(session))

    def authenticate(self, token: str) -> tuple[User, Session]:
        """Whose access token it is."""
        try:
            claims = jwt.decode(
                token,
                self.store.key.public_key(),
                algorithms=["ES256"],
                audience="authenticated",
                issuer=self.issuer,
            )
        except jwt.InvalidTokenError as error:
            raise AuthError(403, "bad_jwt", f"invalid JWT: {error}") from error
        user, session = self.store.user(claims["sub"]), self.store.session(claims["session_id"])
        if user is None:
            raise AuthError(403, "user_not_found", "User from sub claim in JWT does not exist")
        if session is None:
            raise AuthError(
                403, "session_not_found", "Session from session_id claim in JWT does not exist"
            )
        return user, session

    async def update(self, user: User, body: dict[str, Any]) -> User:
        """Change a user's own e-mail address, phone, password or metadata; confirmed at once."""
        email = str(body.get("email") or "").strip().lower()
        phone = plain_number(str(body.get("phone") or ""))
        if self._taken(email if email != user.email else "", phone if phone != user.phone else ""):
            raise AuthError(422, "email_exists", "A user with this address already exists")
        if password := str(body.get("password") or ""):
            _check_password(password)
            user.password_hash = await asyncio.to_thread(hash_password, password)
        user.email, user.phone = email or user.email, phone or user.phone
        user.user_metadata = user.user_metadata | dict(body.get("data") or {})
        self.touch(user)
        return user

    def touch(self, user: User) -> None:
        """Keep a changed user."""
        user.updated_at = iso8601(utc_now())
        self.store.save()

    def jwks(self) -> dict[str, Any]:
        """The public key tokens are verified with."""
        key = ECAlgorithm.to_jwk(self.store.key.public_key(), as_dict=True)
        extra = {"kid": self.store.key_id, "alg": "ES256", "use": "sig", "key_ops": ["verify"]}
        return {"keys": [key | extra]}

    def _taken(self, email: str, phone: str) -> bool:
        return bool(
            (email and self.store.find(email=email)) or (phone and self.store.find(phone=phone))
        )

    async def _add_user(
        self, email: str, phone: str, password: str, metadata: dict[str, Any]
    ) -> User:
        providers = ["email"] if email else ["phone"]
        now = iso8601(utc_now())
        user = User(
            id=str(uuid.uuid4()),
            email=email,
            phone=phone,
            password_hash=await asyncio.to_thread(hash_password, password),
            app_metadata={"provider": providers[0], "providers": providers},
            user_metadata=metadata,
            created_at=now,
            updated_at=now,
        )
        self.store.add_user(user)
        return user

    def _signed_in(self, user: User) -> dict[str, Any]:
        user.last_sign_in_at = iso8601(utc_now())
        session, refresh_token = self.store.open_session(user.id)
        return self._tokens(user, session, refresh_token)

    def _tokens(self, user: User, session: Session, refresh_token: str) -> dict[str, Any]:
        issued = int(utc_now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": user.id,
            "aud": "authenticated",
            "exp": issued + TOKEN_SECONDS,
            "iat": issued,
            "email": user.email,
            "phone": user.phone,
            "app_metadata": user.app_metadata,
            "user_metadata": user.user_metadata,
            "role": "authenticated",
            "aal": "aal1",
            "amr": [{"method": "password", "timestamp": issued}],
            "session_id": session.id,
            "is_anonymous": False,
        }
        headers = {"kid": self.store.key_id}
        return {
            "access_token": jwt.encode(claims, self.store.key, algorithm="ES256", headers=headers),
            "token_type": "bearer",
            "expires_in": TOKEN_SECONDS,
            "expires_at": issued + TOKEN_SECONDS,
            "refresh_token": refresh_token,
            "user": user_json(user),
        }


def user_json(user: User) -> dict[str, Any]:
    """A user as the API shows it."""
    return {
        "id": user.id,
        "aud": "authenticated",
        "role": "authenticated",
        "email": user.email,
        "email_confirmed_at": user.created_at if user.email else None,
        "phone": user.phone,
        "phone_confirmed_at": user.created_at if user.phone else None,
        "confirmed_at": user.created_at,
        "last_sign_in_at": user.last_sign_in_at or None,
        "app_metadata": user.app_metadata,
        "user_metadata": user.user_metadata,
        "identities": [],
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "is_anonymous": False,
    }


def plain_number(phone: str) -> str:
    """A phone number as Supabase keeps it: without plus sign and spaces."""
    return phone.replace(" ", "").removeprefix("+")


def _check_password(password: str) -> None:
    if len(password) < _MIN_PASSWORD:
        raise AuthError(
            422,
            "weak_password",
            f"Password should be at least {_MIN_PASSWORD} characters.",
            weak_password={"reasons": ["length"]},
        )
