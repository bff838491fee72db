"""What `/docs` and docs/clients.md show is run, or at least read, as it stands there."""

import asyncio
import html
import json
import os
import re
import shutil
import sys
from pathlib import Path

import httpx
import pytest

from tests.integration.clients.users import premium
from tests.support import typescript
from tests.support.client import Clients
from tests.support.patience import patience

ROOT = Path(__file__).parents[3]
ADDRESS = "https://talking.example"
SHOWN = re.compile(r'<figure>.*?class="language-(\w+)">(.*?)</code>', re.DOTALL)
PLACE = typescript.FOLDER / "dist" / "examples"
# A call's or event's line, the refusal, and of curl the answer.
SAID = {
    0: r'initiating|"status"', 1: 'the trip to Lisbon', 2: "not_found", 3: "so far:|snapshot",
}  # fmt: skip


async def shown(clients: Clients) -> dict[str, list[str]]:
    """The page's examples by language, for a user of this world."""
    user = await premium(clients)
    busy = await clients.sandbox.number_of("busy")
    async with httpx.AsyncClient() as http:
        page = (await http.get(f"{clients.world.url}/docs")).text
    found: dict[str, list[str]] = {}
    for language, text in SHOWN.findall(page):
        code = html.unescape(text).replace("tk_...", user.token).replace("+12025550100", busy)
        found.setdefault(language, []).append(code)
    return found


async def first_line_that_says(wanted: str, *command: str) -> None:
    """Run it until it has written that; whatever it is still doing then is not waited for."""
    running = await asyncio.create_subprocess_exec(
        *command, cwd=typescript.FOLDER,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "clients" / "python"), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert running.stdout is not None
    told = b""
    try:
        async with patience():
            while not re.search(wanted, told.decode(errors="replace")):
                more = await running.stdout.read(65536)
                assert more, told.decode(errors="replace")
                told += more
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_curl_and_python_do_what_the_page_says(clients: Clients) -> None:
    found = await shown(clients)
    assert len(found["sh"]) == len(found["python"]) == len(SAID)
    for index, wanted in SAID.items():
        await first_line_that_says(wanted, "bash", "-c", f"exec {found['sh'][index]}")
        await first_line_that_says(wanted, sys.executable, "-c", found["python"][index])


async def test_typescript_does_what_the_page_says(clients: Clients) -> None:
    typescript.build()
    found = await shown(clients)
    assert len(found["typescript"]) == len(SAID)
    compile_scripts(found["typescript"])
    for index, wanted in SAID.items():
        node = typescript.node_command()
        await first_line_that_says(wanted, *node, str(PLACE / "out" / f"example{index}.js"))


def test_the_examples_of_the_clients_page_are_typescript() -> None:
    typescript.build()
    page = (ROOT / "docs" / "clients.md").read_text()
    examples = re.findall(r"```typescript\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 3
    compile_scripts(examples)


def compile_scripts(scripts: list[str]) -> None:
    """As programs of somebody who has the package; a fault of types fails."""
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    for index, script in enumerate(scripts):
        (PLACE / f"example{index}.ts").write_text(script)
    options = {"types": ["node"], "rootDir": ".", "outDir": "out", "composite": False}
    settings = {"extends": "../../tsconfig.json", "compilerOptions": options, "include": ["."]}
    (PLACE / "tsconfig.json").write_text(json.dumps(settings))
    typescript.run("node_modules/.bin/tsc", "--project", PLACE)
