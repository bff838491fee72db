"""Was this really sent by the phone company? Pure checks over bytes, addresses and secrets.

Twilio signs the address it was given, as it was given, with every form field ("Webhooks
security"); the address is therefore built from our configured public origin, never from the
Host header of whoever is asking. Knows no requests and no configuration files.
"""

from collections.abc import Mapping, Sequence

from twilio.request_validator import RequestValidator

from server.config import Secret, Twilio


def tokens(twilio: Twilio) -> list[Secret]:
    """The secrets a signature may be made with: the current one, and the one being rotated out."""
    return [token for token in (twilio.auth_token, twilio.previous_auth_token) if token]


def twilio_signed(
    secrets: Sequence[Secret], url: str, params: Mapping[str, object], signatures: Sequence[str]
) -> bool:
    """Whether exactly one signature came and it fits `url` and `params` under one secret."""
    if len(signatures) != 1 or not signatures[0]:
        return False
    return any(
        RequestValidator(secret.reveal()).validate(url, params, signatures[0]) for secret in secrets
    )


def socket_signed(secrets: Sequence[Secret], url: str, signatures: Sequence[str]) -> bool:
    """The same for a websocket handshake, whose address is signed with and without a final "/"."""
    return any(twilio_signed(secrets, spelled, {}, signatures) for spelled in (url, f"{url}/"))
