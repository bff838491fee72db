"""Was this really sent by the company that it names? Pure checks over bytes and secrets.

Twilio signs the address it was given, as it was given, with every form field ("Webhooks
security"); the address is therefore built from our configured public origin, never from the
Host header of whoever is asking. Knows no requests and no configuration files.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from stripe import SignatureVerificationError, WebhookSignature
from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    RequestValidator,
    get_signature_algorithm,
)

from server.core.settings.loading import Secret
from server.core.settings.vendors import Stripe, Twilio

# SendGrid tries for 24 hours and does not say whether it signs each try anew; what is replayed
# within that time has an event id we know.
MAIL_AGE_SECONDS = 26 * 3600.0
_AHEAD_SECONDS = 600.0
SIGNATURE_SETTINGS = "X-Twilio-Webhooks-Signature-Settings"


def tokens(twilio: Twilio) -> list[Secret]:
    """The secrets a signature may be made with: the current one, and the one being rotated out."""
    return [token for token in (twilio.auth_token, twilio.previous_auth_token) if token]


def twilio_signed(
    twilio: Twilio,
    url: str,
    params: Mapping[str, object],
    signatures: Sequence[str],
    settings: Sequence[str] = (),
) -> bool:
    """Whether exactly one signature came and it fits `url` and `params` under one of our secrets.

    `settings` are the values of SIGNATURE_SETTINGS, by which a request says that it was signed with
    a SharedKey (HMAC-SHA256) and not with the account's auth token (HMAC-SHA1).
    """
    if len(signatures) != 1 or not signatures[0] or len(settings) > 1:
        return False
    algorithm = get_signature_algorithm(settings[0] if settings else "")
    secrets = {
        HMAC_SHA1: tokens(twilio),
        HMAC_SHA256: [key for key in (twilio.shared_key, twilio.previous_shared_key) if key],
    }
    return any(
        RequestValidator(secret.reveal()).validate(url, params, signatures[0], algorithm)
        for secret in secrets.get(algorithm, [])
    )


def as_twilio_signs(secret: Secret, url: str, params: Mapping[str, str]) -> str:
    """The signature that the carrier would send, for asking ourselves."""
    signature: str = RequestValidator(secret.reveal()).compute_signature(url, params)
    return signature


def socket_signed(
    twilio: Twilio, url: str, signatures: Sequence[str], settings: Sequence[str] = ()
) -> bool:
    """The same for a websocket handshake, whose address is signed with and without a final "/"."""
    return any(
        twilio_signed(twilio, spelled, {}, signatures, settings) for spelled in (url, f"{url}/")
    )


def mail_signed(public_key: str, body: bytes, signature: str, timestamp: str, now: float) -> bool:
    """Whether the mail company signed these bytes lately (SendGrid, "Event Webhook Security
    Features"): ECDSA with SHA-256 over time and raw body, DER in base64."""
    if not (public_key and signature and timestamp.isascii() and timestamp.isdigit()):
        return False
    if len(timestamp) > 12 or not -_AHEAD_SECONDS <= now - int(timestamp) <= MAIL_AGE_SECONDS:
        return False
    key = mail_key(public_key)
    if key is None:
        return False
    try:
        given = base64.b64decode(signature, validate=True)
        key.verify(given, timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def mail_key(text: str) -> ec.EllipticCurvePublicKey | None:
    """The verification key as the mail company shows it (SPKI in base64); None if it is none."""
    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) else None


def stripe_signed(settings: Stripe, body: bytes, header: str) -> bool:
    """Whether one of our secrets signed exactly these bytes, not more than five minutes ago."""
    if not header.isascii():  # the library compares text, and would raise
        return False
    for secret in (settings.webhook_secret, settings.previous_webhook_secret):
        if not secret:
            continue
        try:
            WebhookSignature.verify_header(body.decode(), header, secret.reveal(), tolerance=300)
        except (SignatureVerificationError, UnicodeDecodeError):
            continue
        return True
    return False


def same_secret(secret: Secret, given: str) -> bool:
    """Whether it is the secret, which must be set; how long this takes says nothing about it."""
    return bool(secret) and hmac.compare_digest(secret.reveal().encode(), given.encode())
