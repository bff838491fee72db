"""Who may read a node's numbers, and when a node is asked no more."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import generate_latest
from quart import Quart

from server.calls.registry import CallRegistry
from server.cluster.health import is_of_this_machine, refuse_strangers, routes
from server.core.errors import AppError
from server.core.settings.loading import Secret
from server.live.hub import Hub
from server.live.meters import Meters
from tests.support.beside import Beside


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [("127.0.0.1", True), ("::1", True), ("<local>", True), (None, True), ("10.0.0.1", False),
     ("203.0.113.7", False), ("localhost.example", False)],
)  # fmt: skip
def test_this_machine_is_known_by_its_address(address: str | None, is_ours: bool) -> None:
    assert is_of_this_machine(address) == is_ours


@pytest.mark.parametrize(
    ("token", "client", "headers", "may"),
    [
        ("", "127.0.0.1", {}, True),
        ("", "203.0.113.7", {}, False),
        ("", "127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, False),
        ("secret", "203.0.113.7", {"Authorization": "Bearer secret"}, True),
        ("secret", "127.0.0.1", {}, False),
        ("secret", "127.0.0.1", {"Authorization": "Bearer sécret"}, False),
    ],
)
async def test_numbers_are_for_the_token_or_this_machine(
    token: str, client: str, headers: dict[str, str], may: bool
) -> None:
    app = Quart("test")
    given = {"Remote-Addr": client, **headers}  # as Quart keeps a peer's address
    async with app.test_request_context("/metrics", headers=given):
        if may:
            refuse_strangers(Secret(token))
        else:
            with pytest.raises(AppError):
                refuse_strangers(Secret(token))


async def test_of_itself_a_node_is_ready_until_it_drains() -> None:
    async with asyncio.TaskGroup() as tasks:
        registry = CallRegistry(tasks)
        deps: Any = SimpleNamespace(live=registry)  # and no database
        app = Quart("test")
        app.register_blueprint(routes(deps))
        asked = app.test_client()
        assert (await asked.get("/readyz?of=node")).status_code == 200
        registry.drain_began.set()
        assert (await asked.get("/readyz?of=node")).status_code == 503


async def test_numbers_are_written_down_beside_the_loop() -> None:
    beside, server = Beside(), SimpleNamespace(metrics_token=Secret(""))
    async with asyncio.TaskGroup() as tasks:
        deps: Any = SimpleNamespace(
            live=CallRegistry(tasks), hub=Hub(), meters=Meters(), node="n",
            recorder=SimpleNamespace(backlog=0), config=SimpleNamespace(server=server),
        )  # fmt: skip
        app = Quart("test")
        app.register_blueprint(routes(deps))
        assert (await app.test_client().get("/metrics")).status_code == 200
    assert generate_latest in beside.done
