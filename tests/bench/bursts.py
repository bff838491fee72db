"""Bursts of abuse beside honest people: what those wait for, and whether any cap is passed.

Each second twenty requests come at once: calls to one number, texts, e-mails to strangers, or
transfers of one call. The limits are those of `config.toml`; what was accepted is counted against
them here.
"""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import msgspec
from aiohttp import web

from db.accounts import users
from server.core.config import Config
from server.core.config import load as loaded
from tests.bench.carrier import Carrier, carrier
from tests.bench.load import talk
from tests.bench.machine import load, percentile, say
from tests.bench.node import ROOT, SCRIPTED, Node, node
from tests.bench.phone import tone_bursts
from tests.support.processes import free_port
from tests.support.unbounded import UNBOUNDED
from tests.support.web_server import serving

AT_ONCE = 20
MOST_SLOWER = 1.2
_HONEST = 10
_PER_SECOND = 40  # requests of all honest people
_ASKED = ("/v1/me", "/v1/usage", "/v1/calls", "/v1/conversations")
_AREAS = ("202", "212", "213", "303", "305", "312", "404", "415", "503", "617", "702", "713")
_EVERY_SECONDS = 1.0


class Burst(msgspec.Struct, frozen=True):
    """Requests that come at once; `cap` is how many of a `key` may be accepted, of all bursts."""

    key: str
    cap: int
    path: str
    asked: list[tuple[uuid.UUID, dict[str, Any]]]


async def report(data: Path, seconds: float) -> None:
    """Measure and print. Raises RuntimeError when a cap was passed."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(carrier(free_port(), tone_bursts()))
        mail = await stack.enter_async_context(_mail())
        config = loaded(ROOT / "config.toml", {"TALKING_TWILIO__AUTH_TOKEN": world.auth_token})
        settings = {
            **SCRIPTED, **_limits(config),
            "TALKING_SENDGRID__API_KEY": "SG.bench", "TALKING_SENDGRID__BASE_URL": mail,
            "TALKING_CONTACTS__PAID_PLANS": "anyone",
        }  # fmt: skip
        running = await stack.enter_async_context(node(world, data, settings))
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        honest = [uuid.uuid4() for _ in range(_HONEST)]
        bursts = await _bursts(http, world, running, config, int(seconds / _EVERY_SECONDS))
        for user_id in honest:  # their first request makes their rows
            await _get(http, world, running, user_id, _ASKED[0])
        quiet = await _ask(http, world, running, honest, seconds)
        accepted: Counter[str] = Counter()
        answers: Counter[int] = Counter()
        async with asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(_ask(http, world, running, honest, seconds))
            began_at = time.perf_counter()
            for number, burst in enumerate(bursts):
                due_at = began_at + number * _EVERY_SECONDS
                await asyncio.sleep(max(0.0, due_at - time.perf_counter()))  # the load's rhythm
                tasks.create_task(_send(http, world, running, burst, accepted, answers))
        during = asking.result()
    say(f"Bursts: {len(bursts)} of {AT_ONCE} at once, one a second, answered {dict(answers)}")
    before, after = _print("quiet", quiet), _print("during", during)
    word = "kept" if after <= before * MOST_SLOWER else "NOT KEPT"
    say(f"  asked: p95 within {MOST_SLOWER - 1:.0%}: {after / before - 1:+.0%}, {word}; {load()}")
    caps = {burst.key: burst.cap for burst in bursts}
    over = {key: count for key, count in accepted.items() if count > caps[key]}
    say(f"  accepted of each: {dict(accepted)}, caps {caps}")
    if over:
        raise RuntimeError(f"over the cap: {over}")


def _limits(config: Config) -> dict[str, str]:
    """What other benchmarks lift, as it is configured."""
    limits = {}
    for name in UNBOUNDED:
        section, _, key = name.lower().partition("__")
        if key.startswith(("at_once", "per_")):
            limits[f"TALKING_{name}"] = str(getattr(getattr(config, section), key))
    return limits


async def _bursts(
    http: aiohttp.ClientSession, world: Carrier, running: Node, config: Config, count: int
) -> list[Burst]:
    """One kind after the other; their people have the largest plan."""
    texter, mailer = (await _premium(running, 2))[:2]
    kinds = ("calls", "texts", "emails", "transfers")
    movers = await _premium(running, count // len(kinds))
    await talk(http, world, running, movers)
    calls = await _calls_of(running)
    found = []
    for number in range(count):
        kind, turn = kinds[number % len(kinds)], number // len(kinds)
        if kind == "calls":
            to = f"+1{_AREAS[turn % len(_AREAS)]}5550123"
            people = await _premium(running, AT_ONCE)
            asked = [(who, {"topic": "x", "to": to}) for who in people]
            cap = config.calls.per_number_per_hour
            found.append(Burst(f"calls to number {turn}", cap, "/v1/calls", asked))
        elif kind == "texts":
            numbers = [f"+1202556{turn * AT_ONCE + n:04}" for n in range(AT_ONCE)]
            body = {"topic": "x", "consent": "I agree to get texts."}
            asked = [(texter, {**body, "phone_number": one}) for one in numbers]
            cap = config.sms.per_user_per_hour
            found.append(Burst("texts of one user", cap, "/v1/conversations", asked))
        elif kind == "emails":
            body = {"topic": "x", "type": "custom", "subject": "x", "content": "x"}
            asked = [
                (mailer, {**body, "recipient_email": f"stranger{turn}-{n}@example.com"})
                for n in range(AT_ONCE)
            ]
            cap = config.email.per_user_per_hour
            found.append(Burst("e-mails of one user", cap, "/v1/emails", asked))
        elif turn < len(movers):
            who = movers[turn]
            asked = [(who, {"to": f"+1{area}5550177"}) for area in _AREAS * 2][:AT_ONCE]
            path = f"/v1/calls/{calls[who]}/transfer"
            found.append(Burst(f"transfers of call {turn}", 1, path, asked))
    return found


async def _premium(running: Node, count: int) -> list[uuid.UUID]:
    connection = await asyncpg.connect(running.owner_dsn)
    people = [uuid.uuid4() for _ in range(count)]
    try:
        for user_id in people:
            await connection.execute("select app.register_user($1, null)", user_id)
            await users.give_plan(connection, user_id, "premium")
    finally:
        await connection.close()
    return people


async def _calls_of(running: Node) -> dict[uuid.UUID, uuid.UUID]:
    connection = await asyncpg.connect(running.owner_dsn)
    try:
        rows = await connection.fetch("select user_id, id from public.calls")
    finally:
        await connection.close()
    return {row["user_id"]: row["id"] for row in rows}


async def _send(
    http: aiohttp.ClientSession, world: Carrier, running: Node, burst: Burst,
    accepted: Counter[str], answers: Counter[int],
) -> None:  # fmt: skip
    async def one(who: uuid.UUID, body: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {world.bearer(who)}"}
        async with http.post(f"{running.url}{burst.path}", json=body, headers=headers) as answer:
            await answer.read()
        answers[answer.status] += 1
        accepted[burst.key] += answer.status < 300

    await asyncio.gather(*(one(who, body) for who, body in burst.asked))


async def _ask(
    http: aiohttp.ClientSession, world: Carrier, running: Node, people: list[uuid.UUID],
    seconds: float,
) -> list[tuple[int, float]]:  # fmt: skip
    """Ordinary requests, evenly."""
    asked = []
    async with asyncio.TaskGroup() as tasks:
        began_at = time.perf_counter()
        for number in range(int(_PER_SECOND * seconds)):
            due_at = began_at + number / _PER_SECOND
            await asyncio.sleep(max(0.0, due_at - time.perf_counter()))  # the load's rhythm
            who, path = people[number % len(people)], _ASKED[number % len(_ASKED)]
            asked.append(tasks.create_task(_get(http, world, running, who, path)))
    return [task.result() for task in asked]


async def _get(
    http: aiohttp.ClientSession, world: Carrier, running: Node, who: uuid.UUID, path: str
) -> tuple[int, float]:
    """What it was answered, and after how many milliseconds."""
    headers = {"Authorization": f"Bearer {world.bearer(who)}"}
    asked_at = time.perf_counter()
    async with http.get(f"{running.url}{path}", headers=headers) as answer:
        await answer.read()
        status = answer.status
    return status, (time.perf_counter() - asked_at) * 1000


def _print(what: str, asked: list[tuple[int, float]]) -> float:
    """Print, and return the 95th percentile in milliseconds."""
    times_ms, answers = [ms for _, ms in asked], Counter(status for status, _ in asked)
    p50, p95, p99 = (percentile(times_ms, share) for share in (0.5, 0.95, 0.99))
    say(f"  honest requests, {what}: answered {dict(answers)},")
    say(f"    p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f} ms")
    return p95


@asynccontextmanager
async def _mail() -> AsyncIterator[str]:
    """The address of a mail service that takes everything."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=202, headers={"X-Message-Id": uuid.uuid4().hex})

    app = web.Application()
    app.router.add_post("/v3/mail/send", take)
    async with serving(app) as address:
        yield address
