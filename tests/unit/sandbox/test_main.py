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
