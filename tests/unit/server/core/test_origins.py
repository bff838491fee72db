"""Addresses that are the same are equal, however they were written down."""

import pytest

from server.core.config import load
from server.core.origins import normal_origin, normal_url
from server.core.settings.loading import ConfigError

TOKEN = {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32}


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("HTTPS://Talking.Example:443/", "https://talking.example"),
        ("http://talking.example:80", "http://talking.example"),
        ("https://talking.example:8443/", "https://talking.example:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        (" https://talking.example/ \n", "https://talking.example"),
        ("https://talking.example/App/", "https://talking.example/App"),
    ],
)
def test_the_same_address_has_one_form(written: str, normal: str) -> None:
    assert normal_url(written) == normal == normal_url(normal)


@pytest.mark.parametrize(
    "written",
    ["", "null", "talking.example", "ftp://x", "https://", "https://x/app", "https://x:0x"],
)
def test_what_is_no_origin_equals_none(written: str) -> None:
    assert normal_origin(written) == ""


def test_the_configuration_holds_them_in_that_form_and_refuses_others() -> None:
    addresses = {
        "TALKING_SERVER__PUBLIC_URL": "HTTPS://Talking.Example:443/",
        "TALKING_SERVER__ALLOWED_ORIGINS": "https://Other.Example/, http://x:80",
    }
    server = load(None, TOKEN | addresses).server
    assert (server.public_url, server.origin) == ("https://talking.example",) * 2
    assert server.allowed_origins == ("https://other.example", "http://x")
    for key, wrong in (("PUBLIC_URL", "http://user@x"), ("ALLOWED_ORIGINS", "https://x/app")):
        with pytest.raises(ConfigError, match=f"server.{key.lower()}"):
            load(None, TOKEN | {f"TALKING_SERVER__{key}": wrong})
