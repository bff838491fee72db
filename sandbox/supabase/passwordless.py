"""Signing in and confirming by one-time codes: recover, otp, resend, verify, invite, links.

Raises AuthError; knows no routes.
"""

from typing import Any
from urllib.parse import urlencode

from sandbox.core.clock import iso8601, utc_now
from sandbox.supabase.codes import PKCE_PREFIX, TEXTED, Sent
from sandbox.supabase.errors import AuthError
from sandbox.supabase.service import AuthService, pkce_of
from sandbox.supabase.store import User
from sandbox.supabase.users import plain_number, read_email, read_phone, user_json

_LINKS = (
    "signup", "invite", "magiclink", "recovery", "email_change_current", "email_change_new",
)  # fmt: skip


def recover(service: AuthService, body: dict[str, Any], redirect_to: str) -> None:
    """Send a code to set a new password. Whether the address is known is not told."""
    email = read_email(body)
    if not email:
        raise AuthError(400, "validation_failed", "Password recovery requires an email")
    user = service.store.find(email=email)
    if user is not None:
        service.codes.send(user, "recovery", redirect_to, pkce_of(body))


async def otp(service: AuthService, body: dict[str, Any], redirect_to: str) -> Sent:
    """Send a code to sign in by; whoever is unknown is signed up, unless `create_user` is false."""
    email, phone = read_email(body), read_phone(body)
    if bool(email) == bool(phone):
        raise AuthError(
            400, "validation_failed", "Only an email address or phone number should be provided"
        )
    user = service.store.find(email=email, phone=phone)
    if user is None:
        if body.get("create_user") is False:
            raise AuthError(422, "otp_disabled", "Signups not allowed for otp")
        user = await service.add_user(email, phone, "", dict(body.get("data") or {}))
    kind = "sms" if phone else "magiclink"
    return service.codes.send(user, kind, redirect_to, pkce_of(body))


def resend(service: AuthService, body: dict[str, Any], redirect_to: str) -> Sent | None:
    """Send a code anew that is still waited for; nothing, and no word, where none is."""
    kind = str(body.get("type") or "")
    email, phone = read_email(body), read_phone(body)
    if kind not in ("signup", "email_change", *TEXTED):
        raise AuthError(
            400,
            "validation_failed",
            "Missing one of these types: signup, email_change, sms, phone_change",
        )
    if bool(phone) != (kind in TEXTED) or not (email or phone):
        needs = "a phone number" if kind in TEXTED else "an email address"
        raise AuthError(400, "validation_failed", f"Type provided requires {needs}")
    for user in service.store.users:
        waits = {
            "signup": user.email == email and "email" in user.unconfirmed,
            "sms": user.phone == phone and "phone" in user.unconfirmed,
            "email_change": bool(user.new_email) and email in (user.email, user.new_email),
            "phone_change": bool(user.new_phone) and phone in (user.phone, user.new_phone),
        }
        if waits[kind]:
            return service.codes.send(user, kind, redirect_to)
    return None


def verify(service: AuthService, body: dict[str, Any]) -> dict[str, Any]:
    """A session for a code, or for a link's hash."""
    kind, token = str(body.get("type") or ""), str(body.get("token") or "")
    hashed = str(body.get("token_hash") or "")
    if not kind or not (token or hashed):
        raise AuthError(400, "validation_failed", "Verify requires a token or a token hash")
    address = plain_number(str(body.get("phone") or ""))
    address = address or str(body.get("email") or "").strip().lower()
    if not hashed and not address:
        raise AuthError(
            400,
            "validation_failed",
            "Only an email address or phone number should be provided on verify",
        )
    code = service.codes.take(kind, address=address, code=token, token_hash=hashed)
    return service.signed_in(_confirmed(service, code.user_id, kind), "otp")


def follow_link(service: AuthService, token: str, kind: str, redirect_to: str) -> str:
    """Where a link's click leads: to a page that is given a session, a code to change for one, or
    the error, in the fragment or the query of its address."""
    page = redirect_to or service.codes.site_url
    try:
        code = service.codes.take(kind, token_hash=token)
        user = _confirmed(service, code.user_id, kind)
        if token.startswith(PKCE_PREFIX):
            made = service.codes.make(user, "auth_code", pkce=code.pkce)
            return f"{page}?{urlencode({'code': made.token_hash})}"
        tokens = service.signed_in(user, "otp")
    except AuthError as error:
        told = {
            "error": "access_denied",
            "error_code": error.code,
            "error_description": error.message,
        }
        return f"{page}#{urlencode(told)}"
    names = ("access_token", "expires_at", "expires_in", "refresh_token", "token_type")
    return f"{page}#{urlencode({**{name: tokens[name] for name in names}, 'type': kind})}"


async def invite(service: AuthService, body: dict[str, Any], redirect_to: str) -> User:
    """Send somebody new a link by which they become a user."""
    user = await _invited(service, body)
    service.codes.send(user, "invite", redirect_to)
    return user


async def generate_link(
    service: AuthService, body: dict[str, Any], redirect_to: str
) -> dict[str, Any]:
    """A link and a code that somebody else sends, with the user they are for."""
    kind, email = str(body.get("type") or ""), read_email(body)
    if kind not in _LINKS:
        raise AuthError(
            400, "validation_failed", f"Invalid email action link type requested: {kind}"
        )
    if kind == "invite":
        user: User | None = await _invited(service, body)
    else:
        user = service.store.find(email=email)
    if user is None and kind == "magiclink":
        kind = "signup"
    elif user is not None and kind == "signup" and "email" not in user.unconfirmed:
        service.refuse_taken(None, email, "")
    if user is None and kind == "signup":
        user = await service.add_user(
            email, "", str(body.get("password") or ""), dict(body.get("data") or {})
        )
        user.unconfirmed = ["email"]
    if user is None:
        raise AuthError(404, "user_not_found", "User with this email not found")
    if kind.startswith("email_change"):
        new_email = read_email(body, "new_email")
        service.refuse_taken(user, new_email, "")
        user.new_email = new_email
        service.touch(user)
    made = service.codes.make(user, kind, redirect_to)
    return user_json(user) | {
        "action_link": made.link,
        "email_otp": made.code,
        "hashed_token": made.token_hash,
        "verification_type": kind,
        "redirect_to": redirect_to or service.codes.site_url,
    }


async def _invited(service: AuthService, body: dict[str, Any]) -> User:
    email = read_email(body)
    if not email:
        raise AuthError(400, "validation_failed", "An email address is required")
    user = service.store.find(email=email)
    if user is not None and "email" not in user.unconfirmed:
        service.refuse_taken(None, email, "")
    user = user or await service.add_user(email, "", "", dict(body.get("data") or {}))
    user.unconfirmed, user.invited_at = ["email"], iso8601(utc_now())
    service.touch(user)
    return user


def _confirmed(service: AuthService, user_id: str, kind: str) -> User:
    """The user whose code came back: what it was sent to is theirs."""
    user = service.store.user(user_id)
    if user is None:
        raise AuthError(403, "otp_expired", "Token has expired or is invalid")
    channel = "phone" if kind in TEXTED else "email"
    if kind == "phone_change":
        user.phone, user.new_phone = user.new_phone, ""
    elif kind.startswith("email_change"):
        user.email, user.new_email = user.new_email, ""
    user.unconfirmed = [one for one in user.unconfirmed if one != channel]
    service.touch(user)
    return user
