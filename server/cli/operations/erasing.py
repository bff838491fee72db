"""`talking erase`: have a person forgotten by the running nodes, and see how far it came."""

from uuid import UUID

from db.accounts import users
from db.core.rows import Connection
from db.privacy import erasures
from server.audit.acts import command
from server.cli.failures import FailedError
from server.cli.operations.beside import beside
from server.cli.operations.maintenance import say
from server.core.config import Config
from server.core.times import rfc3339
from server.privacy import erasure


async def erase(config: Config, name: str, *, is_sure: bool) -> int:
    """Have a user forgotten, by id or e-mail address; asked again, say how far it came. Raises
    FailedError."""
    async with beside(config) as node:
        async with node.pools.as_service() as connection:
            found = await _users_named(connection, name)
            if len(found) != 1:
                raise FailedError("there is no such user" if not found else "that is several users")
            user = await users.get(connection, found[0])
            known = await erasures.get(connection, found[0])
        if user is None:
            raise FailedError("there is no such user")
        if known is None:
            if not is_sure:
                raise FailedError(
                    "this deletes all of the person's data and cannot be undone; --yes"
                )
            known = await erasure.begin(node, user, None, command("talking erase"))
    if known.done_at is None:
        say(f"{user.id}: being deleted by the running nodes; done: {', '.join(known.steps) or '-'}")
    else:
        say(f"{user.id}: deleted {rfc3339(known.done_at)}")
    for remark in known.remarks:
        say(f"not done: {remark}")
    return 0


async def _users_named(connection: Connection, name: str) -> list[UUID]:
    try:
        return [UUID(name)]
    except ValueError:
        return await erasures.by_email(connection, name)
