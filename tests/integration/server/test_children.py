"""The processes that a command stays with: one that ends by itself is told of."""

import asyncio
import signal
from pathlib import Path

import pytest

from server.cli.supervision.children import started, until_stopped


async def test_a_child_that_is_killed_is_told_of_with_the_end_of_its_log(tmp_path: Path) -> None:
    waits = ["-c", "import time; print('I was here', flush=True); time.sleep(600)"]
    async with (
        started(tmp_path, "node", waits, {}, "http://127.0.0.1:9") as node,
        started(tmp_path, "sandbox", waits, {}, "http://127.0.0.1:9") as sandbox,
    ):
        while not node.log.read_text():  # noqa: ASYNC110 - polls what another process writes
            await asyncio.sleep(0.01)
        node.process.kill()
        said = await until_stopped(sandbox, node)
    assert said is not None
    assert said.startswith(f"the node ended by itself (signal {signal.SIGKILL.value})")
    assert said.endswith("I was here")


async def test_who_is_asked_to_stop_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waits = ["-c", "import time; time.sleep(600)"]
    async with started(tmp_path, "node", waits, {}, "http://127.0.0.1:9") as node:
        asyncio.get_running_loop().call_later(0.1, signal.raise_signal, signal.SIGTERM)
        assert await until_stopped(node) is None
    assert capsys.readouterr().out == "stopping ...\n"
