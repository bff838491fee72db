"""Flags of the sandbox's command line."""

import pytest

from sandbox.__main__ import read_settings


def test_the_webhooks_are_given_by_flag_or_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_SMS_WEBHOOK_URL", "https://product.example/env")
    assert read_settings([]).sms_webhook_url == "https://product.example/env"
    flagged = read_settings(["--sms-webhook-url", "https://product.example/flag"])
    assert flagged.sms_webhook_url == "https://product.example/flag"
    assert flagged.stripe_webhook_url == ""
