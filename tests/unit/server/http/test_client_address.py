"""Behind proxies the address is what the last trusted one saw, whatever a client made up."""

import pytest

from server.core.settings.loading import ConfigError
from server.http.client_address import client_address, networks

OURS = networks(["10.0.0.0/8", "2001:db8::1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["198.51.100.1"], "192.0.2.7"),
        ("10.0.0.5", ["198.51.100.1"], "198.51.100.1"),
        ("2001:db8::1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.5", ["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.5", ["203.0.113.9", "198.51.100.1, 10.0.0.6"], "198.51.100.1"),
        ("10.0.0.5", ["10.0.0.7"], "10.0.0.7"),
        ("10.0.0.5", [], "10.0.0.5"),
        ("10.0.0.5", ["10.0.0.6, unknown"], "unknown"),
        ("", ["198.51.100.1"], ""),
        ("10.0.0.5", ["198.51.100.1:50123"], "198.51.100.1"),
        ("10.0.0.5", ["198.51.100.1, 10.0.0.6:443"], "198.51.100.1"),
        ("10.0.0.5", ["[2001:DB8::7]:50123"], "2001:db8::"),
        ("10.0.0.5", ["[2001:db8::7]"], "2001:db8::"),
        ("::ffff:10.0.0.5", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.5", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("10.0.0.5", ["198.51.100.1, "], "198.51.100.1"),
        ("10.0.0.5", [""], "10.0.0.5"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::"),
        ("fe80::7%eth0", [], "fe80::"),
        ("::ffff:192.0.2.7", [], "192.0.2.7"),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, forwarded: list[str], address: str) -> None:
    assert client_address(peer, forwarded, OURS) == address


def test_without_trusted_proxies_the_header_says_nothing() -> None:
    assert client_address("10.0.0.5", ["198.51.100.1"], ()) == "10.0.0.5"


def test_what_is_no_address_is_named() -> None:
    with pytest.raises(ConfigError, match=r"trusted_proxies.*999"):
        networks(["10.0.0.1", "10.0.0.999"])
