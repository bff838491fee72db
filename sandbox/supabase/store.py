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

_SCRYPT: dict[str, int] = {"n": 2**14, "r": 8, "p": 1}


class User(msgspec.Struct, kw_only=True):
    """A user; `phone` has no plus sign, as in Supabase."""

    id: str
    email: str = ""
    phone: str = ""
    password_hash: str
    app_metadata: dict[str, Any] = {}
    user_metadata: dict[str, Any] = {}
    created_at: str
    updated_at: str
    last_sign_in_at: str = ""


class Session(msgspec.Struct, kw_only=True):
    """One sign-in; only the newest of its refresh tokens is good."""

    id: str
    user_id: str
    refresh_hash: str
    used_hashes: list[str] = []


class _Contents(msgspec.Struct):
    private_key_pem: str
    key_id: str
    users: dict[str, User] = {}
    sessions: dict[str, Session] = {}


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
        """Forget a user and all their sessions."""
        self._contents.users.pop(user_id, None)
        self.end_sessions(user_id)

    def open_session(self, user_id: str) -> tuple[Session, str]:
        """A new session and its refresh token."""
        token = secrets.token_urlsafe(16)
        session = Session(id=str(uuid.uuid4()), user_id=user_id, refresh_hash=_sha256(token))
        self._contents.sessions[session.id] = session
        self.save()
        return session, token

    def session(self, session_id: str) -> Session | None:
        """By id; None once it has ended."""
        return self._contents.sessions.get(session_id)

    def session_of(self, refresh_token: str) -> tuple[Session, bool] | None:
        """The session a refresh token belongs to, and whether the token is still its newest."""
        digest = _sha256(refresh_token)
        for session in self._contents.sessions.values():
            if session.refresh_hash == digest:
                return session, True
            if digest in session.used_hashes:
                return session, False
        return None

    def rotate(self, session: Session) -> str:
        """A new refresh token for a session; the old one is used up."""
        token = secrets.token_urlsafe(16)
        session.used_hashes.append(session.refresh_hash)
        session.refresh_hash = _sha256(token)
        self.save()
        return token

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
    """Salted scrypt, as text. Takes some 50 ms: not for the event loop."""
    salt = secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT)
    return f"{base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def password_matches(password: str, password_hash: str) -> bool:
    """Whether the hash was made of this password. As slow as making it."""
    salt, _, digest = password_hash.partition("$")
    again = hashlib.scrypt(password.encode(), salt=base64.b64decode(salt), **_SCRYPT)
    return hmac.compare_digest(again, base64.b64decode(digest))


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
