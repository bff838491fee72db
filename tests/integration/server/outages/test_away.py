"""What clients, providers and probes are told while the database is away, frozen or all in use."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec
import pytest
import stripe

from tests.integration.server.carrier import Carrier
from tests.integration.server.operators.operator_fixture import audio_socket
from tests.integration.server.outages.conftest import mortal_world
from tests.support import outages
from tests.support.client import Answer, Clients, Json, clients_of, close_code, live_socket
from tests.support.node import World
from tests.support.patience import patience
from tests.support.people import patient

pytestmark = pytest.mark.timeout(180)

STRIPE_SECRET = "whsec_0123456789abcdef"
TEXT = {"MessageSid": "SM" + "0" * 32, "From": "+12025550123", "Body": "Hello"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One world for all; whoever harms its database mends it."""
    with mortal_world(
        STRIPE__SECRET_KEY="sk_test_0123456789abcdef", STRIPE__WEBHOOK_SECRET=STRIPE_SECRET,
        STRIPE__BASE_URL="http://127.0.0.1:9", DATABASE__MAX_CONNECTIONS="2",
    ) as started:  # fmt: skip
        yield started


@pytest.fixture
async def clients(world: World) -> AsyncIterator[Clients]:
    """Clients of that world."""
    async with clients_of(world) as opened:
        yield opened


@asynccontextmanager
async def without_database(world: World) -> AsyncIterator[None]:
    """While the server is stopped."""
    outages.end(world.data / "postgres", "fast")
    await until_ready_is(world, False)
    try:
        yield
    finally:
        await outages.begin(world.data / "postgres")
        await until_ready_is(world, True)


async def readiness(world: World) -> tuple[int, Json]:
    """Status and words of `/readyz`."""
    async with clients_of(world) as clients, clients.http.get(f"{world.url}/readyz") as answer:
        return answer.status, await answer.json()


async def until_ready_is(world: World, wanted: bool) -> None:
    """Until the node says so."""
    async with patience():
        while (await readiness(world))[1]["ready"] is not wanted:  # noqa: ASYNC110 - as it says
            await asyncio.sleep(0.05)


def check_unavailable(answer: Answer) -> None:
    """A 503 that says when to come back, as a problem document."""
    assert answer.status == 503, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) >= 1
    problem = answer.body if isinstance(answer.body, dict) else msgspec.json.decode(answer.body)
    assert (problem["code"], problem["type"]) == ("unavailable", "/errors/unavailable")


async def test_while_it_is_away_everybody_is_told_to_come_back(clients: Clients) -> None:
    world = clients.world
    user, stranger = await clients.sign_up(), await clients.sign_up()
    number = await clients.sandbox.add(patient())
    async with user.live() as dashboard, without_database(world):
        for one in (user, stranger):
            check_unavailable(await one.ask("GET", "/v1/calls"))
        request = {"topic": "bread", "to": number}
        check_unavailable(await user.ask("POST", "/v1/calls", request))
        check_unavailable(await user.ask("POST", "/v1/calls", request, {"Idempotency-Key": "a"}))
        check_unavailable(await user.ask("GET", "/v1/events?topic=me"))
        for ack in (
            await dashboard.command("call.start", topic="bread", to=number),
            await dashboard.command("sub.add", topic=f"call:{user.id}"),
        ):
            error = ack["error"]
            assert (error["code"], error["retry"]) == ("unavailable", True), ack
            assert error["retry_ms"] >= 1000
        hello = {"op": "hello", "v": 1, "ticket": "x" * 43}
        assert await close_code(live_socket(world), msgspec.json.encode(hello).decode()) == 1011
        hello = {"op": "hello", "v": 1, "token": stranger.token}
        assert await close_code(live_socket(world), msgspec.json.encode(hello).decode()) == 1011
        assert await close_code(audio_socket(world), '{"op":"hello","ticket":"x"}') == 1011
        status, body = await readiness(world)
        assert (status, body["database"], body["connections"]) == (503, False, True)
        async with clients.http.get(f"{world.url}/healthz") as answer:
            assert answer.status == 200
        ack = await dashboard.command("call.dance")  # the socket has lived on
        assert ack["error"]["code"] == "unknown_command"
    assert (await user.ask("GET", "/v1/calls")).status == 200
    assert world.logged("request_waits")
    assert not world.logged("request_failed")
    assert not world.logged("socket_failed")


async def test_while_it_is_away_providers_are_told_to_come_back(clients: Clients) -> None:
    world, carrier = clients.world, Carrier(clients)
    stamp = int(time.time())  # noqa: TID251 - signatures are of real time
    event = msgspec.json.encode({
        "id": "evt_1", "object": "event", "type": "product.created", "created": stamp,
        "api_version": "2026-10-28.endive", "data": {"object": {"object": "product", "id": "p"}},
    })  # fmt: skip
    signed = stripe.WebhookSignature.generate_signature_header(event.decode(), STRIPE_SECRET, stamp)
    async with without_database(world):
        check_unavailable(await carrier.post("/webhooks/twilio/sms", TEXT))
        for path, body, headers in (
            ("/webhooks/stripe", event, {"Stripe-Signature": signed}),
            ("/webhooks/sendgrid/inbound?key=test-inbound-key", *_mail()),
        ):
            async with clients.http.post(world.url + path, data=body, headers=headers) as answer:
                found = Answer(answer.status, await answer.read(), dict(answer.headers))
            check_unavailable(found)


def _mail() -> tuple[bytes, dict[str, str]]:
    """Somebody's answer by e-mail, as it is posted to us."""
    token = base64.b32encode(b"0" * 20).decode().lower()
    fields = {
        "to": f"reply+{token}@replies.example.com", "from": "a@example.com", "text": "Hello",
        "subject": "Re: bread", "headers": "Message-ID: <1@example.com>\n", "SPF": "pass",
        "envelope": f'{{"to":["reply+{token}@replies.example.com"],"from":"a@example.com"}}',
    }  # fmt: skip
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return f"{parts}--x--\r\n".encode(), {"Content-Type": "multipart/form-data; boundary=x"}


async def test_a_frozen_database_is_told_while_it_is_frozen(clients: Clients) -> None:
    world = clients.world
    with outages.frozen(world.data / "postgres"):
        for _ in range(3):
            status, body = await readiness(world)
            assert (status, body["ready"], body["database"]) == (503, False, False)
        for path in ("/healthz", "/readyz?of=node"):
            async with clients.http.get(f"{world.url}{path}") as answer:
                assert answer.status == 200
        stranger = await clients.sign_up()
        check_unavailable(await stranger.ask("GET", "/v1/calls"))
    await until_ready_is(world, True)
    assert (await stranger.ask("GET", "/v1/calls")).status == 200


async def test_when_all_connections_are_in_use_it_is_told(clients: Clients) -> None:
    world, users = clients.world, [await clients.sign_up() for _ in range(4)]
    async with world.rows() as owner, owner.transaction():
        await owner.execute("lock table public.users in access exclusive mode")
        async with asyncio.TaskGroup() as tasks:
            waiting = [tasks.create_task(user.ask("GET", "/v1/me")) for user in users]
            await until_waiting(owner, 2)
            status, body = await readiness(world)
            assert (status, body["ready"], body["connections"]) == (503, False, False)
            check_unavailable(await users[0].ask("GET", "/v1/calls"))
    for one in waiting:  # the statements of some took too long, others got no connection
        check_unavailable(one.result())
    await until_ready_is(world, True)


async def until_waiting(owner: asyncpg.Connection, count: int) -> None:
    """Until so many requests wait for a lock."""
    # What pg_stat_activity says stays the same to the end of the transaction that asks.
    waiting = "select count(*) from pg_locks where not granted"
    async with patience():
        while await owner.fetchval(waiting) < count:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.02)
