"""The product's text channel without its loops: actions, a real database, the sandbox's carrier.

Jobs are worked off when a test says so, in order and whether or not they are due, so a test decides
what happens when; the clock is the test's. Two text nodes on one database are two nodes.
"""

import datetime as dt
import itertools
import secrets
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec

from db.billing import usage
from db.billing.usage import UsageRow
from db.core.pool import Pools
from media.engines.scripted import (
    Behaviour,
    ScriptedLanguageModel,
)
from server.accounts import actions as accounts
from server.app import wired
from server.core.config import Config, load
from server.core.identity.auth import Identity
from server.core.keyed_locks import KeyedLocks
from server.deps import Deps
from server.texts import actions as texts_actions
from server.texts import inbound as texts_inbound
from server.vendors.twilio.messages import TwilioTexts
from server.work import all_work
from tests.support.jobs_due import work_off
from tests.support.unbounded import UNBOUNDED
from tests.support.wiring import scripted_engines

NOON = dt.datetime(2026, 11, 25, 17, tzinfo=dt.UTC)  # noon in Washington, a Wednesday
_numbers = itertools.count(3000)


def new_number() -> str:
    """A number nobody has used."""
    return f"+1202556{next(_numbers):04d}"


class TextNode:
    """One node's actions. `thinker` is the mind; `now` may be set."""

    def __init__(self, deps: Deps, llm: ScriptedLanguageModel, http: aiohttp.ClientSession) -> None:
        self.deps = deps
        self.llm = llm
        self.http = http
        self.pools = deps.pools

    async def sign_up(self, plan: str = "premium", phone: str | None = None) -> Identity:
        """A user; a plan other than the free one is a gift."""
        user_id = uuid.uuid4()
        email = f"{user_id.hex[:8]}@example.org"
        who = Identity(user_id, email, phone, False, 0.0, {"sub": str(user_id)})
        await accounts.admit(self.deps, who)
        async with self.pools.as_service() as connection:
            await connection.execute(
                "update users set subscription_plan_id = $2 where id = $1", user_id, plan
            )
        return who

    async def start(self, who: Identity, number: str, topic: str = "baking bread") -> uuid.UUID:
        """A conversation whose first text is written and sent."""
        ask = texts_actions.ConversationRequest(topic, number, "I agree to get texts.")
        row = await texts_actions.start(self.deps, who, ask)
        await self.work()
        return row.id

    async def receive(self, sender: str, body: str, sid: str = "", **more: Any) -> str:
        """Somebody's text arrives; what the carrier is to answer at once."""
        sid = sid or f"SM{secrets.token_hex(16)}"
        fields: dict[str, Any] = {"media": 0, "segments": 1, "opt_out_type": "", **more}
        return await texts_inbound.receive(self.deps, sid, sender, body, **fields)

    async def work(self, within_seconds: float = 60.0) -> list[str]:
        """Work jobs off that are due so soon, and those that follow from them; the names of those
        that want another try."""
        return await work_off(self.pools.queue, all_work(self.deps), within_seconds)

    async def thread(self, who: Identity, conversation_id: uuid.UUID) -> list[tuple[str, str]]:
        """The conversation as (direction, text)."""
        await texts_actions.read(self.deps, who, conversation_id)
        found = await texts_actions.newest_messages(self.deps, conversation_id)
        return [(one.direction, one.message_text) for one in found]

    async def texts_used(self, who: Identity) -> UsageRow:
        async with self.pools.as_service() as connection:
            return (await usage.read(connection, who.user_id, usage.month_year(NOON)))[1]

    async def told(self, who: Identity) -> list[str]:
        """The types of the events the user's dashboards got."""
        async with self.pools.as_service() as connection:
            rows = await connection.fetch(
                "select type from app.events where user_id = $1 order by seq", who.user_id
            )
        return [row[0] for row in rows]

    async def sent_to(self, number: str) -> list[dict[str, Any]]:
        """What the carrier took from us for this number, oldest first."""
        url = f"{self.deps.config.twilio.base_url}/world/texts"
        async with self.http.get(url) as answer:
            texts: list[dict[str, Any]] = await answer.json()
        return [text for text in texts if text["to"] == number and text["direction"] != "carrier"]

    async def fault(self, **faults: Any) -> None:
        """Switch misfortunes of the carrier on; none of them switches all off."""
        url = f"{self.deps.config.twilio.base_url}/world/faults"
        async with self.http.put(url, json=faults) as answer:
            assert answer.status == 200, await answer.text()

    def at(self, now: dt.datetime) -> "TextNode":
        """The same text node at another time."""
        return self.changed(clock=now.timestamp)

    def another(self) -> "TextNode":
        """Another node at the same database."""
        return self.changed(locks=KeyedLocks())

    @asynccontextmanager
    async def impatient(self) -> AsyncIterator["TextNode"]:
        """The same text node, whose carrier has half a second for an answer."""
        texts = TwilioTexts(msgspec.structs.replace(self.deps.config.twilio, timeout_seconds=0.5))
        try:
            yield self.changed(texts=texts)
        finally:
            await texts.close()

    def changed(self, **changes: Any) -> "TextNode":
        """The same text node with other dependencies."""
        return TextNode(msgspec.structs.replace(self.deps, **changes), self.llm, self.http)


def desk_config(carrier_url: str, **changes: str) -> Config:
    """The product's configuration, pointed at this carrier."""
    return load(
        None,
        {
            "TALKING_TWILIO__AUTH_TOKEN": "5a4db0c5a4db0c5a4db0c5a4db0c5a4d",
            "TALKING_TWILIO__BASE_URL": carrier_url,
            "TALKING_SMS__MAX_EXCHANGES": "4",
            **{f"TALKING_{key}": value for key, value in {**UNBOUNDED, **changes}.items()},
        },
    )


@asynccontextmanager
async def open_text_node(pools: Pools, carrier_url: str, **changes: str) -> AsyncIterator[TextNode]:
    """A text node at noon, with a mind that always asks the same."""
    config = desk_config(carrier_url, **changes)
    llm = ScriptedLanguageModel(["What do you think?"], Behaviour())
    async with (
        aiohttp.ClientSession() as http,
        wired(config, pools, NOON.timestamp, scripted_engines(llm), {}) as deps,
    ):
        yield TextNode(deps, llm, http)
