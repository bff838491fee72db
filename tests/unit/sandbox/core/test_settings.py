"""The command's options."""

import pytest

from sandbox.__main__ import read_settings
from sandbox.core.settings import VERIFIED_SENDERS


def test_options_say_where_mail_goes_and_who_may_send_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings([]).verified_senders == VERIFIED_SENDERS
    monkeypatch.setenv("SANDBOX_VERIFIED_SENDERS", "a@example.com,b@example.com")
    monkeypatch.setenv("SANDBOX_INBOUND_PARSE_URL", "http://product.test/in")
    settings = read_settings(["--sendgrid-webhook-url", "http://product.test/events"])
    assert settings.verified_senders == ("a@example.com", "b@example.com")
    assert settings.sendgrid_webhook_url == "http://product.test/events"
    assert settings.inbound_parse_url == "http://product.test/in"
    assert read_settings(["--mail-pace", "0.1"]).mail_pace == 0.1
    assert read_settings(["--verified-sender", "c@example.com"]).verified_senders == (
        "c@example.com",
    )


def test_the_webhooks_are_given_by_flag_or_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_SMS_WEBHOOK_URL", "https://product.example/env")
    assert read_settings([]).sms_webhook_url == "https://product.example/env"
    flagged = read_settings(["--sms-webhook-url", "https://product.example/flag"])
    assert flagged.sms_webhook_url == "https://product.example/flag"
    assert flagged.stripe_webhook_url == ""
