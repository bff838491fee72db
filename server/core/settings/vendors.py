"""Where the vendors are and what we are to them: their sections of the configuration.

Knows no vendor's interface.
"""

from typing import Annotated

from msgspec import Meta

from server.core.settings.loading import Secret
from server.core.settings.types import Count, HttpUrl, Seconds, Section


class Auth(Section, frozen=True):
    """Whose tokens we accept: a Supabase project's, by its issuer; `service_key` deletes there."""

    issuer: HttpUrl = "http://127.0.0.1:8010/auth/v1"
    audience: str = "authenticated"
    publishable_key: str = "sandbox-publishable-key"
    service_key: Secret = Secret("")
    jwks_cache_seconds: Seconds = 600.0
    check_sessions: bool = True
    session_cache_seconds: Annotated[float, Meta(ge=0)] = 0.0
    leeway_seconds: Annotated[float, Meta(ge=0)] = 30.0
    admin_aal: Annotated[int, Meta(ge=1, le=2)] = 2


class Twilio(Section, frozen=True):
    """The phone company's account; what is `previous_` is still accepted while rotating. Webhooks
    may be signed by the secret of a Twilio SharedKey, `shared_key`."""

    account_sid: Annotated[str, Meta(pattern=r"^AC[0-9a-f]{32}$")] = "AC" + "0" * 32
    auth_token: Secret = Secret("")
    previous_auth_token: Secret = Secret("")
    shared_key: Secret = Secret("")
    previous_shared_key: Secret = Secret("")
    from_number: Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}$")] = "+12025550199"
    base_url: HttpUrl = "https://api.twilio.com"
    timeout_seconds: Seconds = 8.0


class Stripe(Section, frozen=True):
    """The payment account; without a `secret_key` nobody can buy a plan.

    `previous_webhook_secret` is still accepted while rotating.
    """

    secret_key: Secret = Secret("")
    webhook_secret: Secret = Secret("")
    previous_webhook_secret: Secret = Secret("")
    base_url: HttpUrl = "https://api.stripe.com"
    timeout_seconds: Seconds = 8.0
    max_retries: Annotated[int, Meta(ge=0, le=5)] = 2
    work_seconds: Seconds = 20.0
    at_once: Annotated[int, Meta(ge=1, le=1000)] = 10
    set_aside_after_days: Annotated[float, Meta(gt=0, le=30)] = 3.0
    max_webhook_bytes: Count = 256 * 1024
    reconcile_at: Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "03:17"


class Sendgrid(Section, frozen=True):
    """The mail company's account; without an `api_key` no e-mail is sent.

    `public_key` verifies its event webhook; `inbound_key` is part of the address that replies are
    posted to, at `reply_domain`.
    """

    api_key: Secret = Secret("")
    public_key: Annotated[str, Meta(pattern=r"^[A-Za-z0-9+/=]*$")] = ""
    inbound_key: Secret = Secret("")
    base_url: HttpUrl = "https://api.sendgrid.com"
    timeout_seconds: Seconds = 8.0
    settle_seconds: Seconds = 120.0
    max_webhook_bytes: Count = 1024 * 1024
    max_inbound_bytes: Count = 36 * 1024 * 1024
