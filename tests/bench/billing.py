"""Billing under load: how quickly Stripe's webhooks are answered, what a limit check costs, races.

Webhooks come as purchases make them, in bursts of one customer's events, while calls talk on the
same core and the events are worked off beside. Knows no meaning of the events.
"""

import asyncio
import time
import uuid
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import msgspec
import stripe
from aiohttp import web

from db.accounts import users
from db.core import embedded
from db.core.migrate import migrate
from db.core.pool import login_dsn, open_pools
from db.core.rows import Connection
from server.core import node as core
from server.core.errors import AppError
from server.core.events import of_call
from server.core.times import steady_clock
from server.usage import actions as usage
from server.vendors.stripe.client import API_VERSION
from tests.bench.carrier import carrier
from tests.bench.load import HEADS, measure, talk
from tests.bench.machine import load, percentile, say, table
from tests.bench.node import SCRIPTED, Node, node
from tests.bench.phone import tone_bursts
from tests.support.database import MASTERS
from tests.support.processes import free_port
from tests.support.wiring import bare_node

_SECRET = "whsec_" + "b" * 32
_BURST = 8  # events of one purchase
_CUSTOMERS = 100
_CHECKS = 2000
_RACERS = 50
_WORKED_OFF_SECONDS = 120.0
_CUSTOMER = "update public.users set stripe_customer_id = $2 where id = $1"
_WAITING = "select count(*) from app.stripe_events where processed_at is null"

_clock = steady_clock()


async def report(data: Path, *, calls: int, per_second: int, seconds: float, rounds: int) -> None:
    """Measure and print."""
    await _webhooks(data / "node", calls, per_second, seconds)
    server = await embedded.start(data / "limits", durable=True)
    try:
        owner = server.dsn()
        await migrate(owner, request_password="", worker_password="")
        pools = await open_pools(
            login_dsn(owner, "talking_request", ""),
            login_dsn(owner, "talking_worker", ""),
            MASTERS,
            worker_connections=20,
        )
        try:
            here = bare_node(pools, clock=_clock)
            await _limit_checks(here)
            await _races(here, rounds)
        finally:
            await pools.close()
    finally:
        await server.stop()


async def _webhooks(data: Path, calls: int, per_second: int, seconds: float) -> None:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(carrier(free_port(), tone_bursts()))
        money = await stack.enter_async_context(_Money())
        settings = {
            **SCRIPTED,
            "TALKING_STRIPE__SECRET_KEY": "sk_test_" + "b" * 24,
            "TALKING_STRIPE__WEBHOOK_SECRET": _SECRET,
            "TALKING_STRIPE__BASE_URL": money.url,
        }
        running = await stack.enter_async_context(node(world, data, settings))
        await _customers(running.owner_dsn)
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        await talk(http, world, running, [uuid.uuid4() for _ in range(calls)])
        acks_ms: list[float] = []
        answers: Counter[int] = Counter()
        async with asyncio.TaskGroup() as tasks:
            rung = tasks.create_task(measure(http, world, running, calls, seconds))
            await _send(http, running, per_second, seconds, acks_ms, answers)
        off_at = time.perf_counter()
        await _worked_off(running)
        after = time.perf_counter() - off_at
        await world.hang_up_all()
    p50, p95, p99, most = (percentile(acks_ms, share) for share in (0.5, 0.95, 0.99, 1.0))
    say(f"Stripe's webhooks: {per_second}/s for {seconds:.0f} s while {calls} calls talk, {load()}")
    say(f"  answered {dict(answers)}, N={len(acks_ms)}: p50 {p50:.1f}, p95 {p95:.1f},")
    say(f"  p99 {p99:.1f}, max {most:.1f} ms; all worked off {after:.1f} s after the last")
    table([HEADS, rung.result().cells()])


async def _send(
    http: aiohttp.ClientSession, running: Node, per_second: int, seconds: float,
    acks_ms: list[float], answers: Counter[int],
) -> None:  # fmt: skip
    """Purchases begin evenly; the events of each come together. None waits for another's answer."""
    url = f"{running.url}/webhooks/stripe"

    async def one(number: int) -> None:
        body = msgspec.json.encode(_event(number))
        now = int(_clock())
        header = stripe.WebhookSignature.generate_signature_header(body.decode(), _SECRET, now)
        asked_at = time.perf_counter()
        async with http.post(url, data=body, headers={"Stripe-Signature": header}) as answer:
            await answer.read()
        acks_ms.append((time.perf_counter() - asked_at) * 1000)
        answers[answer.status] += 1

    async with asyncio.TaskGroup() as tasks:
        began_at = time.perf_counter()
        for number in range(int(per_second * seconds)):
            if number % _BURST == 0:
                due_at = began_at + number / per_second
                await asyncio.sleep(max(0.0, due_at - time.perf_counter()))  # the load's rhythm
            tasks.create_task(one(number))


def _event(number: int) -> dict[str, Any]:
    customer = f"cus_{number // _BURST % _CUSTOMERS}"
    about = {"object": "invoice", "id": f"in_{number}", "customer": customer, "padding": "x" * 2000}
    return {
        "id": f"evt_{number}", "object": "event", "type": "invoice.updated",
        "created": int(_clock()), "api_version": API_VERSION, "data": {"object": about},
    }  # fmt: skip


async def _worked_off(running: Node) -> None:
    connection = await asyncpg.connect(running.owner_dsn)
    try:
        async with asyncio.timeout(_WORKED_OFF_SECONDS):
            while await connection.fetchval(_WAITING):  # noqa: ASYNC110 - the database's condition
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def _customers(owner_dsn: str) -> None:
    connection = await asyncpg.connect(owner_dsn)
    try:
        for number in range(_CUSTOMERS):
            user_id = uuid.uuid4()
            await connection.execute("select app.register_user($1, null)", user_id)
            await connection.execute(_CUSTOMER, user_id, f"cus_{number}")
    finally:
        await connection.close()


class _Money:
    """As little of Stripe as the node asks about customers that have no subscription."""

    async def __aenter__(self) -> "_Money":
        app = web.Application()
        app.router.add_get("/v1/subscriptions", self._none)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        port = free_port()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _none(self, request: web.Request) -> web.Response:
        page = {"object": "list", "url": request.path, "has_more": False, "data": []}
        return web.json_response(page)


async def _limit_checks(here: core.Node) -> None:
    """What a call's start waits for its limit, in the transaction it has anyway."""
    checks_ms = []
    for _ in range(_CHECKS):
        async with here.transaction() as tx:
            user_id = await _user(tx.connection)
        async with here.transaction() as tx:
            began_at = time.perf_counter()
            call_id = uuid.uuid4()
            await usage.reserve(tx, "calls", call_id, of_call(user_id, call_id), 80)
            checks_ms.append((time.perf_counter() - began_at) * 1000)
    p50, p95, p99 = (percentile(checks_ms, share) for share in (0.5, 0.95, 0.99))
    say(f"Limit check: N={_CHECKS}, p50 {p50:.2f}, p95 {p95:.2f}, p99 {p99:.2f} ms, {load()}")


async def _user(connection: Connection) -> uuid.UUID:
    user_id = uuid.uuid4()
    await users.register(connection, user_id, None)
    return user_id


async def _races(here: core.Node, rounds: int) -> None:
    """Everybody wants the last one, again and again."""
    accepted, began_at = 0, time.perf_counter()
    for _ in range(rounds):
        async with here.transaction() as tx:
            user_id = await _user(tx.connection)

        async def want(user_id: uuid.UUID = user_id) -> bool:
            try:
                async with here.transaction() as tx:
                    call_id = uuid.uuid4()
                    await usage.reserve(tx, "calls", call_id, of_call(user_id, call_id), 80)
            except AppError:
                return False
            return True

        accepted += sum(await asyncio.gather(*(want() for _ in range(_RACERS))))
    took = time.perf_counter() - began_at
    say(f"Races: {rounds} rounds of {_RACERS} for the last one: {accepted} accepted, {took:.0f} s")
    if accepted != rounds:
        raise RuntimeError("a limit was not kept")
