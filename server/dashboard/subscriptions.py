"""The commands that concern one client's own view: which topics it watches, and its token.

They change nothing but this client, so they need no memory of what was done: repeating one is
harmless. Everything else is passed on to the commands of the product.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from db.core.failures import DATABASE_ERRORS
from server.audit import acts
from server.core.errors import AppError
from server.core.times import rfc3339, utc
from server.dashboard import commands
from server.dashboard.commands import fault, read_args
from server.dashboard.deps import DashboardDeps
from server.dashboard.feed import Feed
from server.http.credentials import identified
from server.http.failures import failure
from server.live.messages import Ack, Command, Sub, Topic


class RightsChangedError(Exception):
    """A topic that is watched is no longer the client's to watch."""


class AddArgs(Sub, frozen=True, forbid_unknown_fields=True):
    """sub.add: the topic's snapshot, or the events after its cursor, follow the ack."""


class DelArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """sub.del: no event of the topic follows the ack."""

    topic: Topic


class TokenArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """token.refresh: a newer token of the same user; all topics are looked at anew."""

    token: Annotated[str, Meta(max_length=8192)]


async def _add(deps: DashboardDeps, feed: Feed, args: AddArgs) -> dict[str, Any]:  # noqa: ARG001
    await feed.add(Sub(args.topic, args.cursor, args.view))
    feed.restart(args.topic, args.cursor)
    return {"topic": args.topic}


async def _del(deps: DashboardDeps, feed: Feed, args: DelArgs) -> dict[str, Any]:  # noqa: ARG001
    feed.remove(args.topic)
    return {"topic": args.topic}


async def _refresh(deps: DashboardDeps, feed: Feed, args: TokenArgs) -> dict[str, Any]:
    who = await identified(deps, args.token)
    if not await feed.renew(who):
        raise RightsChangedError
    acts.acting(acts.by(who))
    return {"token_exp": rfc3339(utc(who.expires_at))}


COMMANDS: dict[str, tuple[type[msgspec.Struct], Any]] = {
    "sub.add": (AddArgs, _add),
    "sub.del": (DelArgs, _del),
    "token.refresh": (TokenArgs, _refresh),
}


async def run(deps: DashboardDeps, feed: Feed, command: Command) -> Ack:
    """Do what a socket's command says. Raises RightsChangedError."""
    own = COMMANDS.get(command.name)
    if own is None:
        return await commands.run(deps, feed.who, command)
    kind, act = own
    try:
        data = await act(deps, feed, read_args(command, kind))
    except AppError as error:
        return Ack(command.id, ok=False, error=fault(error))
    except DATABASE_ERRORS as error:
        return Ack(command.id, ok=False, error=fault(failure(error, command=command.name)))
    return Ack(command.id, ok=True, data=data)
