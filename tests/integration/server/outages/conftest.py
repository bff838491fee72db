"""Worlds with scripted engines whose PostgreSQL is nobody else's."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from db.core import embedded
from tests.support.node import SCRIPTED, World, running_world


@contextmanager
def mortal_world(**env: str) -> Iterator[World]:
    """A world whose PostgreSQL may be done to as one likes; nothing of it is left afterwards."""
    with running_world(**SCRIPTED, **env) as started:
        try:
            yield started
        finally:
            started.node.close()
            asyncio.run(_stop_postgres(started))


async def _stop_postgres(world: World) -> None:
    await (await embedded.start(world.data / "postgres")).stop()
