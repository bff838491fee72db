"""Where the database is, and by which logins it is used: one section of the configuration.

Opens nothing.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from server.core.config_loading import Secret


class Database(msgspec.Struct, frozen=True):
    """An empty `url` means the embedded PostgreSQL in `data_dir`."""

    url: str = ""
    data_dir: str = ".data"
    pooled: bool = False
    max_connections: Annotated[int, Meta(ge=1)] = 8
    request_password: Secret = Secret("")
    worker_password: Secret = Secret("")

    def faults(self) -> list[str]:
        """What does not go together."""
        if self.url and not (self.request_password and self.worker_password):
            return [
                "database.request_password, database.worker_password: are required with"
                " database.url"
            ]
        return []
