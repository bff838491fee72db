"""Which addresses a webhook may go to: none of our own network, however it is written."""

import pytest

from server.core.errors import AppError
from server.webhooks.addresses import checked_url, is_allowed_literal, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "0.0.0.0", "192.0.0.8", "192.0.2.1", "198.18.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fd12:3456::1", "fec0::1", "feff::1", "4000::1", "5f00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::808:808",
        "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1", "localhost", "",
        "192.88.99.1", "3fff::1",
    ],
)  # fmt: skip
def test_what_is_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111"])
def test_what_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https://", "example.com", "", "https:///x",
        "https://user@example.com/", "https://u:p@example.com/", "https://example.com/#part",
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
        "https://10.1.2.3:8443/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
        "https://169.254.169.254/latest/meta-data/", "https://example.com:99999/", "https://[::1",
        "https://xn--/", "https://a..b/", "https://.com/", "https://-a.com/", "https://a b.com/",
        "https://ex\nample.com/", "https://example.com /", f"https://{'a' * 64}.com/",
        "https://127.0.0.1./", "https://\uff11\uff12\uff17.0.0.1/", "https://127\u30020\u30020\u30021/",
    ],
)  # fmt: skip
def test_addresses_that_are_refused_at_once(url: str) -> None:
    with pytest.raises(AppError) as refused:
        checked_url(url, allow_private=False)
    assert refused.value.code == "bad_request"


def test_a_sandbox_may_send_to_itself() -> None:
    assert str(checked_url("http://127.0.0.1:9/x", allow_private=True)) == "http://127.0.0.1:9/x"
    assert str(checked_url("https://example.com/x?y=1", allow_private=False)).endswith("/x?y=1")


@pytest.mark.parametrize("host", ["2130706433", "0x7f.0x1", "017700000001", "127.1", "[::1]"])
def test_what_a_resolver_may_read_as_an_address_is_no_name(host: str) -> None:
    assert not is_allowed_literal(host.strip("[]"))
