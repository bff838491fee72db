"""A real Firefox for tests, or a skip that says what is missing: driven by WebDriver BiDi, which it
speaks by itself over a socket. Knows no page.
"""

import asyncio
import contextlib
import itertools
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support import processes
from tests.support.patience import patience

_BINARIES = ("firefox-esr", "firefox")
_SPEAKS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
PATIENCE_MS = 60_000
# Until the page is as somebody wants it, looked at as it draws.
_UNTIL = """new Promise((done, fail) => {{ const end = performance.now() + {patience};
(function look() {{ let found; try {{ found = {wanted}; }} catch {{ found = null; }}
if (found) return done(true);
if (performance.now() > end) return fail(Error("never: " + {name}));
setTimeout(look, 30); }})(); }})"""


class FirefoxPage:
    """One page of it. What its scripts complain of is in `complaints`."""

    def __init__(self, socket: ClientConnection) -> None:
        self.complaints: list[str] = []
        self._socket = socket
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._context = ""

    async def read(self) -> None:
        """Take in answers and complaints until the socket closes."""
        with contextlib.suppress(ConnectionClosed):
            async for text in self._socket:
                self._take(msgspec.json.decode(text))

    def _take(self, message: Any) -> None:
        if message["type"] == "event":
            if message["params"].get("level") == "error":
                self.complaints.append(str(message["params"].get("text")))
        elif (asked := self._asked.pop(message.get("id"), None)) is not None:
            asked.set_result(message)

    async def ask(self, method: str, **params: Any) -> Any:
        """One command of the protocol."""
        number = next(self._numbers)
        self._asked[number] = asked = asyncio.get_running_loop().create_future()
        command = {"id": number, "method": method, "params": params}
        await self._socket.send(msgspec.json.encode(command).decode())
        async with patience():
            answer = await asked
        assert answer["type"] == "success", answer
        return answer["result"]

    async def begin(self) -> None:
        """A session with one page."""
        await self.ask("session.new", capabilities={})
        await self.ask("session.subscribe", events=["log.entryAdded"])
        [page] = (await self.ask("browsingContext.getTree"))["contexts"]
        self._context = page["context"]

    async def goto(self, url: str) -> None:
        await self.ask("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def size(self, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        await self.ask("browsingContext.setViewport", context=self._context, viewport=size)

    async def evaluate(self, expression: str) -> Any:
        """What an expression gives, awaited; of JSON's kinds."""
        wrapped = f"(async () => JSON.stringify(await ({expression}) ?? null))()"
        found = await self.ask(
            "script.evaluate", expression=wrapped, target={"context": self._context},
            awaitPromise=True, userActivation=True,
        )  # fmt: skip
        assert found["type"] == "success", found.get("exceptionDetails", found)
        return msgspec.json.decode(found["result"]["value"])

    async def until(self, wanted: str) -> None:
        """Wait until an expression is true."""
        name = msgspec.json.encode(wanted).decode()
        await self.evaluate(_UNTIL.format(patience=PATIENCE_MS, wanted=wanted, name=name))

    async def sees(self, selector: str, text: str) -> None:
        """Wait until it is on the page."""
        found = msgspec.json.encode([selector, text]).decode()
        await self.until(
            f"(([at, text]) => [...document.querySelectorAll(at)]"
            f".some(one => one.textContent.includes(text)))({found})"
        )

    async def press(self, text: str) -> None:
        """Type this wherever the focus is."""
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": keys}
        await self.ask("input.performActions", context=self._context, actions=[keyboard])

    async def click(self, selector: str) -> None:
        """Click into the middle of the first that there is."""
        await self.until(f"document.querySelector({msgspec.json.encode(selector).decode()})")
        found = await self.ask(
            "browsingContext.locateNodes", context=self._context,
            locator={"type": "css", "value": selector}, maxNodeCount=1,
        )  # fmt: skip
        origin = {"type": "element", "element": {"sharedId": found["nodes"][0]["sharedId"]}}
        actions = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0},
        ]  # fmt: skip
        mouse = {"type": "pointer", "id": "mouse", "actions": actions}
        await self.ask("input.performActions", context=self._context, actions=[mouse])

    async def fill(self, selector: str, text: str) -> None:
        """Click into a field and type."""
        await self.click(selector)
        await self.press(text)


@contextlib.asynccontextmanager
async def firefox(folder: Path) -> AsyncIterator[FirefoxPage]:
    """A Firefox with a profile of its own in the folder."""
    binary = next((path for name in _BINARIES if (path := shutil.which(name))), None)
    if binary is None:
        pytest.skip(f"no Firefox: none of {', '.join(_BINARIES)} is on the path")
    running = _started(binary, folder)
    try:
        async with patience():
            address = await asyncio.to_thread(_address, running)
        async with connect(address, max_size=None) as socket, asyncio.TaskGroup() as tasks:
            page = FirefoxPage(socket)
            # What it says later is read, too, so that it never waits for that.
            for doing in (page.read(), asyncio.to_thread(_drain, running)):
                tasks.create_task(doing)
            await page.begin()
            yield page
            running.terminate()
    finally:
        running.kill()
        await asyncio.to_thread(running.communicate)  # which closes the pipe


def _started(binary: str, folder: Path) -> "subprocess.Popen[str]":
    profile = folder / "profile"
    profile.mkdir()
    command = [binary, "--headless", "--no-remote", "--profile", str(profile),
               "--remote-debugging-port", "0", "about:blank"]  # fmt: skip
    return processes.start_binary(
        command, {"HOME": str(folder)}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def _address(running: "subprocess.Popen[str]") -> str:
    """Where it listens, which it tells among other things."""
    for line in running.stderr or ():
        if found := _SPEAKS.search(line):
            return f"{found[1].rstrip('/')}/session"
    raise AssertionError("Firefox ended before it listened")


def _drain(running: "subprocess.Popen[str]") -> None:
    for _ in running.stderr or ():
        pass
