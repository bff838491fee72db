"""Which address somebody came from, where proxies of ours stand in between. Pure.

A proxy adds the address that it was asked from to X-Forwarded-For, at its end; whatever stands
before may be made up. So what a trusted one says is believed, and no more.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from server.core.settings.loading import ConfigError

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
    """The last address on the way that is none of a trusted proxy; `forwarded` are the headers."""
    address = peer
    hops = [one.strip() for line in forwarded for one in line.split(",")]
    while hops and _is_in(address, trusted):
        address = hops.pop()
    return address


def _is_in(address: str, trusted: Sequence[Network]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in trusted)
