"""What the sign-in service does: signing up and in, refreshing, tokens and their claims.

Plays Supabase Auth; addresses and phones are confirmed at once unless `confirms`. Raises AuthError
in its terms; knows no routes.
"""

import asyncio
import base64
import hashlib
import hmac
import uuid
from typing import Any

import jwt
from jwt.algorithms import ECAlgorithm

from sandbox.core.clock import iso8601, utc_now
from sandbox.core.settings import DEMO_EMAIL, DEMO_PASSWORD, DEMO_PHONE, STAFF
from sandbox.supabase.codes import PKCE_PREFIX, Codes
from sandbox.supabase.errors import AuthError
from sandbox.supabase.store import AuthStore, Session, User, hash_password, password_matches
from sandbox.supabase.users import check_password, plain_number, read_email, read_phone, user_json

TOKEN_SECONDS = 3600
REUSE_SECONDS = 10.0  # how long a used refresh token may come again (Supabase's default)


class AuthService:
    """One project's users. `issuer` is `{origin}/auth/v1`, `site_url` where links lead; with
    `confirms` a new address or number must be confirmed before it counts."""

    def __init__(
        self, store: AuthStore, issuer: str, site_url: str = "", *, confirms: bool = False
    ) -> None:
        self.store = store
        self.issuer = issuer
        self.confirms = confirms
        self.codes = Codes(store, issuer, site_url or issuer.removesuffix("/auth/v1"))

    async def add_known_users(self) -> None:
        """The user everyone may sign in as, an administrator and an operator; each made once."""
        known = [(DEMO_EMAIL, DEMO_PASSWORD, plain_number(DEMO_PHONE), "")]
        known += [(email, password, "", role) for role, (email, password) in STAFF.items()]
        for email, password, phone, role in known:
            if self.store.find(email=email) is None:
                user = await self.add_user(email, phone, password, {}, confirmed=True)
                user.app_metadata |= {"role": role} if role else {}
                self.store.save()

    async def sign_up(self, body: dict[str, Any], redirect_to: str = "") -> dict[str, Any]:
        """A new user, signed in at once; or one who was sent a code."""
        email, phone = read_email(body), read_phone(body)
        password = str(body.get("password") or "")
        if not email and not phone:
            raise AuthError(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")
        check_password(password)
        data = _metadata(body, "data")
        known = self.store.find(email=email, phone=phone)
        if known is not None and not known.unconfirmed:
            raise AuthError(422, "user_already_exists", "User already registered")
        user = known or await self.add_user(email, phone, password, data)
        if not user.unconfirmed:
            return self.signed_in(user, "password")
        kind = "signup" if email else "sms"
        self.codes.send(user, kind, redirect_to, pkce_of(body))
        return user_json(user)

    async def sign_in(self, body: dict[str, Any]) -> dict[str, Any]:
        """By e-mail or phone and password."""
        email = str(body.get("email") or "").strip().lower()
        user = self.store.find(email=email, phone=plain_number(str(body.get("phone") or "")))
        password = str(body.get("password") or "")
        if user is None or not await asyncio.to_thread(
            password_matches, password, user.password_hash
        ):
            raise AuthError(400, "invalid_credentials", "Invalid login credentials")
        by = "email" if email else "phone"
        if by in user.unconfirmed:
            raise AuthError(400, f"{by}_not_confirmed", f"{by.title()} not confirmed")
        return self.signed_in(user, "password")

    async def refresh(self, body: dict[str, Any]) -> dict[str, Any]:
        """A new pair of tokens. Whoever did not get the answer may ask again with the token before
        it, which is given the newest; any other used token is good for REUSE_SECONDS, and ends its
        session thereafter."""
        found = self.store.session_of(str(body.get("refresh_token") or ""))
        if found is None:
            raise AuthError(
                400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found"
            )
        session, digest = found
        user, now = self.store.user(session.user_id), utc_now().timestamp()
        if user is None:
            raise AuthError(
                400, "session_not_found", "Invalid Refresh Token: No Valid Session Found"
            )
        if user.banned_until > now:
            raise AuthError(400, "user_banned", "Invalid Refresh Token: User Banned")
        if digest == session.parent_hash:
            newest = self.store.newest_token(session)
            return self.tokens(user, session, newest or self.store.rotate(session, now))
        if now - session.used_at.get(digest, now) > REUSE_SECONDS:
            self.store.end_session(session.id)
            raise AuthError(
                400, "refresh_token_already_used", "Invalid Refresh Token: Already Used"
            )
        return self.tokens(user, session, self.store.rotate(session, now))

    async def exchange(self, body: dict[str, Any]) -> dict[str, Any]:
        """A session for the code that a link's redirect carried, by the client that began."""
        given = str(body.get("code_verifier") or "")
        digest = str(body.get("auth_code") or "").removeprefix(PKCE_PREFIX)
        code = self.store.take_code(digest, ("auth_code",), utc_now().timestamp())
        user = self.store.user(code.user_id) if code is not None else None
        if code is None or user is None:
            raise AuthError(
                404, "flow_state_not_found", "invalid flow state, no valid flow state found"
            )
        method, _, challenge = code.pkce.partition(":")
        hashed = base64.urlsafe_b64encode(hashlib.sha256(given.encode()).digest()).rstrip(b"=")
        made = hashed.decode() if method == "s256" else given
        if not hmac.compare_digest(made.encode(), challenge.encode()):
            raise AuthError(
                400,
                "bad_code_verifier",
                "code challenge does not match previously saved code verifier",
            )
        return self.signed_in(user, "otp")

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
        if user.banned_until > utc_now().timestamp():
            raise AuthError(403, "user_banned", "User is banned")
        if session is None:
            raise AuthError(
                403, "session_not_found", "Session from session_id claim in JWT does not exist"
            )
        return user, session

    async def update(
        self, user: User, session: Session, body: dict[str, Any], redirect_to: str = ""
    ) -> User:
        """Change a user's own e-mail address, phone, password or metadata. Once there is a second
        factor it is needed for the first three."""
        email, phone = read_email(body), read_phone(body)
        password = str(body.get("password") or "")
        has_factor = any(factor.verified for factor in user.factors)
        if has_factor and session.aal != "aal2" and (email or phone or password):
            raise AuthError(
                401,
                "insufficient_aal",
                "AAL2 session is required to update email or password when MFA is enabled.",
            )
        self.refuse_taken(user, email, phone)
        if password:
            check_password(password)
            if await asyncio.to_thread(password_matches, password, user.password_hash):
                raise AuthError(
                    422,
                    "same_password",
                    "New password should be different from the old password.",
                )
            user.password_hash = await asyncio.to_thread(hash_password, password)
        if not self.confirms:
            user.email, user.phone = email or user.email, phone or user.phone
        if self.confirms and email and email != user.email:
            user.new_email = email
            self.codes.send(user, "email_change", redirect_to, pkce_of(body))
        if self.confirms and phone and phone != user.phone:
            user.new_phone = phone
            self.codes.send(user, "phone_change")
        user.user_metadata = user.user_metadata | _metadata(body, "data")
        self.touch(user)
        return user

    def refuse_taken(self, user: User | None, email: str, phone: str) -> None:
        """Raises AuthError when another user has this address or number."""
        for what, holder in (
            ("email", self.store.find(email=email)),
            ("phone", self.store.find(phone=phone)),
        ):
            if holder is not None and holder is not user:
                noun = {"email": "email address", "phone": "phone number"}[what]
                raise AuthError(
                    422, f"{what}_exists", f"A user with this {noun} has already been registered"
                )

    def touch(self, user: User) -> None:
        """Keep a changed user."""
        user.updated_at = iso8601(utc_now())
        self.store.save()

    def jwks(self) -> dict[str, Any]:
        """The public key tokens are verified with."""
        key = ECAlgorithm.to_jwk(self.store.key.public_key(), as_dict=True)
        extra = {"kid": self.store.key_id, "alg": "ES256", "use": "sig", "key_ops": ["verify"]}
        return {"keys": [key | extra]}

    async def add_user(
        self,
        email: str,
        phone: str,
        password: str,
        metadata: dict[str, Any],
        *,
        confirmed: bool = False,
    ) -> User:
        """Keep a new user; without a password nobody signs in by one."""
        held = [name for name, address in (("email", email), ("phone", phone)) if address]
        now = iso8601(utc_now())
        hashed = await asyncio.to_thread(hash_password, password or str(uuid.uuid4()))
        user = User(
            id=str(uuid.uuid4()),
            email=email,
            phone=phone,
            password_hash=hashed,
            unconfirmed=held if self.confirms and not confirmed else [],
            app_metadata={"provider": held[0], "providers": held},
            user_metadata=metadata,
            created_at=now,
            updated_at=now,
        )
        self.store.add_user(user)
        return user

    def signed_in(self, user: User, method: str) -> dict[str, Any]:
        """A new session, begun in this way. Raises AuthError for who is banned."""
        now = utc_now()
        if user.banned_until > now.timestamp():
            raise AuthError(400, "user_banned", "User is banned")
        user.last_sign_in_at = iso8601(now)
        amr = [{"method": method, "timestamp": int(now.timestamp())}]
        session, refresh_token = self.store.open_session(user.id, amr)
        return self.tokens(user, session, refresh_token)

    def tokens(self, user: User, session: Session, refresh_token: str) -> dict[str, Any]:
        """What a client gets of a session: a new access token and this refresh token."""
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
            "role": user.role,
            "aal": session.aal,
            "amr": session.amr,
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


def pkce_of(body: dict[str, Any]) -> str:
    """The challenge of a client that keeps its verifier, "" of one that does not."""
    challenge = str(body.get("code_challenge") or "")
    method = str(body.get("code_challenge_method") or "plain").lower()
    return f"{method}:{challenge}" if challenge else ""


def _metadata(body: dict[str, Any], name: str) -> dict[str, Any]:
    given = body.get(name) or {}
    if not isinstance(given, dict):
        raise AuthError(400, "bad_json", "Could not parse request body as JSON")
    return dict(given)
