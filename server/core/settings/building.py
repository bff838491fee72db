"""What programs of others build on: `[api_keys]`, `[webhooks]`, `[tools]`. Knows no requests."""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

MOST_OVERLAP_HOURS = 720
OverlapHours: TypeAlias = Annotated[int, Meta(ge=0, le=MOST_OVERLAP_HOURS)]


class ApiKeys(msgspec.Struct, frozen=True):
    """Keys of programs. A socket that one opened is closed after `session_seconds` at the latest,
    to come back with a key that is still good."""

    most_per_user: Annotated[int, Meta(ge=1)] = 20
    overlap_hours: OverlapHours = 24
    session_seconds: Annotated[float, Meta(gt=0)] = 900.0


class Webhooks(msgspec.Struct, frozen=True):
    """Webhooks of people's own. `retry_seconds` are the pauses between attempts at one event, each
    longer or shorter by up to `jitter_percent`; `allow_private` lets them go to plain http and to
    addresses of our own network, which is for sandboxes."""

    most_per_user: Annotated[int, Meta(ge=1)] = 10
    overlap_hours: OverlapHours = 24
    attempt_seconds: Annotated[float, Meta(gt=0, le=60)] = 15.0
    retry_seconds: tuple[Annotated[float, Meta(gt=0)], ...] = (
        5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0,
    )  # fmt: skip
    jitter_percent: Annotated[int, Meta(ge=0, le=50)] = 20
    disable_after_hours: Annotated[float, Meta(gt=0)] = 120.0
    at_once: Annotated[int, Meta(ge=1)] = 8
    allow_private: bool = False

    def faults(self, events_hours: int) -> list[str]:
        """An event behind one that is tried again must still be there when its turn comes."""
        longest = max(self.retry_seconds, default=0.0) * (1 + self.jitter_percent / 100)
        if longest >= events_hours * 3600:
            return ["webhooks.retry_seconds: no pause may be as long as retention.events_hours"]
        return []


class Tools(msgspec.Struct, frozen=True):
    """Agents' own tools; they lead to these hosts only, so to none by itself. Whether to addresses
    of our own network as well is `webhooks.allow_private`."""

    allowed_hosts: tuple[str, ...] = ()
