"""What one check leaves for those after it, so that nobody opens or asks for the same thing twice.

Holds no findings.
"""

from contextlib import AsyncExitStack
from datetime import datetime

from db.core.pool import Pools
from server.core.config import Config
from server.core.times import steady_clock


class Looked:
    """One run of the doctor. `address` (of the database, as `Database.logins`
    takes it) and `pools` are None where there is no way to them; `stack` closes what was opened."""

    def __init__(self, config: Config, stack: AsyncExitStack) -> None:
        self.config = config
        self.stack = stack
        self.address: str | None = None
        self.pools: Pools | None = None
        self.ahead_seconds: dict[str, float] = {}  # how far others' clocks are before ours
        self.now = steady_clock()

    def told_time(self, who: str, at: datetime) -> None:
        """Somebody else's clock says so just now."""
        self.ahead_seconds[who] = at.timestamp() - self.now()
