"""Both interfaces' descriptions, by other people's tools, where they are installed.

`schemathesis` sends what the description of REST allows and what it does not, CONTRACT_CASES of it
an operation; `openapi-python-client` and `openapi-typescript` make clients of it without a warning.
AsyncAPI's own parser, `@asyncapi/parser`, is for node alone: ASYNCAPI_PARSER is a folder where it
was installed by npm.
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
import msgspec
import pytest

from server.dashboard import asyncapi
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


PARSE = """
const { Parser } = require("@asyncapi/parser");
new Parser().parse(require("fs").readFileSync(0, "utf8")).then(({ document, diagnostics }) => {
    const faults = diagnostics.filter((one) => one.severity < 2);
    console.log(JSON.stringify({ faults, messages: document?.allMessages().length ?? null }));
});
"""


def test_the_live_channel_is_described_as_asyncapis_own_parser_reads_it() -> None:
    folder, described = os.environ.get("ASYNCAPI_PARSER"), asyncapi.document()
    if folder is None:
        pytest.skip("ASYNCAPI_PARSER is not set")
    given = msgspec.json.encode(described)
    ran = subprocess.run(
        ["node", "-e", PARSE], cwd=folder, input=given, capture_output=True, check=True
    )
    assert msgspec.json.decode(ran.stdout) == {
        "faults": [], "messages": len(described["components"]["messages"])
    }  # fmt: skip


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
