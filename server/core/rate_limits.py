"""Small memories of this process: how fast somebody asks, whom we have seen. No I/O, no clock."""

import ipaddress
import uuid


def peer_of(address: str) -> str:
    """Who is counted for a network address: of IPv6 the /64, in which a single host has any address
    it likes (RFC 8981). IPv4 within IPv6 is IPv4; what is no address is itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False).network_address)


class Rates:
    """Allows `burst` at once and `per_second` on average for each key."""

    def __init__(self, per_second: float, burst: float, most_keys: int = 50_000) -> None:
        self._per_second = per_second
        self._burst = burst
        self._most_keys = most_keys
        self._levels: dict[str, tuple[float, float]] = {}

    def owe(self, key: str, now: float, many: int, per_minute: int | None = None) -> None:
        """Take so many more for a request that was let in, also beyond what is left: what comes
        next waits until they are made up for."""
        burst, per_second = self._limits(per_minute)
        level, at = self._levels.get(key, (burst, now))
        self._levels[key] = (min(burst, level + (now - at) * per_second) - many, now)

    def take(self, key: str, now: float, per_minute: int | None = None) -> float:
        """Take one; 0 when allowed, else the seconds until one is free. A key with a limit of its
        own says how many a minute it may take, and at once."""
        burst, per_second = self._limits(per_minute)
        level, at = self._levels.get(key, (burst, now))
        level = min(burst, level + (now - at) * per_second)
        if level < 1:
            self._levels[key] = (level, now)
            return (1 - level) / per_second
        if len(self._levels) >= self._most_keys:
            self._levels.clear()
        self._levels[key] = (level - 1, now)
        return 0.0

    def _limits(self, per_minute: int | None) -> tuple[float, float]:
        if per_minute is None:
            return self._burst, self._per_second
        return per_minute, per_minute / 60


ADMITTED_SECONDS = 60.0


class Admitted:
    """Users this process has seen registered lately, so that a request costs no extra query. For so
    long a person who is being forgotten may still be let in by a node that was not told."""

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._until: dict[uuid.UUID, float] = {}

    def knows(self, user_id: uuid.UUID, now: float) -> bool:
        """Whether the user was added a short time ago."""
        return now < self._until.get(user_id, float("-inf"))

    def add(self, user_id: uuid.UUID, now: float) -> None:
        """Remember; forgetting all of them only costs a query each."""
        if len(self._until) >= self._most:
            self._until.clear()
        self._until[user_id] = now + ADMITTED_SECONDS

    def forget(self, user_id: uuid.UUID) -> None:
        """Look at the rows again when they come next."""
        self._until.pop(user_id, None)
