"""The page's reducer, under Node, against the server: old snapshot + events = new snapshot."""

import asyncio
import shutil
from pathlib import Path

import msgspec
import pytest

from tests.support.client import Clients, Dashboard, Json, User
from tests.support.people import HANGS_UP, human, says, waits

NODE = shutil.which("node")
EQUIVALENCE = Path(__file__).parents[2] / "web" / "equivalence.mjs"


@pytest.mark.skipif(NODE is None, reason="node is not installed")
async def test_the_page_knows_after_the_events_what_a_new_page_is_told(
    clients: Clients, tmp_path: Path
) -> None:
    user = await clients.sign_up()
    person = await clients.sandbox.add(
        human(waits(quiet_ms=400), says("Goodbye!"), HANGS_UP, verdict_ms=300)
    )
    texter = await clients.sandbox.number_of("texter")
    async with user.live() as dashboard:
        before = await dashboard.until(lambda message: message["op"] == "snapshot")
        call = await dashboard.command("call.start", topic="bread", to=person)
        began = await dashboard.command("conv.start", topic="bread", to=texter, consent="Yes")
        assert began["ok"], began
        mail = await dashboard.command("email.send", topic="bread", type="custom", content="Hi")
        assert mail["ok"], mail
        call_id = call["data"]["call"]["id"]
        await dashboard.until(lambda message: message.get("type") == "transcript.final")
        await _compare(before, dashboard, await _fresh(user), tmp_path)
        await dashboard.until_over(call_id)
        await _compare(before, dashboard, await _fresh(user), tmp_path)


async def _fresh(user: User) -> Json:
    async with user.live() as dashboard:
        return await dashboard.until(lambda message: message["op"] == "snapshot")


async def _compare(before: Json, dashboard: Dashboard, after: Json, folder: Path) -> None:
    """The events up to where the new snapshot stands, no further."""
    await dashboard.until(lambda message: message.get("seq", 0) >= after["seq"])
    events = [
        message
        for message in dashboard.messages
        if message["op"] == "event" and before["seq"] < message.get("seq", 0) <= after["seq"]
    ]
    assert len(events) == after["seq"] - before["seq"]
    case = folder / "case.json"
    case.write_bytes(
        msgspec.json.encode({"before": before["data"], "events": events, "after": after["data"]})
    )
    ran = await asyncio.create_subprocess_exec(
        NODE or "", str(EQUIVALENCE), str(case), stderr=asyncio.subprocess.PIPE
    )
    _, told = await ran.communicate()
    assert ran.returncode == 0, told.decode()[-3000:]
