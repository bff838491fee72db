"""Users, sessions and the signing key of the sign-in service, kept in one JSON file.

Passwords are kept as scrypt hashes and refresh tokens as SHA-256, the file is readable by its
owner only and replaced as a whole. Knows no HTTP and no tokens' claims.
"""

import base64
import hashlib
import hmac
import os
import secrets
import uuid
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

# Made-up people's passwords are cheap to hash: tests sign up thousands. Kept ones may cost more.
_COST, _COST_BEFORE = 2**10, 2**14


class Factor(msgspec.Struct, kw_only=True):
    """A second factor: a "totp" has a `secret`, a "phone" its number."""

    id: str
    factor_type: str
    friendly_name: str
    secret: str = ""
    phone: str = ""
    verified: bool = False
    created_at: str
    updated_at: str


class User(msgspec.Struct, kw_only=True):
    """A user; `phone` has no plus sign, as in Supabase. `unconfirmed` names what is still to be
    confirmed: "email", "phone". `banned_until` is in epoch seconds."""

    id: str
    email: str = ""
    phone: str = ""
    new_email: str = ""
    new_phone: str = ""
    password_hash: str
    role: str = "authenticated"
    unconfirmed: list[str] = []
    factors: list[Factor] = []
    banned_until: float = 0.0
    invited_at: str = ""
    deleted_at: str = ""
    app_metadata: dict[str, Any] = {}
    user_metadata: dict[str, Any] = {}
    created_at: str
    updated_at: str
    last_sign_in_at: str = ""


class Session(msgspec.Struct, kw_only=True):
    """One sign-in. `refresh_hash` is of its newest refresh token, `parent_hash` of the one that was
    changed for it, `used_at` when each of the used ones was; `amr` is how it was signed in."""

    id: str
    user_id: str
    refresh_hash: str
    parent_hash: str = ""
    used_at: dict[str, float] = {}
    aal: str = "aal1"
    amr: list[dict[str, Any]] = []
    factor_id: str = ""


class Code(msgspec.Struct, kw_only=True):
    """A one-time code that was sent for something; the newest for it voids the others. A `pkce`
    challenge is of the client that is to change the code's link for a session."""

    user_id: str
    slot: str
    digest: str
    expires_at: float
    pkce: str = ""


class Challenge(msgspec.Struct, kw_only=True):
    """A second factor is asked for its code; a phone was sent one."""

    factor_id: str
    expires_at: float
    code: str = ""


class _Contents(msgspec.Struct):
    private_key_pem: str
    key_id: str
    users: dict[str, User] = {}
    sessions: dict[str, Session] = {}
    codes: list[Code] = []
    challenges: dict[str, Challenge] = {}


class AuthStore:
    """The file and what is in it; every change is written before it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if path.exists():
            self._contents = msgspec.json.decode(path.read_bytes(), type=_Contents)
        else:
            self._contents = _Contents(_new_key_pem(), str(uuid.uuid4()))
            self.save()
        key = serialization.load_pem_private_key(self._contents.private_key_pem.encode(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("the signing key is not an elliptic curve key")
        self.key = key
        self._newest: dict[str, str] = {}  # refresh tokens themselves, which no file holds

    @property
    def key_id(self) -> str:
        """The `kid` of the signing key."""
        return self._contents.key_id

    @property
    def users(self) -> list[User]:
        """Everyone, oldest first."""
        return list(self._contents.users.values())

    def user(self, user_id: str) -> User | None:
        """By id."""
        return self._contents.users.get(user_id)

    def find(self, *, email: str = "", phone: str = "") -> User | None:
        """By e-mail address or phone number, whichever is given."""
        return next(
            (
                user
                for user in self.users
                if (email and user.email == email) or (phone and user.phone == phone)
            ),
            None,
        )

    def add_user(self, user: User) -> None:
        """Keep a new user."""
        self._contents.users[user.id] = user
        self.save()

    def delete_user(self, user_id: str) -> None:
        """Forget a user, all their sessions and codes."""
        self._contents.users.pop(user_id, None)
        self._contents.codes = [one for one in self._contents.codes if one.user_id != user_id]
        self.end_sessions(user_id)

    def open_session(self, user_id: str, amr: list[dict[str, Any]]) -> tuple[Session, str]:
        """A new session and its refresh token."""
        token = secrets.token_urlsafe(16)
        session = Session(
            id=str(uuid.uuid4()), user_id=user_id, refresh_hash=_sha256(token), amr=amr
        )
        self._contents.sessions[session.id] = session
        self._newest[session.id] = token
        self.save()
        return session, token

    def sessions_of(self, user_id: str) -> list[Session]:
        """All that have not ended."""
        return [one for one in self._contents.sessions.values() if one.user_id == user_id]

    def session(self, session_id: str) -> Session | None:
        """By id; None once it has ended."""
        return self._contents.sessions.get(session_id)

    def session_of(self, refresh_token: str) -> tuple[Session, str] | None:
        """The session a refresh token belongs to, and the token's hash."""
        digest = _sha256(refresh_token)
        for session in self._contents.sessions.values():
            if digest == session.refresh_hash or digest in session.used_at:
                return session, digest
        return None

    def newest_token(self, session: Session) -> str | None:
        """A session's good refresh token; None when an earlier process gave it out."""
        return self._newest.get(session.id)

    def rotate(self, session: Session, now: float) -> str:
        """A new refresh token for a session; the old one is used up."""
        token = secrets.token_urlsafe(16)
        session.used_at[session.refresh_hash] = now
        session.parent_hash, session.refresh_hash = session.refresh_hash, _sha256(token)
        self._newest[session.id] = token
        self.save()
        return token

    def add_code(self, code: Code) -> None:
        """Keep a code, which voids those for the same."""
        self._contents.codes = [
            one
            for one in self._contents.codes
            if (one.user_id, one.slot) != (code.user_id, code.slot)
        ]
        self._contents.codes.append(code)
        self.save()

    def take_code(self, digest: str, slots: tuple[str, ...], now: float) -> Code | None:
        """A code that is good for one of these, used up by this."""
        for code in self._contents.codes:
            if code.digest == digest and code.slot in slots and now < code.expires_at:
                self._contents.codes.remove(code)
                self.save()
                return code
        return None

    def add_challenge(self, challenge: Challenge) -> str:
        """Keep a challenge; its id."""
        challenge_id = str(uuid.uuid4())
        self._contents.challenges[challenge_id] = challenge
        self.save()
        return challenge_id

    def challenge(self, challenge_id: str) -> Challenge | None:
        """By id; None once it was met."""
        return self._contents.challenges.get(challenge_id)

    def drop_challenge(self, challenge_id: str) -> None:
        """It was met, or came too late."""
        self._contents.challenges.pop(challenge_id, None)
        self.save()

    def end_session(self, session_id: str) -> None:
        """Sign out once."""
        self._contents.sessions.pop(session_id, None)
        self.save()

    def end_sessions(self, user_id: str, but: str = "") -> None:
        """Sign a user out everywhere, or everywhere but in one session."""
        self._contents.sessions = {
            key: session
            for key, session in self._contents.sessions.items()
            if session.user_id != user_id or key == but
        }
        self.save()

    def save(self) -> None:
        """Replace the file; it is never seen half written."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(self._contents))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


def hash_password(password: str) -> str:
    """Salted scrypt, as text with its cost. Takes some 3 ms."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, _COST)
    return f"{_COST}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def password_matches(password: str, password_hash: str) -> bool:
    """Whether the hash was made of this password. As slow as making it was."""
    *cost, salt, digest = password_hash.split("$")
    again = _scrypt(password, base64.b64decode(salt), int(cost[0]) if cost else _COST_BEFORE)
    return hmac.compare_digest(again, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=8, p=1)


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _new_key_pem() -> str:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )
