"""Where the sandbox listens, what it keeps, and the fixed credentials a product may point at.

The defaults are public constants, not secrets: they guard nothing but a make-believe world.
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
DEMO_EMAIL = "demo@example.com"
DEMO_PASSWORD = "talking-demo"  # noqa: S105 # public on purpose
DEMO_PHONE = "+12025550100"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One sandbox. `numbers` are the account's own, the only ones it may call and text from; texts
    to them are posted to `sms_webhook_url`, if there is one. With a `stripe_webhook_url` the
    payment service sends its events there from the start, signed with `stripe_webhook_secret`;
    `stripe_retry_days` are the waits between attempts to collect a renewal, and
    `stripe_after_retries` says whether the last one makes its subscription "cancel", "unpaid" or
    leaves it "past_due"."""

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
    stripe_webhook_url: str = ""
    stripe_webhook_secret: str = STRIPE_WEBHOOK_SECRET
    stripe_webhook_retry_seconds: tuple[float, ...] = (1.0, 5.0, 30.0)
    stripe_retry_days: tuple[int, ...] = (3, 5, 7)
    stripe_after_retries: Literal["cancel", "unpaid", "past_due"] = "cancel"

    @property
    def base_url(self) -> str:
        """The origin clients reach it at; access tokens name it as their issuer."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"
