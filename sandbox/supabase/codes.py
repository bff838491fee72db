"""One-time codes by mail and text: made, sent, and taken once.

A code is six digits for one purpose of one user; a link carries a hash of it. Nothing really goes
out: what would have is in `Codes.sent`, for `/world/sign_in_messages`. Knows no sessions.
"""

import hashlib
import secrets
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from sandbox.core.clock import utc_now
from sandbox.supabase.errors import AuthError
from sandbox.supabase.store import AuthStore, Code, User

MAIL_SECONDS, TEXT_SECONDS = 3600.0, 60.0
PKCE_PREFIX = "pkce_"
_MOST_SENT = 200

# Which purposes a verification of this type is for, the one that is sent first.
_SLOTS = {
    "signup": ("confirmation",),
    "invite": ("confirmation",),
    "magiclink": ("recovery", "confirmation"),
    "recovery": ("recovery",),
    "email": ("recovery", "confirmation"),
    "email_change": ("email_change",),
    "email_change_new": ("email_change",),
    "email_change_current": ("email_change",),
    "sms": ("sms",),
    "phone_change": ("phone_change",),
    "reauthentication": ("reauthentication",),
    "auth_code": ("auth_code",),
}
TEXTED = ("sms", "phone_change")
_NOT_BY_HAND = ("reauthentication", "auth_code")


class Sent(msgspec.Struct, frozen=True):
    """A message that would have gone out; a text has no link."""

    at: datetime
    to: str
    type: str
    code: str
    link: str = ""
    token_hash: str = ""


class Codes:
    """One project's codes. `issuer` is `{origin}/auth/v1`; links lead on to `site_url`, where no
    other address is named."""

    def __init__(self, store: AuthStore, issuer: str, site_url: str) -> None:
        self._store = store
        self._issuer = issuer
        self.site_url = site_url
        self.sent: list[Sent] = []

    def send(self, user: User, kind: str, redirect_to: str = "", pkce: str = "") -> Sent:
        """Make a code and send it."""
        made = self.make(user, kind, redirect_to, pkce)
        self.sent = [*self.sent[1 - _MOST_SENT :], made]
        return made

    def make(self, user: User, kind: str, redirect_to: str = "", pkce: str = "") -> Sent:
        """A code and its link, for whoever sends them; it voids the earlier one for the same."""
        now, texted = utc_now(), kind in TEXTED
        to = _address(user, kind)
        code = f"{secrets.randbelow(1_000_000):06d}"
        digest = _digest(to, code)
        seconds = TEXT_SECONDS if texted else MAIL_SECONDS
        self._store.add_code(
            Code(
                user_id=user.id,
                slot=_SLOTS[kind][0],
                digest=digest,
                expires_at=now.timestamp() + seconds,
                pkce=pkce,
            )
        )
        if texted:
            return Sent(now, f"+{to}", kind, code)
        hashed = f"{PKCE_PREFIX if pkce else ''}{digest}"
        asked = {"token": hashed, "type": kind, "redirect_to": redirect_to or self.site_url}
        return Sent(now, to, kind, code, f"{self._issuer}/verify?{urlencode(asked)}", hashed)

    def take(self, kind: str, *, address: str = "", code: str = "", token_hash: str = "") -> Code:
        """Whose code it is, used up by this. Raises AuthError where it is none, or no longer."""
        if kind not in _SLOTS or kind in _NOT_BY_HAND:
            raise AuthError(400, "validation_failed", f"Invalid verification type: {kind}")
        digest = token_hash.removeprefix(PKCE_PREFIX) or _digest(address, code)
        found = self._store.take_code(digest, _SLOTS[kind], utc_now().timestamp())
        if found is None:
            what = "Email link" if token_hash else "Token"
            words = "is invalid or has expired" if token_hash else "has expired or is invalid"
            raise AuthError(403, "otp_expired", f"{what} {words}")
        return found


def _address(user: User, kind: str) -> str:
    if kind == "phone_change":
        return user.new_phone
    if kind in ("email_change", "email_change_new"):
        return user.new_email
    return user.phone if kind == "sms" else user.email


def _digest(address: str, code: str) -> str:
    return hashlib.sha224(f"{address}{code}".encode()).hexdigest()
