"""A carrier that accepts whatever it is asked, and phones that are on its line.

A phone takes the sound of its call wherever a stream of it is, hears it, and gives marks back.
"""

import asyncio
import base64
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

from media.events import AmdVerdict, Answered, CarrierStatus
from media.phases.talking.state import Talking
from server.calls import actions as calls
from server.calls import stream_tokens
from server.calls.actions import CallRequest
from server.calls.registry import LiveCall
from server.core.identity.auth import Identity
from server.deps import Deps
from server.ownership import adoption, callbacks
from tests.integration.server.cluster.nodes import LEASE_SECONDS, open_nodes, until
from tests.support.database import Database
from tests.support.sound import tone
from tests.support.web_server import serving

TOPIC = "growing tomatoes"
FRAME_SECONDS = 0.02
SPEECH = tone(440, 200)
# Whoever ran the call is no more, as the database knows it.
GONE = "update app.call_details set owner_node = 'gone', lease_until = null where call_id = $1"
# Nodes that have their leases for less adopt nothing by themselves.
NOT_YET = "120"


@asynccontextmanager
async def accepting_carrier() -> AsyncIterator[str]:
    """The base address of one."""

    async def accept(request: web.Request) -> web.Response:
        sid = request.match_info.get("sid") or f"CA{uuid.uuid4().hex}"
        return web.json_response({"sid": sid, "status": "in-progress"}, status=201)

    app = web.Application()
    account = "/2010-04-01/Accounts/{account}/Calls"
    app.router.add_route("*", f"{account}.json", accept)
    app.router.add_route("*", f"{account}/{{sid}}.json", accept)
    async with serving(app) as origin:
        yield origin


@asynccontextmanager
async def calling_nodes(
    database: Database,
    url: str,
    names: tuple[str, ...] = ("a", "b"),
    lease_seconds: str = LEASE_SECONDS,
) -> AsyncIterator[tuple[Deps, ...]]:
    """`open_nodes` whose carrier takes every call."""
    env = {"CLUSTER__LEASE_SECONDS": lease_seconds}
    async with (
        accepting_carrier() as carrier,
        open_nodes(database, url, names, TWILIO__BASE_URL=carrier, **env) as nodes,
    ):
        yield nodes


class Phone:
    """The caller's end of one call, at whichever node `live` is."""

    def __init__(self, live: LiveCall, sid: str) -> None:
        self.live = live
        self.sid = sid
        self.heard = b""
        self.is_speaking = False

    def connect(self) -> None:
        """Sound flows where the call now runs."""
        self.live.runner.attach(f"MZ{uuid.uuid4().hex}", self._hear, lambda: None)

    async def _hear(self, frames: Sequence[str]) -> None:
        for message in map(msgspec.json.decode, frames):
            if message["event"] == "media":
                self.heard += base64.b64decode(message["media"]["payload"])
            elif message["event"] == "mark":
                self.live.runner.mark(message["mark"]["name"])

    async def speak(self) -> None:
        """In real time, until cancelled: silence, or a tone."""
        at = 0
        while True:
            sound = (SPEECH * 2)[at % 1600 :][:160] if self.is_speaking else b"\xff" * 160
            at += 160
            self.live.runner.frame(sound)
            await asyncio.sleep(FRAME_SECONDS)  # the rhythm of sound

    async def move(self, node: Deps) -> None:
        """The carrier opens another stream, at this node, which takes the call from its owner."""
        secret = node.config.twilio.auth_token
        token = stream_tokens.mint(secret, self.live.id, node.clock() + 60)
        self.live = await callbacks.open_stream(node, token, self.sid)
        self.connect()


async def adopted(node: Deps, call_id: uuid.UUID) -> LiveCall:
    """A call that is nobody's, at this node, once nobody is busy with its row."""
    while True:
        await adoption.adopt_abandoned(node)
        if (live := node.live.get(call_id)) is not None:  # it may be over soon
            return live
        await asyncio.sleep(0.01)


@asynccontextmanager
async def talking(node: Deps, who: Identity) -> AsyncIterator[Phone]:
    """A call of theirs that this node runs and somebody has picked up; they hang up at the end."""
    row = await calls.start(node, who, CallRequest(TOPIC, "+12125550123"))
    live = node.live.get(row.id)
    assert live is not None
    await until(lambda: live.runner.call.facts.sid is not None)
    phone = Phone(live, live.runner.call.facts.sid or "")
    live.runner.post(Answered(phone.sid))
    phone.connect()
    live.runner.post(AmdVerdict("human"))
    await until(lambda: isinstance(live.runner.call.phase, Talking))
    async with asyncio.TaskGroup() as tasks:
        speaking = tasks.create_task(phone.speak())
        yield phone
        speaking.cancel()
        phone.live.runner.post(CarrierStatus("completed", phone.sid))
