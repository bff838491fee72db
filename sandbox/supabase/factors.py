"""Second factors: enrolled, challenged, verified, and what a session gains and loses by them.

Raises AuthError; knows no routes.
"""

import secrets
import uuid
from typing import Any

from sandbox.core.clock import iso8601, utc_now
from sandbox.supabase import totp
from sandbox.supabase.codes import Sent
from sandbox.supabase.errors import AuthError
from sandbox.supabase.service import AuthService
from sandbox.supabase.store import Challenge, Factor, Session, User
from sandbox.supabase.users import read_phone

CHALLENGE_SECONDS = 300.0
_MOST = 10


def enroll(
    service: AuthService, user: User, session: Session, body: dict[str, Any]
) -> dict[str, Any]:
    """A new factor, which counts once it was verified."""
    kind, name = str(body.get("factor_type") or ""), str(body.get("friendly_name") or "")
    if kind not in ("totp", "phone"):
        raise AuthError(
            400, "validation_failed", "factor_type needs to be totp, phone, or webauthn"
        )
    phone = read_phone(body) if kind == "phone" else ""
    if kind == "phone" and not phone:
        raise AuthError(400, "validation_failed", "Phone number required to enroll Phone factor")
    if any(factor.friendly_name == name for factor in user.factors):
        raise AuthError(
            422,
            "mfa_factor_name_conflict",
            f'A factor with the friendly name "{name}" for this user already exists',
        )
    if len(user.factors) >= _MOST:
        raise AuthError(
            422,
            "too_many_enrolled_mfa_factors",
            "Maximum number of verified factors reached, unenroll to continue",
        )
    if any(factor.verified for factor in user.factors) and session.aal != "aal2":
        raise AuthError(403, "insufficient_aal", "AAL2 required to enroll a new factor")
    now = iso8601(utc_now())
    factor = Factor(
        id=str(uuid.uuid4()),
        factor_type=kind,
        friendly_name=name,
        secret=totp.new_secret() if kind == "totp" else "",
        phone=phone,
        created_at=now,
        updated_at=now,
    )
    user.factors.append(factor)
    service.touch(user)
    made = {"id": factor.id, "type": kind, "friendly_name": name}
    if kind == "phone":
        return made | {"phone": f"+{phone}"}
    issuer = str(body.get("issuer") or service.codes.site_url.partition("://")[2])
    shown = {
        # No picture that a camera reads: whoever has the secret needs none.
        "qr_code": f'<svg xmlns="http://www.w3.org/2000/svg"><text>{factor.secret}</text></svg>',
        "secret": factor.secret,
        "uri": totp.uri(factor.secret, issuer, user.email),
    }
    return made | {"totp": shown}


def challenge(service: AuthService, user: User, factor_id: str) -> dict[str, Any]:
    """Ask a factor for its code; a phone is texted one."""
    factor, now = _factor(user, factor_id), utc_now()
    code = f"{secrets.randbelow(1_000_000):06d}" if factor.phone else ""
    if code:
        service.codes.sent.append(Sent(now, f"+{factor.phone}", "mfa", code))
    expires_at = now.timestamp() + CHALLENGE_SECONDS
    made = service.store.add_challenge(
        Challenge(factor_id=factor.id, expires_at=expires_at, code=code)
    )
    return {"id": made, "type": factor.factor_type, "expires_at": int(expires_at)}


def verify(
    service: AuthService, user: User, session: Session, factor_id: str, body: dict[str, Any]
) -> dict[str, Any]:
    """The session is aal2 from now on; the user's sessions that are not end."""
    factor, now = _factor(user, factor_id), utc_now()
    challenge_id, given = str(body.get("challenge_id") or ""), str(body.get("code") or "")
    asked = service.store.challenge(challenge_id)
    if asked is None or asked.factor_id != factor.id:
        raise AuthError(
            422, "mfa_factor_not_found", "MFA factor with the provided challenge ID not found"
        )
    if now.timestamp() >= asked.expires_at:
        service.store.drop_challenge(challenge_id)
        raise AuthError(
            422,
            "mfa_challenge_expired",
            f"MFA challenge {challenge_id} has expired, verify against another challenge or create "
            "a new challenge.",
        )
    is_phone = factor.factor_type == "phone"
    right = (
        secrets.compare_digest(asked.code.encode(), given.encode())
        if is_phone
        else totp.matches(factor.secret, given, now.timestamp())
    )
    if not right:
        what = "MFA Phone" if is_phone else "TOTP"
        raise AuthError(422, "mfa_verification_failed", f"Invalid {what} code entered")
    service.store.drop_challenge(challenge_id)
    factor.verified, factor.updated_at = True, iso8601(now)
    session.aal, session.factor_id = "aal2", factor.id
    method = "mfa/phone" if is_phone else "totp"
    others = [one for one in session.amr if one["method"] != method]
    session.amr = [{"method": method, "timestamp": int(now.timestamp())}, *others]
    for other in service.store.sessions_of(user.id):
        if other.aal != "aal2":
            service.store.end_session(other.id)
    user.factors = [
        one for one in user.factors if one.verified or one.factor_type != factor.factor_type
    ]
    service.touch(user)
    token = service.store.rotate(session, now.timestamp())
    return service.tokens(user, session, token)


def unenroll(service: AuthService, user: User, session: Session, factor_id: str) -> None:
    """Remove a factor. A verified one is needed for that itself."""
    if _factor(user, factor_id).verified and session.aal != "aal2":
        raise AuthError(422, "insufficient_aal", "AAL2 required to unenroll verified factor")
    remove(service, user, factor_id)


def remove(service: AuthService, user: User, factor_id: str) -> Factor:
    """Remove a factor; sessions that had their assurance of it are aal1 again."""
    factor = _factor(user, factor_id)
    user.factors.remove(factor)
    for session in service.store.sessions_of(user.id):
        if session.factor_id == factor_id:
            session.aal, session.factor_id = "aal1", ""
            session.amr = [one for one in session.amr if one["method"] not in ("totp", "mfa/phone")]
    service.touch(user)
    return factor


def _factor(user: User, factor_id: str) -> Factor:
    for factor in user.factors:
        if factor.id == factor_id:
            return factor
    raise AuthError(404, "mfa_factor_not_found", "Factor not found")
