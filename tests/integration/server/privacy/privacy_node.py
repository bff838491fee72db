"""A node for tests of giving and forgetting: a real database, and the sandbox for every vendor.

Jobs are done when a test does them, in order and whether or not they are due.
"""

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import asyncpg
import msgspec

from db.core.pool import Pools
from media.engines.scripted import ScriptedLanguageModel
from sandbox.core.settings import (
    AUTH_TOKEN,
    SECRET_KEY,
    SENDGRID_KEY,
    SENDGRID_PUBLIC_KEY,
    STRIPE_KEY,
    STRIPE_WEBHOOK_SECRET,
)
from server.accounts import actions as accounts
from server.app import wired
from server.core.config import Config, load
from server.core.identity.auth import Identity
from server.deps import Deps
from server.work import all_work
from tests.integration.server.billing.billing_node import set_prices
from tests.support.jobs_due import work_off
from tests.support.unbounded import AT_ANY_HOUR, UNBOUNDED
from tests.support.wiring import scripted_engines


class PrivacyNode:
    """One node's actions."""

    def __init__(
        self, deps: Deps, owner: asyncpg.Connection, http: aiohttp.ClientSession, url: str
    ) -> None:
        self.deps = deps
        self.owner = owner
        self.http = http
        self.url = url

    async def sign_up(self, email: str, phone: str, plan: str = "premium") -> Identity:
        """Somebody with these addresses, also at the sign-in service."""
        body = {"email": email, "password": uuid.uuid4().hex, "phone": phone.lstrip("+")}
        made = await self.ask("POST", "/auth/v1/signup", body)
        user_id = uuid.UUID(made["user"]["id"])
        claims = {"sub": str(user_id), "role": "authenticated", "email": email, "phone": phone}
        who = Identity(user_id, email, phone, False, 0.0, claims)
        await accounts.admit(self.deps, who)
        await self.owner.execute(
            "update public.users set subscription_plan_id = $2 where id = $1", user_id, plan
        )
        return who

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Something of the sandbox."""
        headers = {"apikey": SECRET_KEY}
        async with self.http.request(
            method, f"{self.url}{path}", json=body, headers=headers
        ) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def work(self, within_seconds: float = 60.0) -> list[str]:
        """Work jobs off that are due so soon, and those that follow from them; the names of those
        that want another try."""
        return await work_off(self.owner, all_work(self.deps), within_seconds)

    def changed(self, **parts: Any) -> "PrivacyNode":
        """The same node with other parts."""
        return PrivacyNode(
            msgspec.structs.replace(self.deps, **parts), self.owner, self.http, self.url
        )


def configured(url: str) -> Config:
    """The product's configuration, with every vendor at this sandbox."""
    chosen = {
        **UNBOUNDED, **AT_ANY_HOUR, "TWILIO__AUTH_TOKEN": AUTH_TOKEN, "TWILIO__BASE_URL": url,
        "SENDGRID__API_KEY": SENDGRID_KEY, "SENDGRID__BASE_URL": url,
        "SENDGRID__PUBLIC_KEY": SENDGRID_PUBLIC_KEY, "STRIPE__SECRET_KEY": STRIPE_KEY,
        "STRIPE__WEBHOOK_SECRET": STRIPE_WEBHOOK_SECRET, "STRIPE__BASE_URL": url,
        "AUTH__ISSUER": f"{url}/auth/v1", "AUTH__SERVICE_KEY": SECRET_KEY,
    }  # fmt: skip
    return load(None, {f"TALKING_{key}": value for key, value in chosen.items()})


@asynccontextmanager
async def open_privacy_node(
    pools: Pools, owner: asyncpg.Connection, url: str
) -> AsyncIterator[PrivacyNode]:
    """A node beside the sandbox at this address."""
    clock = asyncio.get_running_loop().time
    offset = dt.datetime.now(dt.UTC).timestamp() - clock()  # noqa: TID251 - the database's time
    engines = scripted_engines(ScriptedLanguageModel(["An answer."] * 50))
    async with (
        aiohttp.ClientSession() as http,
        wired(configured(url), pools, lambda: clock() + offset, engines, {}) as deps,
    ):
        assert deps.stripe is not None
        await set_prices(deps.stripe, pools, owner)
        async with asyncio.TaskGroup() as tasks:
            recording = tasks.create_task(deps.recorder.run())
            yield PrivacyNode(deps, owner, http, url)
            recording.cancel()
