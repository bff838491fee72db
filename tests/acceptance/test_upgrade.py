"""`talking up` with two nodes on one port; a plan is bought and upgraded in its sandbox."""

import asyncio
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.node import SCRIPTED, Child, settings
from tests.support.patience import PATIENCE_SECONDS, patience
from tests.support.processes import free_port


class Sandbox:
    """`talking up`, and one user of it."""

    def __init__(self, url: str, sandbox_url: str) -> None:
        self.url = url
        self.sandbox_url = sandbox_url
        body = {"email": f"{uuid.uuid4().hex}@example.com", "password": uuid.uuid4().hex}
        key = {"apikey": "sandbox-publishable-key"}
        self.token = self.ask(f"{sandbox_url}/auth/v1/signup", body, key)["access_token"]

    def ask(self, url: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """A request with JSON; GET without a body. Problems are answers too."""
        data = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data, sent)) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return json.load(error)

    def node(self, path: str, body: Any = None) -> Any:
        return self.ask(f"{self.url}{path}", body, {"Authorization": f"Bearer {self.token}"})

    def pay(self, page: str, card: str) -> None:
        form = urllib.parse.urlencode({"card": card}).encode()
        opener = urllib.request.build_opener(_Stay)
        with pytest.raises(urllib.error.HTTPError) as left:
            opener.open(page, form)
        assert left.value.code == 303
        left.value.close()

    async def until_plan(self, plan: str) -> Any:
        """The subscription once it is on the plan: Stripe's events have done their work."""
        async with patience():
            while True:
                seen = await asyncio.to_thread(self.node, "/v1/subscription")
                if seen["plan"] == plan:
                    return seen
                await asyncio.sleep(0.05)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """The way back leads to the console, which grants nothing."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    data = tmp_path_factory.mktemp("up")
    port, sandbox_port = free_port(), free_port()
    arguments = [
        "-m", "server", "up", "--no-call", "--nodes", "2", "--port", str(port),
        "--sandbox-port", str(sandbox_port), "--data", str(data),
    ]  # fmt: skip
    up = Child(arguments, settings(SCRIPTED), Path(data) / "up.log")
    url = f"http://127.0.0.1:{port}"
    try:
        up.until_ready(f"{url}/readyz")
        _until_prices(up)
        yield Sandbox(url, f"http://127.0.0.1:{sandbox_port}")
        up.terminate()
        assert up.wait() == 0
        assert "Traceback" not in up.log.read_text()
    finally:
        up.close()


def _until_prices(up: Child) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "console" not in up.log.read_text():
        assert time.monotonic() < deadline, up.log.read_text()
        time.sleep(0.05)


def test_whichever_node_takes_a_connection_answers(sandbox: Sandbox) -> None:
    names: set[str] = set()
    while len(names) < 2:
        with urllib.request.urlopen(f"{sandbox.url}/metrics") as answer:
            names |= set(re.findall(r'node="([^"]*)"', answer.read().decode()))
    assert {name.rpartition("-")[2] for name in names} == {"1", "2"}


async def test_free_to_pro_to_premium_and_the_limit_follows_at_once(sandbox: Sandbox) -> None:
    assert sandbox.node("/v1/usage")["calls"]["limit"] == 1
    link = sandbox.node("/v1/subscription/checkout", {"plan": "pro"})
    sandbox.pay(link["url"], "pm_card_visa")
    pro = await sandbox.until_plan("pro")
    assert (pro["status"], pro["interval"], pro["pending"]) == ("active", "monthly", None)
    assert sandbox.node("/v1/usage")["calls"]["limit"] == 5
    shown = sandbox.node("/v1/subscription/preview", {"plan": "premium"})
    assert shown["takes_effect"] == "now"
    body = {"plan": "premium", "quoted_at": shown["quoted_at"]}
    done = sandbox.node("/v1/subscription/change", body)
    assert done["subscription"]["plan"] == "premium"
    assert sandbox.node("/v1/usage")["calls"]["limit"] == -1
    money = sandbox.ask(f"{sandbox.sandbox_url}/world/stripe")["invoices"]
    _, changed = [one for one in money if one["status"] == "paid"]
    # Near a month's end it is too little to be collected at once, and in its last hour nothing.
    assert changed["amount_paid"] == shown["amount_due_minor"]
    cancelled = sandbox.node("/v1/subscription/cancel", {})["subscription"]
    assert cancelled["plan"] == "premium"
    assert cancelled["ends_at"] == cancelled["period_end"]
    clock = {"to": cancelled["ends_at"].replace("T00:00", "T02:00")}
    sandbox.ask(f"{sandbox.sandbox_url}/world/clock", clock)
    assert (await sandbox.until_plan("free"))["pending"] is None
