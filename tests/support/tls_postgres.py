"""A PostgreSQL that is reached over TCP: with passwords, and with TLS unless it is switched off.

The embedded one is built without TLS, so it is the system's, where there is one (`needs_tls`).
Knows how to make, start and switch one, not what is in it.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import msgspec
import pytest

from db.core import embedded
from db.core.embedded import Embedded
from tests.support.certificates import certified
from tests.support.database import execute
from tests.support.old_clusters import DEBIANS, left_by
from tests.support.patience import patience
from tests.support.processes import free_port

needs_tls = pytest.mark.skipif(not DEBIANS.exists(), reason="no PostgreSQL that speaks TLS")
_RULES = "host all all 127.0.0.1/32 scram-sha-256\n"
_HERE = "/proc/self/cwd"  # see `db.core.embedded`


class TlsPostgres(msgspec.Struct, frozen=True):
    """A running server; `ca_file` is who signed its certificate for "localhost"."""

    port: int
    ca_file: Path
    cluster: Path

    def url(self, host: str = "localhost", login: str = "") -> str:
        """Its address, without a login or with one."""
        return f"postgresql://{login}{'@' if login else ''}{host}:{self.port}/postgres"

    @property
    def owner_url(self) -> str:
        """With the login of its superuser."""
        return self.url(login="postgres:owner%27s")

    async def switch_tls(self, state: str) -> None:
        """ "on" or "off", for connections made from now on."""
        connection = await asyncpg.connect(self.owner_url)
        try:
            await connection.execute(f"alter system set ssl = {state}")
            await connection.execute("select pg_reload_conf()")
        finally:
            await connection.close()
        async with patience():
            while await _is_encrypted(self.owner_url) != (state == "on"):
                pass


async def _is_encrypted(url: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        found: bool = await connection.fetchval(
            "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
        )
        return found
    finally:
        await connection.close()


@asynccontextmanager
async def tls_postgres(folder: Path) -> AsyncIterator[TlsPostgres]:
    """A new server with an empty database, until the context is left."""
    await asyncio.to_thread(left_by, DEBIANS, folder / "data", "UTF8")
    made = Embedded(folder / "data", durable=False, programs=DEBIANS)
    await made.ensure_running()
    await execute(made.dsn(), "alter role postgres password 'owner''s'")
    await made.stop()
    cluster = folder / "data" / "cluster"
    certificate, key = certified(folder)
    port = free_port()
    (cluster / "server.crt").write_bytes(certificate.read_bytes())
    (cluster / "server.key").write_bytes(key.read_bytes())
    (cluster / "pg_hba.conf").write_text(_RULES)
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": ""}
    lines = [f"{name} = '{value}'" for name, value in {**settings, "fsync": "off"}.items()]
    lines += ["ssl = on", "ssl_cert_file = 'server.crt'", "ssl_key_file = 'server.key'"]
    with (cluster / "postgresql.conf").open("a") as file:
        file.write("\n".join(lines) + "\n")
    account = embedded._account()
    for name in ("server.crt", "server.key"):
        (cluster / name).chmod(0o600)
        if account.uid is not None and account.gid is not None:
            os.chown(cluster / name, account.uid, account.gid)
    control: list[str | Path] = [
        DEBIANS / "pg_ctl",
        "-D",
        _HERE,
        "-s",
        "-w",
    ]
    await asyncio.to_thread(embedded._run, [*control, "start", "-l", "tcp.log"], cluster, account)
    try:
        yield TlsPostgres(port, certificate, cluster)
    finally:
        stop: list[str | Path] = [*control, "stop", "-m", "immediate"]
        await asyncio.to_thread(embedded._run, stop, cluster, account)
