"""Small memories of this process: how fast somebody asks, whom we have seen. No I/O, no clock."""

import uuid


class Rates:
    """Allows `burst` at once and `per_second` on average for each key."""

    def __init__(self, per_second: float, burst: float, most_keys: int = 50_000) -> None:
        self._per_second = per_second
        self._burst = burst
        self._most_keys = most_keys
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, key: str, now: float) -> float:
        """Take one; 0 when allowed, else the seconds until one is free."""
        level, at = self._levels.get(key, (self._burst, now))
        level = min(self._burst, level + (now - at) * self._per_second)
        if level < 1:
            self._levels[key] = (level, now)
            return (1 - level) / self._per_second
        if len(self._levels) >= self._most_keys:
            self._levels.clear()
        self._levels[key] = (level - 1, now)
        return 0.0


class Admitted:
    """Users this process has seen registered, so that a request costs no extra query."""

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._seen: set[uuid.UUID] = set()

    def __contains__(self, user_id: object) -> bool:
        return user_id in self._seen

    def add(self, user_id: uuid.UUID) -> None:
        """Remember; forgetting all of them only costs a query each."""
        if len(self._seen) >= self._most:
            self._seen.clear()
        self._seen.add(user_id)
