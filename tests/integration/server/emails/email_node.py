"""The product's own work on e-mails in this process, on a real database, with a clock to turn.

The mail company is the sandbox's, by HTTP through the vendor's SDK; it tells nothing back, so a
test decides what becomes known and when. Jobs are done when a test does them.
"""

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import msgspec

from db import emails
from db.accounts import users
from db.core.pool import Pools
from db.emails import EmailRow
from media.engines.scripted import (
    ScriptedLanguageModel,
)
from sandbox.core.settings import SENDGRID_KEY, SENDGRID_PUBLIC_KEY
from server.app import wired
from server.core.config import Config, load
from server.core.errors import NotYetError
from server.core.identity.auth import Identity
from server.deps import Deps
from server.emails import actions
from server.emails import delivery as emails_delivery
from server.emails.actions import SendEmail
from server.vendors.sendgrid.client import SendgridMail
from tests.integration.sandbox.world import sandbox
from tests.support.unbounded import UNBOUNDED
from tests.support.wiring import scripted_engines

SETTLE_SECONDS = 120


class EmailNode:
    """One user and their e-mails."""

    def __init__(self, deps: Deps, llm: ScriptedLanguageModel, owner: asyncpg.Connection, url: str,
                 http: aiohttp.ClientSession) -> None:  # fmt: skip
        self.deps = deps
        self.llm = llm
        self.owner = owner
        self._url, self._http = url, http
        user_id = uuid.uuid4()
        email = f"{user_id}@example.org"
        self.who = Identity(user_id, email, None, False, 0.0, {"sub": str(user_id)})

    async def ask(self, **changes: Any) -> EmailRow:
        """Ask for an e-mail."""
        body = SendEmail(**{"topic": "tea", "type": "custom", "content": "Green.", **changes})
        return await actions.send(self.deps, self.who, body, key=None)

    async def work(self, row: EmailRow) -> str:
        """Do the e-mail's sending job once; why it is to be done again, or ""."""
        try:
            await emails_delivery.send(self.deps, str(row.id))
        except NotYetError as error:
            return error.reason
        return ""

    async def now(self, row: EmailRow) -> EmailRow:
        async with self.deps.pools.as_service() as connection:
            found = await emails.get(connection, row.id)
        assert found is not None
        return found

    async def later(self, row: EmailRow, seconds: float) -> None:
        """Have its last state begun so much earlier."""
        await self.owner.execute(
            "update app.email_details set state_at = state_at - $2::interval where email_id = $1",
            row.id, dt.timedelta(seconds=seconds),
        )  # fmt: skip

    async def put(self, row: EmailRow, state: str) -> None:
        """Have it left in a state, as a node that died did."""
        await self.owner.execute(
            "update app.email_details set state = $2, state_at = now() where email_id = $1",
            row.id, state,
        )  # fmt: skip

    async def due(self, row: EmailRow) -> list[float]:
        """In how many seconds jobs will look at it again."""
        rows = await self.owner.fetch(
            "select extract(epoch from execute_after - now())::float8 from app.pgqueuer"
            " where payload = $1 and entrypoint = 'email_send' order by 1", str(row.id).encode(),
        )  # fmt: skip
        return [found[0] for found in rows]

    async def reserved(self) -> tuple[int, int]:
        """E-mails of the plan used, and held."""
        rows = await self.owner.fetch(
            "select state from app.reservations where user_id = $1", self.who.user_id
        )
        states = [row["state"] for row in rows]
        return states.count("committed"), states.count("reserved")

    async def told(self) -> list[str]:
        """The events the user's dashboards got about e-mails."""
        rows = await self.owner.fetch(
            "select type from app.events where user_id = $1 and type like 'email%' order by seq",
            self.who.user_id,
        )
        return [row["type"] for row in rows]

    async def mails(self) -> list[Any]:
        """Everything the mail company took."""
        async with self._http.get(f"{self._url}/world/mails") as answer:
            found: list[Any] = await answer.json()
        return found

    async def faults(self, **faults: Any) -> None:
        async with self._http.put(f"{self._url}/world/faults", json=faults) as answer:
            assert answer.status == 200

    def configured(self, **settings: str) -> None:
        """Go on with other settings, as SECTION__KEY=value."""
        config = _config(self._url, **settings)
        self.deps = msgspec.structs.replace(
            self.deps, config=config, mail=SendgridMail(config.sendgrid)
        )


def _config(url: str, **settings: str) -> Config:
    chosen = {
        **UNBOUNDED, "TWILIO__AUTH_TOKEN": "a" * 32, "SENDGRID__API_KEY": SENDGRID_KEY,
        "SENDGRID__BASE_URL": url, "SENDGRID__PUBLIC_KEY": SENDGRID_PUBLIC_KEY,
        "SENDGRID__SETTLE_SECONDS": str(SETTLE_SECONDS), **settings,
    }  # fmt: skip
    return load(None, {f"TALKING_{key}": value for key, value in chosen.items()})


@asynccontextmanager
async def open_email_node(
    pools: Pools, owner: asyncpg.Connection, data: Path
) -> AsyncIterator[EmailNode]:
    """An email node whose user is on the free plan."""
    llm = ScriptedLanguageModel(["A letter."])
    clock = asyncio.get_running_loop().time
    offset = dt.datetime.now(dt.UTC).timestamp() - clock()  # noqa: TID251 - the database's time
    async with (
        sandbox(data) as url,
        aiohttp.ClientSession() as http,
        wired(_config(url), pools, lambda: clock() + offset, scripted_engines(llm), {}) as deps,
    ):
        node = EmailNode(deps, llm, owner, url, http)
        async with pools.as_service() as connection:
            await users.register(connection, node.who.user_id, node.who.email)
        yield node
