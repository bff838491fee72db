"""Where the database is, and by which logins it is used: one section of the configuration.

Opens nothing.
"""

import os
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from db.core.logins import PREFIX, REQUEST, WORKER, with_prefix
from db.core.pool import login_dsn
from db.core.tls import Tls, with_tls
from server.core.settings.loading import Secret


class Database(msgspec.Struct, frozen=True):
    """An empty `url` means the embedded PostgreSQL in `data_dir`.

    `url` says where the database is. `owner_url` has the login of its owner, which only what
    changes the schema needs; without it `url` is taken to.
    """

    url: str = ""
    owner_url: Secret = Secret("")
    tls: Tls = "auto"
    tls_ca: str = ""
    data_dir: str = ".data"
    pooled: bool = False
    max_connections: Annotated[int, Meta(ge=1)] = 8
    role_prefix: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")] = PREFIX
    request_password: Secret = Secret("")
    worker_password: Secret = Secret("")

    @property
    def knows_owner(self) -> bool:
        """Whether somebody who sees these settings could become the owner."""
        return bool(self.url) and (bool(self.owner_url) or urlsplit(self.url).password is not None)

    def owner_dsn(self) -> str:
        """The owner's address, encrypted as is set."""
        return with_tls(self.owner_url.reveal() or self.url, self.tls, self.tls_ca)

    def role(self, name: str) -> str:
        """One of our roles as it is named here."""
        return with_prefix(name, self.role_prefix)

    def logins(self, address: str = "") -> tuple[str, str]:
        """The addresses of the two logins, of requests and of workers, at `url` or at another."""
        at = with_tls(address or self.url, self.tls, self.tls_ca)
        return (
            login_dsn(at, self.role(REQUEST), self.request_password.reveal()),
            login_dsn(at, self.role(WORKER), self.worker_password.reveal()),
        )

    def faults(self) -> list[str]:
        """What does not go together."""
        faults = [
            f"database.{login}_password: is required with database.url;"
            f" set TALKING_DATABASE__{login.upper()}_PASSWORD"
            for login in ("request", "worker")
            if self.url and not getattr(self, f"{login}_password")
        ]
        if self.owner_url and not self.url:
            faults.append("database.url: is required with database.owner_url")
        if self.tls == "verify-full" and not self.tls_ca:
            faults.append('database.tls_ca: is required with database.tls = "verify-full"')
        if self.tls_ca and not os.access(self.tls_ca, os.R_OK):
            faults.append("database.tls_ca: its file cannot be read")
        return faults
