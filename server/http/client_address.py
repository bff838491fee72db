"""Which address somebody came from, where proxies of ours stand in between. Pure.

A proxy adds the address that it was asked from to X-Forwarded-For, at its end; whatever stands
before may be made up. So what a trusted one says is believed, and no more.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from server.core.rate_limits import peer_of
from server.core.settings.loading import ConfigError

_WITH_PORT = re.compile(r"\[([0-9a-fA-F:.]+)\](?::\d{1,5})?|(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}")

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(given: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks as they are written down. Raises ConfigError."""
    found, faults = [], []
    for text in given:
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            faults.append(f"server.trusted_proxies: {text!r} is no address and no network")
    if faults:
        raise ConfigError(faults)
    return tuple(found)


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The last address on the way that is none of a trusted proxy; `forwarded` are the headers. Of
    IPv6 it is the host's network."""
    address = _plain(peer)
    hops = [one.strip() for line in forwarded for one in line.split(",") if one.strip()]
    while hops and _is_in(address, trusted):
        address = _plain(hops.pop())
    return peer_of(address)


def _plain(given: str) -> str:
    """An address alone: some proxies write its port behind it, which is another one each time, and
    sockets of both families have IPv4 within IPv6."""
    found = _WITH_PORT.fullmatch(given)
    text = (found[1] or found[2]) if found is not None else given
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return given
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _is_in(address: str, trusted: Sequence[Network]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in trusted)
