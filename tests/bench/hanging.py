"""Stripe takes requests and answers none: what the phone company's webhooks wait for meanwhile.

Webhooks of calls that talk come signed and evenly, quiet first, then while people keep asking for
checkouts and previews; their first requests, which make their accounts, come before that window.
Knows nothing of what billing does with them.
"""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg
from aiohttp import web

from tests.bench.carrier import Carrier, carrier
from tests.bench.load import talk
from tests.bench.machine import load, percentile, say
from tests.bench.node import SCRIPTED, Node, node
from tests.bench.phone import tone_bursts
from tests.support.processes import free_port
from tests.support.web_server import serving

MOST_P99_MS = 150.0
_CALLS = 3
_PER_SECOND = 50
_ASKERS = 30
_PAUSE_SECONDS = 1.0  # of an asker, after each answer; Retry-After says 5
_BEGIN_SECONDS = 2.0
_ACTS = ("checkout", "preview")
_LIVE = "select id, twilio_call_sid from public.calls where status = 'talking'"


async def report(data: Path, seconds: float) -> None:
    """Measure and print."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(carrier(free_port(), tone_bursts()))
        stripe = await stack.enter_async_context(_silent())
        settings = {
            **SCRIPTED,
            "TALKING_STRIPE__SECRET_KEY": "sk_test_" + "b" * 24,
            "TALKING_STRIPE__WEBHOOK_SECRET": "whsec_" + "b" * 32,
            "TALKING_STRIPE__BASE_URL": stripe,
        }
        running = await stack.enter_async_context(node(world, data, settings))
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        await talk(http, world, running, [uuid.uuid4() for _ in range(_CALLS)])
        calls = await _calls(running)
        say(f"Stripe hangs: {_PER_SECOND} status webhooks/s of {_CALLS} calls, {seconds:.0f} s")
        await _window("quiet", world, running, calls, seconds)
        answers: Counter[int] = Counter()
        async with asyncio.TaskGroup() as tasks:
            asking = [
                tasks.create_task(_ask(http, world, running, _ACTS[n % 2], answers))
                for n in range(_ASKERS)
            ]
            await asyncio.sleep(_BEGIN_SECONDS)  # until all have asked and Stripe holds what it may
            p99 = await _window("while people ask", world, running, calls, seconds)
            for task in asking:
                task.cancel()
        say(
            f"  {_ASKERS} people ask for checkouts and previews; answered {dict(answers)}; {load()}"
        )
        say(f"  asked: p99 <= {MOST_P99_MS:.0f} ms: {'kept' if p99 <= MOST_P99_MS else 'NOT KEPT'}")


async def _window(
    what: str, world: Carrier, running: Node, calls: list[tuple[uuid.UUID, str]], seconds: float
) -> float:
    """Measure, print, and return the 99th percentile in milliseconds."""
    before, began_at = running.usage(), time.perf_counter()
    times_ms = await _webhooks(world, running, calls, seconds)
    after, took = running.usage(), time.perf_counter() - began_at
    cpu = (after.cpu_seconds - before.cpu_seconds) / took
    waited = (after.waited_seconds - before.waited_seconds) / took
    p50, p99, most = (percentile(times_ms, share) for share in (0.5, 0.99, 1.0))
    say(f"  {what}: N={len(times_ms)}, p50 {p50:.1f}, p99 {p99:.1f}, max {most:.1f} ms;")
    say(f"    node {cpu:.0%} of its core, and {waited:.0%} of the time others had it")
    return p99


@asynccontextmanager
async def _silent() -> AsyncIterator[str]:
    """The address of a payment service that never answers."""

    async def hang(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", hang)
    async with serving(app) as address:
        yield address


async def _calls(running: Node) -> list[tuple[uuid.UUID, str]]:
    connection = await asyncpg.connect(running.owner_dsn)
    try:
        return [(row["id"], row["twilio_call_sid"]) for row in await connection.fetch(_LIVE)]
    finally:
        await connection.close()


async def _webhooks(
    world: Carrier, running: Node, calls: list[tuple[uuid.UUID, str]], seconds: float
) -> list[float]:
    """How long each took; one that is not taken raises."""
    times_ms: list[float] = []

    async def one(number: int) -> None:
        call_id, sid = calls[number % len(calls)]
        url = f"{running.url}/webhooks/twilio/status/{call_id}"
        asked_at = time.perf_counter()
        await world.post(url, CallSid=sid, CallStatus="in-progress", SequenceNumber=str(number))
        times_ms.append((time.perf_counter() - asked_at) * 1000)

    async with asyncio.TaskGroup() as tasks:
        began_at = time.perf_counter()
        for number in range(int(_PER_SECOND * seconds)):
            due_at = began_at + number / _PER_SECOND
            await asyncio.sleep(max(0.0, due_at - time.perf_counter()))  # the load's rhythm
            tasks.create_task(one(number))
    return times_ms


async def _ask(
    http: aiohttp.ClientSession, world: Carrier, running: Node, act: str, answers: Counter[int]
) -> None:
    """Somebody who wants to pay, and asks again whatever they are told."""
    headers = {"Authorization": f"Bearer {world.bearer(uuid.uuid4())}"}
    url, body = f"{running.url}/v1/subscription/{act}", {"plan": "premium", "interval": "monthly"}
    while True:
        async with http.post(url, json=body, headers=headers) as answer:
            await answer.read()
            answers[answer.status] += 1
        await asyncio.sleep(_PAUSE_SECONDS)
