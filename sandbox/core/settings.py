"""Where the sandbox listens, what it keeps, and the fixed credentials a product may point at.

The defaults are public constants, not secrets: they guard nothing real.
Knows nothing of the product; whoever runs both puts these values into the product's settings.
"""

from pathlib import Path
from typing import Literal

import msgspec

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "5a4db0c5a4db0c5a4db0c5a4db0c5a4d"  # noqa: S105 # public on purpose
NUMBERS = ("+12025550199",)
PUBLISHABLE_KEY = "sandbox-publishable-key"
SECRET_KEY = "sandbox-secret-key"  # noqa: S105 # public on purpose
STRIPE_KEY = "sk_test_sandbox_0123456789abcdef"
STRIPE_WEBHOOK_SECRET = "whsec_sandbox_0123456789abcdef"  # noqa: S105 # public on purpose
SENDGRID_KEY = "SG.sandbox0123456789abcdef.sandbox0123456789abcdef0123456789abcdef0"
SENDGRID_PRIVATE_KEY = (  # PKCS#8 in DER, base64; public on purpose
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/JLsy8H8gQyfNmBXdgqjbjBcVXUGv+ereEbiBKdBqDCh"
    "RANCAAROR0KYA2ZFUbVS9X00QdPUeApyA7pLZ/3F/buys1fqCHfAv4/pdCCPkGxLGvJeni1CdC28d/RUrYw9dESzgDof"
)
SENDGRID_PUBLIC_KEY = (  # its other half as SendGrid shows it: SPKI in DER, base64
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETkdCmANmRVG1UvV9NEHT1HgKcgO6S2f9xf27srNX6gh3wL+P6XQgj5Bs"
    "SxryXp4tQnQtvHf0VK2MPXREs4A6Hw=="
)
VERIFIED_SENDERS = ("talking@example.com",)
DEMO_EMAIL = "demo@example.com"
DEMO_PASSWORD = "talking-demo"  # noqa: S105 # public on purpose
DEMO_PHONE = "+12025550100"
STAFF = {  # by role: who looks, and who also acts
    "admin": ("admin@example.com", "talking-admin"),
    "operator": ("operator@example.com", "talking-operator"),
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One sandbox. `numbers` are the account's own, the only ones it may call and text from; texts
    to them are posted to `sms_webhook_url`; calls to them ask `voice_webhook_url` what to do, and
    their end is told to `voice_status_url`. With a `stripe_webhook_url` the
    payment service sends its events there from the start, signed with `stripe_webhook_secret`;
    `stripe_retry_days` are the waits between attempts to collect a renewal, and
    `stripe_after_retries` says whether the last one makes its subscription "cancel", "unpaid" or
    leaves it "past_due". The mail service takes mail from `verified_senders` only, posts its events
    to `sendgrid_webhook_url` and mail for `inbound_parse_host` to `inbound_parse_url`; what happens
    to a mail takes `mail_pace` times as long as usual. A call to a browser's phone waits
    `phone_grace_seconds` for a page that is gone or says nothing; the page, and links that sign
    people in, lead to the console at `console_url`, if there is one. With `confirm_sign_ups` a new
    address or number counts once its code came back."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8010
    public_url: str = ""
    account_sid: str = ACCOUNT_SID
    auth_token: str = AUTH_TOKEN
    numbers: tuple[str, ...] = NUMBERS
    publishable_key: str = PUBLISHABLE_KEY
    secret_key: str = SECRET_KEY
    sms_webhook_url: str = ""
    voice_webhook_url: str = ""
    voice_status_url: str = ""
    stripe_webhook_url: str = ""
    stripe_webhook_secret: str = STRIPE_WEBHOOK_SECRET
    stripe_webhook_retry_seconds: tuple[float, ...] = (1.0, 5.0, 30.0)
    stripe_retry_days: tuple[int, ...] = (3, 5, 7)
    stripe_after_retries: Literal["cancel", "unpaid", "past_due"] = "cancel"
    sendgrid_key: str = SENDGRID_KEY
    verified_senders: tuple[str, ...] = VERIFIED_SENDERS
    sendgrid_webhook_url: str = ""
    sendgrid_batch_seconds: float = 0.2
    sendgrid_retry_seconds: tuple[float, ...] = (1.0, 5.0, 30.0)
    inbound_parse_url: str = ""
    inbound_parse_host: str = "replies.example.com"
    mail_pace: float = 1.0
    phone_grace_seconds: float = 10.0
    console_url: str = ""
    confirm_sign_ups: bool = False

    @property
    def base_url(self) -> str:
        """The origin clients reach it at; access tokens name it as their issuer."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"
