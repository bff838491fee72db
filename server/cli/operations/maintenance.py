"""What an operator runs by hand: migrate, upgrade-database, keys, replay.

Built on the same pieces the node uses, so that a check here says something about the node.
"""

import uuid
from pathlib import Path
from typing import Any

from db import calls
from db.core import clear
from db.core.upgrade import upgrade
from media.call import begin, step
from media.events import Requested
from server.audit.acts import command
from server.audit.notes import note
from server.cli.failures import FailedError
from server.cli.operations.beside import beside
from server.cluster import clear_rows
from server.core.config import Config
from server.core.times import rfc3339, utc
from server.database import database, owner, read_only_pools, standing_database
from server.history import replay as history

_PIECE = 1000  # keys


def say(text: str) -> None:
    """One line of a command's answer."""
    print(text, flush=True)  # noqa: T201 - a command's answer


async def migrate(config: Config) -> int:
    """Apply what is missing; running it twice changes nothing."""
    async with owner(config.database) as (_, applied):
        for version in applied:
            say(f"applied {version}")
        say("the database is up to date")
    return 0


async def keys_status(config: Config) -> int:
    """How many keys each master key wraps, and in which tables how many rows are in clear."""
    async with database(config.database, config.privacy) as opened:
        keyring = opened.pools.keyring
        for found in await keyring.count():
            current = " (current)" if found.master_key_id == keyring.current_master else ""
            say(
                f"master key {found.master_key_id}{current}: {found.wrapped} keys,"
                f" {found.destroyed} destroyed"
            )
        for table in clear_rows.TABLES:
            async with opened.pools.as_service() as connection:
                left = await clear.count(connection, table)
            sealed = "" if keyring.seals(table.table) else f" (not sealed: {keyring.mode})"
            say(f"{table.name}: {left} rows in clear{sealed}")
    return 0


async def keys_seal(config: Config) -> int:
    """Seal what is in clear in every table; beside nodes or without them. 1 if anything is left."""
    async with beside(config) as node:
        rows, is_left = {}, False
        for table in clear_rows.TABLES:
            rows[table.name] = await clear_rows.seal_table(node.pools, table)
            async with node.pools.as_service() as connection:
                left = await clear.count(connection, table)
            is_left |= left > 0 and node.pools.keyring.seals(table.table)
            more = f", {left} left in clear" if left else ""
            say(f"{table.name}: {rows[table.name]} rows sealed{more}")
        async with node.transaction() as tx:
            note(tx, "data.sealed", by=command("talking keys seal"), data=rows)
    return int(is_left)


async def keys_rotate(config: Config) -> int:
    """Have all keys wrapped by the current master key; nodes go on meanwhile."""
    async with beside(config) as node:
        keyring, done = node.pools.keyring, 0
        while count := await keyring.rewrap(_PIECE):
            done += count
        async with node.transaction() as tx:
            data = {"keys": done, "master_key": keyring.current_master}
            note(tx, "keys.rotated", by=command("talking keys rotate"), data=data)
        say(f"{done} keys are wrapped by {keyring.current_master} now; no other is needed any more")
    return 0


async def upgrade_database(data: Path, old_programs: Path | None) -> int:
    """Make the embedded database of this data folder anew where the one of now cannot use it."""
    done = await upgrade(data / "postgres", old_programs)
    if done is None:
        say("the database is as it is to be")
        return 0
    say(f"{done.rows} rows of {done.tables} tables came over")
    say(
        f"{done.kept} is what was there (PostgreSQL {done.made_by}, {done.encoding}): keep it until"
    )
    say("all is seen to be well, then delete it")
    return 0


async def replay(config: Config, call_id: str) -> int:
    """Fold a call's journal with today's code, print every step, compare with the stored row; the
    database is left as it is, migrations and keys included."""
    try:
        wanted = uuid.UUID(call_id)
    except ValueError:
        raise FailedError(f"{call_id!r} is no call id") from None
    async with (
        standing_database(config.database) as address,
        read_only_pools(config.database, config.privacy, address) as pools,
        pools.as_service() as connection,
    ):
        row = await calls.get_any(connection, wanted)
        if row is None:
            raise FailedError(f"there is no call {wanted}")
        past = await history.read(connection, row, config.call_settings)
    first_at, first = past.events[0]
    if not isinstance(first, Requested):
        raise FailedError("the journal does not begin with a request")
    call, effects = begin(config.call_settings, first, first_at)
    _print_step(first_at, first, call.phase, effects)
    for at, event in past.events[1:]:
        call, effects = step(call, event, at)
        _print_step(at, event, call.phase, effects)
    status = getattr(call.phase, "status", type(call.phase).__name__.lower())
    say(f"stored status {row.status}, replayed {status}")
    return 0 if status == row.status else 1


def _print_step(at: float, event: Any, phase: Any, effects: list[Any]) -> None:
    names = ", ".join(type(effect).__name__ for effect in effects) or "-"
    say(f"{rfc3339(utc(at))}  {type(event).__name__:<18} {type(phase).__name__:<10} {names}")
