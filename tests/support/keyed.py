"""A connection of the schema's owner that opens what is sealed, as the product's own do.

It knows the keys of an embedded database by the folder it is in.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from db.core.keyring import Keyring
from db.core.pool import with_keys
from server.core.settings.privacy import Privacy, master_keys


@asynccontextmanager
async def keyed(dsn: str, data: Path) -> AsyncIterator[asyncpg.Connection]:
    """The connection, past every rule; `data` is the folder of the embedded database."""
    async with asyncpg.create_pool(dsn, min_size=0, max_size=1) as pool:
        keyring = Keyring(pool, master_keys(Privacy(), data), "all")
        await keyring.open()
        connection = await asyncpg.connect(dsn, connection_class=with_keys(keyring))
        try:
            await connection.set_type_codec(
                "jsonb", schema="pg_catalog", encoder=_to_json, decoder=msgspec.json.decode
            )
            yield connection
        finally:
            await connection.close()


def _to_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
