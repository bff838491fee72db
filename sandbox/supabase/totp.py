"""Codes of authenticator apps (RFC 6238: SHA-1, six digits, 30 seconds). Pure: time is given."""

import base64
import hashlib
import hmac
import secrets
import struct
from urllib.parse import quote, urlencode

STEP_SECONDS = 30


def new_secret() -> str:
    """20 random bytes in base32, as authenticator apps take them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, seconds: float) -> str:
    """The code that an app shows at this moment, epoch seconds."""
    counter = struct.pack(">Q", int(seconds) // STEP_SECONDS)
    digest = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    start = digest[-1] & 0x0F
    (number,) = struct.unpack(">I", digest[start : start + 4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"


def matches(secret: str, code: str, seconds: float) -> bool:
    """Whether it is the code of now, of the step before or of the one after."""
    return any(
        hmac.compare_digest(code_at(secret, seconds + shift).encode(), code.encode())
        for shift in (-STEP_SECONDS, 0, STEP_SECONDS)
    )


def uri(secret: str, issuer: str, account: str) -> str:
    """What an app's camera reads."""
    more = {"algorithm": "SHA1", "digits": 6, "issuer": issuer, "period": STEP_SECONDS}
    return f"otpauth://totp/{quote(f'{issuer}:{account}')}?{urlencode(more)}&secret={secret}"
