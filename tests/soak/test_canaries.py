"""What people say and who they are, looked for in all that is kept: eleven kinds of canaries go
through calls, texts, mails, billing and a takeover; then the database is dumped and everything on
the disk of a node that was stopped is read: tables, write-ahead log, logs; and its metrics."""

import asyncio
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from db.core import embedded
from sandbox.core.settings import STRIPE_KEY
from sandbox.stripe.events.delivery import signature
from server.core.times import steady_clock
from tests.integration.db.schema import program
from tests.integration.server.emails.post import Post
from tests.support.client import Clients, Dashboard, Json, User, clients_of
from tests.support.node import World, running_world
from tests.support.people import after, human, new_number, says

pytestmark = pytest.mark.timeout(600)

STRIPE_SECRET = "whsec_canaries"
TOPIC = "zwieback canary gardens"
NOTED = "canary in a note"
OPERATOR = "Xylophones are repaired by canary operators."
NAME = "Quirin Zylberstein-Canary"
TEXTED, MAILED, ANSWERED = "canary by text", "canary by mail", "canary in an answer"
_FILES = """
select pg_relation_filepath(oid) as path, relnamespace::regnamespace || '.' || relname as name
from pg_class
"""
SPOKEN = "My grandmother collected seven purple umbrellas in Lisbon."


@pytest.fixture(params=["all", "none"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A world of its own, since its node is stopped and its files are read; what is not sealed
    shows that the search finds what there is."""
    with running_world(
        PRIVACY__SEAL=request.param, STRIPE__SECRET_KEY=STRIPE_KEY,
        STRIPE__WEBHOOK_SECRET=STRIPE_SECRET, SMS__QUIET_GAP_SECONDS="0.2",
        SPEECH__THINK_TIMEOUT_SECONDS="20",
    ) as started:  # fmt: skip
        yield started


async def test_nothing_personal_is_readable_on_any_disk(world: World) -> None:
    async with clients_of(world) as clients:
        canaries = await _lives(clients)
        async with clients.http.get(f"{world.url}/metrics") as answer:
            metrics = await answer.read()
    world.node.terminate()
    await asyncio.to_thread(world.node.wait)
    server = await embedded.start(world.data / "postgres")  # once more, as after a restart
    try:
        dump = await asyncio.to_thread(_dump, server.dsn())
        connection = await asyncpg.connect(server.dsn())
        names = {
            f"postgres/cluster/{row['path']}": row["name"] for row in await connection.fetch(_FILES)
        }
        await connection.close()
    finally:
        await server.stop()
    found = {
        f"{kind} in {names.get(where, where)}"
        for kind, canary in canaries.items()
        for where, data in (("the dump", dump), ("metrics", metrics), *_files(world.data))
        if canary.encode() in data
    }
    assert len(canaries) == 11
    if world.env["TALKING_PRIVACY__SEAL"] == "none":
        assert {where.partition(" in ")[0] for where in found} == set(canaries)
    else:
        assert not found, "\n".join(sorted(found))


async def _lives(clients: Clients) -> dict[str, str]:
    """What happens; each canary by its kind."""
    transferred, texter = new_number(), new_number()
    person = human(
        after(300), says("Hello?"), after(9000), says(SPOKEN), after(60_000), verdict_ms=300
    )
    number = await clients.sandbox.add(person)
    post = Post(clients)
    user = await post.user("premium")
    address = str((await user.get("/v1/me"))["email"])
    async with user.live() as dashboard:
        heard = await _call(user, dashboard, number, transferred)
        await _text(clients, user, dashboard, texter)
    [call] = (await user.get("/v1/calls"))["calls"]
    for method, path, body in (("PUT", f"tags/{NOTED}", None), ("POST", "notes", {"text": NOTED})):
        written = await user.ask(method, f"/v1/calls/{call['id']}/{path}", body)
        assert written.status in {200, 201}, written
    email = await post.send(user, content=f"{MAILED}. More of it.", topic=TOPIC)
    await post.until(user, email, "delivered")
    [mail] = await post.sent(email)
    reply_to = mail["reply_to"][0]
    envelope = msgspec.json.encode({"to": [reply_to], "from": address}).decode()
    await post.inbound({
        "to": reply_to, "from": address, "subject": "Re: Bread", "text": ANSWERED,
        "envelope": envelope,
    })  # fmt: skip
    assert await post.letters(user)
    await _bill(clients, address)
    answer = await user.ask(
        "POST", "/v1/consents", {"phone_number": new_number(), "wording": ANSWERED},
        {"Idempotency-Key": uuid.uuid4().hex},
    )  # fmt: skip
    assert answer.status == 201, answer
    return {
        "a number": number, "a text's number": texter, "an address": address, "a topic": TOPIC,
        "spoken words": heard, "text words": TEXTED, "mail words": MAILED, "a name": NAME,
        "an operator's words": OPERATOR, "a transfer's target": transferred, "a note": NOTED,
    }  # fmt: skip


async def _call(user: User, dashboard: Dashboard, number: str, transferred: str) -> str:
    """A call that is taken part in and handed on; what was heard of the canary."""
    ack = await dashboard.command("call.start", topic=TOPIC, to=number)
    call_id = ack["data"]["call"]["id"]
    await dashboard.until_status(call_id, "talking")
    said = await dashboard.until(lambda message: _is_said(message, "umbrella"))
    await dashboard.command("call.say", call=call_id, text=OPERATOR, interrupt=True)
    await dashboard.until(lambda message: _is_said(message, "canary operators"))
    moved = await dashboard.command("call.transfer", call=call_id, to=transferred)
    assert moved["ok"], moved
    await dashboard.until_over(call_id)
    await user.get(f"/v1/calls/{call_id}/transcript")
    return str(said["data"]["heard"])


def _is_said(message: Json, words: str) -> bool:
    return message.get("type") == "transcript.final" and words in message["data"]["heard"]


async def _text(clients: Clients, user: User, dashboard: Dashboard, number: str) -> None:
    replies = [{"say": TEXTED, "after_ms": 10}]
    await clients.sandbox.add({"name": "x", "number": number, "texts": {"replies": replies}})
    body = {"topic": TOPIC, "phone_number": number, "consent": f"{NAME} agrees."}
    answer = await user.ask("POST", "/v1/conversations", body)
    assert answer.status == 201, answer
    await dashboard.until(lambda message: message.get("type") == "sms.received")


async def _bill(clients: Clients, address: str) -> None:
    """What Stripe tells of a customer."""
    event = {
        "id": "evt_canary", "object": "event", "type": "customer.updated", "created": 1,
        "data": {"object": {"id": "cus_x", "object": "customer", "name": NAME, "email": address}},
    }  # fmt: skip
    body = msgspec.json.encode(event)
    header = {"Stripe-Signature": signature(body, STRIPE_SECRET, int(steady_clock()()))}
    url = f"{clients.world.url}/webhooks/stripe"
    async with clients.http.post(url, data=body, headers=header) as answer:
        assert answer.status == 200, await answer.text()


def _dump(dsn: str) -> bytes:
    """Every row as pg_dump writes it."""
    command = [str(program()), dsn]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def _files(data: Path) -> list[tuple[str, bytes]]:
    """Everything on the node's disk; not what the sandbox keeps, which plays other companies."""
    files = [path for path in data.rglob("*") if path.is_file()]
    return [
        (str(path.relative_to(data)), path.read_bytes())
        for path in files
        if not path.relative_to(data).parts[0].startswith("sandbox")
    ]
