"""A world with scripted engines, a browser, and a page on which somebody is signed in.

Playwright and Chromium are not needed for anything else, so without them these tests are skipped.
Starting a browser takes seconds, so most tests share one, and with it an event loop.
"""

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.browser.browser import browser as started
from tests.browser.operator import Operator
from tests.support.client import Clients, clients_of
from tests.support.node import SCRIPTED, World, running_world

FLAGS = (
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    """Both processes, ready, in a place where it is never too late to text."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    with running_world(
        **SCRIPTED,
        SMS__QUIET_GAP_SECONDS="0.2", SMS__FIRST_HOUR="0", SMS__LAST_HOUR="24",
        SMS__SUNDAY_FIRST_HOUR="0", SMS__PER_BLOCK_PER_HOUR="100000",
    ) as started:  # fmt: skip
        yield started


@pytest_asyncio.fixture(loop_scope="package")
async def clients(world: World) -> AsyncIterator[Clients]:
    """Clients of that world, to look behind the page."""
    async with clients_of(world) as opened:
        yield opened


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser(world: World) -> AsyncIterator[Any]:  # Any: the library may be missing
    """One browser for all: each operator has a context of their own in it."""
    async with started(*FLAGS) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="package")
async def operator(browser: Any, clients: Clients) -> AsyncIterator[Operator]:
    """An administrator, signed in; at the end no script of the page may have complained."""
    who = {"email": f"{uuid.uuid4().hex[:12]}@example.com", "password": uuid.uuid4().hex}
    known = await clients.sandbox.send("POST", "/auth/v1/signup", who)
    rights = {"app_metadata": {"role": "admin"}}
    await clients.sandbox.send("PUT", f"/world/users/{known['user']['id']}", rights)
    context = await browser.new_context(viewport={"width": 1280, "height": 850})
    page = await context.new_page()
    person = Operator(page, clients, who)
    try:
        await person.sign_in()
        yield person
        assert person.complaints == []
    finally:
        await context.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker's script, as its package brings it."""
    package = pytest.importorskip("axe_playwright_python", reason="axe is not installed")
    return Path(package.__file__).with_name("axe.min.js").read_text()
