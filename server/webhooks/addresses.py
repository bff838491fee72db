"""Where a webhook may go: to the public internet, by https, and nowhere in our own network. Pure.

A name is judged by what it resolves to when something is sent, and the connection goes to that very
address (`sender.py`); here are the rules for both.
"""

import ipaddress
import re
from typing import TypeAlias

from yarl import URL

from server.core.errors import AppError

MOST_CHARACTERS = 2000
_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.(?!-)[A-Za-z0-9_-]{1,63})*\.?")
# Of no host: what was the way to IPv6 once (RFC 7526), and what is only for documents (RFC 9637).
_NOWHERE = (ipaddress.IPv4Network("192.88.99.0/24"), ipaddress.IPv6Network("3fff::/20"))
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")  # which ipaddress knows in part only
_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is given out; nothing else is public


def is_public(text: str) -> bool:
    """Whether an address is of the public internet, and so is one that is wrapped in it."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(_is_global(one) for one in (address, *_wrapped(address)))


def checked_url(text: str, *, allow_private: bool) -> URL:
    """The address as it is kept. Raises AppError("bad_request"), which says what is wrong."""
    try:
        url = URL(text)
        host, port = url.host, url.port
    except ValueError:
        raise AppError("bad_request", "`url` is no address of the web.") from None
    if text != text.strip() or _CONTROL.search(text) or not _may_be_host(url.raw_host or ""):
        raise AppError("bad_request", "`url` is no address of the web.")
    schemes = ("https", "http") if allow_private else ("https",)
    if url.scheme not in schemes or not host or not port:
        raise AppError("bad_request", "`url` must be an https address with a host.")
    if url.user is not None or url.password is not None or url.fragment:
        raise AppError("bad_request", "`url` may hold no user, password or fragment.")
    if not allow_private and not is_allowed_literal(host):
        raise AppError("bad_request", "`url` must be in the public internet.")
    return url


def _may_be_host(host: str) -> bool:
    """Whether it is an address, or a name of labels (RFC 1123); an empty one is told otherwise."""
    return ":" in host or not host or (len(host) <= 253 and bool(_NAME.fullmatch(host)))


def is_allowed_literal(host: str) -> bool:
    """False for an address in digits that is not public; names are judged when they resolve."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        # What some resolvers read as an address, such as 2130706433 or 0x7f.1, is no name.
        return not host.rstrip(".").rpartition(".")[2][:1].isdigit()
    return is_public(host)


def _is_global(address: _Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST:
        return False
    return address.is_global and not (
        address in _PROTOCOLS
        or any(address in one for one in _NOWHERE)
        or address.is_private
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
    )


def _wrapped(address: _Address) -> list[_Address]:
    """The IPv4 addresses that traffic to it may end at."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found = (address.sixtofour, *(address.teredo or ()))
    return [one for one in found if one is not None]
