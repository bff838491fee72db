"""The TypeScript client: its own tests, alone and against a node and its sandbox."""

import asyncio
import json
import re

import pytest

from tests.integration.clients.users import hasty, premium
from tests.support import typescript
from tests.support.client import Clients
from tests.support.people import human, patient

TESTS = sorted(path.stem for path in (typescript.FOLDER / "tests").glob("*.test.ts"))


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """The client and its tests are type-checked and compiled, or what misses is said."""
    typescript.build()


async def suite(*names: str, **env: str) -> int:
    """How many of these tests went well, which all must do."""
    files = [f"dist/tests/{name}.js" for name in names]
    node = typescript.node_command()
    told = await asyncio.to_thread(typescript.run, *node, "--test", *files, **env)
    count = {name: int(value) for name, value in re.findall(r"^# (\w+) (\d+)$", told, re.MULTILINE)}
    assert count["pass"] == count["tests"], told[-4000:]
    return count["pass"]


async def test_its_parts_by_themselves() -> None:
    assert await suite(*(name for name in TESTS if name != "node.test")) >= 50


async def test_a_call_a_list_an_error_and_a_cut_against_a_node(clients: Clients) -> None:
    user, free = await premium(clients), await clients.sign_up()
    people = {"brief": hasty(), "patient": patient(), "silent": human(answers="no-answer")}
    world = {
        "url": clients.world.url,
        "token": user.token,
        "tokenOfFree": free.token,
        "busy": await clients.sandbox.number_of("busy"),
        **{name: await clients.sandbox.add(person) for name, person in people.items()},
    }
    assert await suite("node.test", TALKING_WORLD=json.dumps(world)) >= 8
