"""The REST interface against its description, by other people's tools, where they are installed.

`schemathesis` sends what the description allows and what it does not, CONTRACT_CASES of it an
operation; `openapi-python-client` and `openapi-typescript` make clients of it without a warning.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.bench.machine import say
from tests.support.client import clients_of
from tests.support.node import SCRIPTED, World, running_world

pytestmark = pytest.mark.timeout(7200)
CASES = os.environ.get("CONTRACT_CASES", "3")
CHECKS = ",".join(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance",
     "response_schema_conformance"]
)  # fmt: skip
QUICK = {
    "LIMITS__REQUESTS_PER_MINUTE": "1000000", "SMS__PER_BLOCK_PER_HOUR": "1000000",
    "STRIPE__SECRET_KEY": "sk_test_" + "s" * 24, "STRIPE__WEBHOOK_SECRET": "whsec_" + "s" * 32,
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_world(**SCRIPTED, **QUICK) as started:
        command = [sys.executable, "-m", "server", "plans", "sync"]
        subprocess.run(command, env={**os.environ, **started.env}, check=True)
        yield started


async def ran(*command: str) -> tuple[int, str]:
    found = shutil.which(command[0])
    if found is None:
        pytest.skip(f"{command[0]} is not installed")
    process = await asyncio.create_subprocess_exec(
        found, *command[1:], stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_nothing_that_can_be_sent_breaks_the_description(world: World) -> None:
    async with clients_of(world) as clients:
        user = await clients.sign_up()
        status, out = await ran(
            "schemathesis", "run", f"{world.url}/openapi.json", "--checks", CHECKS,
            "--header", f"Authorization: Bearer {user.token}", "--max-examples", CASES,
            "--exclude-path", "/v1/events", "--phases", "examples,coverage,fuzzing",
            "--continue-on-failure", "--no-color", "--max-failures", "20",
        )  # fmt: skip
    assert status == 0, out[-6000:]
    sent = re.search(r"\d+ generated.*", out)
    say(f"schemathesis: {sent[0] if sent else out[-600:]}")


@pytest.mark.parametrize("tool", ["openapi-python-client", "openapi-typescript"])
async def test_a_client_is_made_without_a_warning(world: World, tool: str, tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{world.url}/openapi.json") as answer,
    ):
        file.write_bytes(await answer.read())
    out = str(tmp_path / "client")
    if tool == "openapi-typescript":
        status, said = await ran(tool, str(file), "-o", f"{out}.d.ts")
    else:
        status, said = await ran(tool, "generate", "--path", str(file), "--output-path", out)
    assert (status, "warning" in said.lower()) == (0, False), said
