"""The nodes by name: when each was last seen and what it said of itself.

Time is the database's clock alone. Knows nothing of what the numbers mean.
"""

from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec

from db.core.rows import Connection, many

State: TypeAlias = Literal["up", "draining", "stopped"]

# A node that came back under its name has started anew.
_BEAT = """
insert into app.nodes as n (node, started_at, state, stats) values ($1, $2, $3, $4)
on conflict (node) do update set started_at = $2, seen_at = clock_timestamp(), state = $3,
    stats = $4, lease_until = case when $3 = 'stopped' then null else n.lease_until end
"""

_ALL = """
select node, started_at, seen_at, state, stats,
    extract(epoch from clock_timestamp() - seen_at)::float8 as silent_seconds
from app.nodes order by node
"""

_OTHERS_UP = """
select exists (
    select from app.nodes where node <> $1 and state = 'up' and lease_until > clock_timestamp()
)
"""

_SET_STATE = "update app.nodes set state = $2 where node = $1"

_FORGET = "delete from app.nodes where seen_at < now() - make_interval(hours => $1)"


class NodeRow(msgspec.Struct, frozen=True):
    """A row of app.nodes, and how long the node has been silent by now."""

    node: str
    started_at: datetime
    seen_at: datetime
    state: State
    stats: dict[str, Any]
    silent_seconds: float


async def beat(
    connection: Connection, node: str, started_at: datetime, state: State, stats: Any
) -> None:
    """This node lives, and says how it is."""
    await connection.execute(_BEAT, node, started_at, state, stats)


async def everyone(connection: Connection) -> list[NodeRow]:
    """All nodes that are not forgotten, by name."""
    return many(await connection.fetch(_ALL), NodeRow)


async def are_others_up(connection: Connection, node: str) -> bool:
    """Whether another node is there to go on with what this one runs."""
    return await connection.fetchval(_OTHERS_UP, node) is True


async def set_state(connection: Connection, node: str, state: State) -> None:
    """Say at once what a node does, before its next beat."""
    await connection.execute(_SET_STATE, node, state)


async def forget(connection: Connection, *, older_than_hours: int) -> None:
    """Forget nodes that have been silent so long."""
    await connection.execute(_FORGET, older_than_hours)
