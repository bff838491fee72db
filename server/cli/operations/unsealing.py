"""`talking unseal`: a person's sealed rows of the data map, opened, for an administrator.

SQL tools show ciphertext; whoever has the master key and a reason reads here. That they looked is
written down before anything is shown. Knows no key.
"""

from uuid import UUID

import msgspec

from db import admin
from db.accounts import users
from server.audit.acts import Actor
from server.audit.notes import note
from server.cli.failures import FailedError
from server.cli.operations.beside import beside
from server.cli.operations.maintenance import say
from server.core.config import Config

_PIECE = 500
_WHAT = "talking unseal"


async def unseal(config: Config, user: str, administrator: str) -> int:
    """Print a line of JSON for each of the user's rows in these tables. Raises FailedError."""
    user_id, admin_id = _id(user), _id(administrator)
    async with beside(config) as node:
        async with node.transaction() as tx:
            for one in (user_id, admin_id):
                if await users.get(tx.connection, one) is None:
                    raise FailedError(f"there is no user {one}")
            who = Actor("administrator", admin_id, _WHAT)
            note(tx, "data.unsealed", by=who, user_id=user_id)
        for table in admin.SEALED_OF_MAP:
            rows = [{"id": UUID(int=0)}]
            while rows:
                async with node.pools.as_service() as connection:
                    rows = await admin.opened(connection, table, user_id, rows[-1]["id"], _PIECE)
                for row in rows:
                    line = {"table": table.table, **row}
                    say(msgspec.json.encode(line, enc_hook=str).decode())
    return 0


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise FailedError(f"{text!r} is no user's id") from None
