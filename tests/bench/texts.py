"""Text conversations: how soon and how many texts are answered, and whether ever twice or never.

The soak kills the node again and again while callbacks come twice and shuffled; afterwards the rows
and the carrier's own record must agree that every text was answered exactly once.
"""

import asyncio
import random
import time
import uuid
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import asyncpg

from db.core import embedded
from tests.bench.carrier import Carrier, carrier
from tests.bench.machine import load, percentile, say
from tests.bench.node import SCRIPTED, node
from tests.bench.people import Person
from tests.bench.phone import tone_bursts
from tests.support.processes import free_port

GAP_SECONDS = 0.5
_SETTINGS = {
    **SCRIPTED,
    "TALKING_SMS__QUIET_GAP_SECONDS": str(GAP_SECONDS),
    "TALKING_SMS__FIRST_HOUR": "0",
    "TALKING_SMS__LAST_HOUR": "24",
    "TALKING_SMS__SUNDAY_FIRST_HOUR": "0",
    "TALKING_SMS__MAX_EXCHANGES": "1000",
    "TALKING_SMS__PER_BLOCK_PER_HOUR": "1000000",
    "TALKING_SMS__SETTLE_SECONDS": "5",
}
_AT_ONCE = 60  # conversations of the soak that go on at any moment
_PATIENCE_SECONDS = 300.0
_RETRY_SECONDS = 0.3
_CHECKS = """
select count(*) as conversations,
    sum(c.message_count) as counted, sum(c.current_exchange) as exchanges,
    (select count(*) from sms_messages) as messages,
    (select count(*) from sms_messages where direction = 'inbound') as inbound,
    (select count(*) from app.message_details where state = 'received' and answered_by is null)
        as unanswered,
    (select count(distinct answered_by) from app.message_details) as answers,
    (select count(*) from app.message_details where state not in ('received', 'accepted')) as odd,
    (select count(*) from app.reservations where metric = 'texts' and state = 'committed') as used
from sms_conversations c
"""


async def report(data: Path, *, per_second: int, seconds: float) -> None:
    """Measure a steady load and print."""
    people = int(per_second * (GAP_SECONDS + 1.5))
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(carrier(free_port(), tone_bursts()))
        running = await stack.enter_async_context(node(world, data, _SETTINGS))
        http = await _http(stack)
        phones = [world.texts.person(f"+1202556{number:04d}") for number in range(people)]
        world.texts.node_url = running.url
        async with asyncio.TaskGroup() as tasks:
            for person in phones:
                tasks.create_task(_start(http, world, person))
        world.texts.answers_ms.clear()
        before, began_at = running.usage(), time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number in range(int(per_second * seconds)):
                due_at = began_at + number / per_second
                await asyncio.sleep(max(0.0, due_at - time.perf_counter()))  # the load's rhythm
                tasks.create_task(_exchange(world, phones[number % people]))
        took = time.perf_counter() - began_at
        cpu = running.usage().cpu_seconds - before.cpu_seconds
    answers = [ms - GAP_SECONDS * 1000 for ms in world.texts.answers_ms]
    p50, p95, p99, most = (percentile(answers, share) for share in (0.5, 0.95, 0.99, 1.0))
    say(f"Texts: {len(answers)} in {took:.1f} s ({len(answers) / took:.1f}/s), {load()}")
    say(f"  from a text to the carrier taking the answer, beyond the quiet gap: p50 {p50:.0f},")
    say(f"  p95 {p95:.0f}, p99 {p99:.0f}, max {most:.0f} ms; {cpu / took * 100:.0f} % of a core")


async def soak(data: Path, *, conversations: int, texts_each: int, kills: int) -> None:
    """Run it and print what it came to. Raises RuntimeError if a text was lost or doubled."""
    luck = random.Random(1)
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(carrier(free_port(), tone_bursts()))
        server = await embedded.start(data / "postgres", durable=True)
        stack.push_async_callback(server.stop)
        http = await _http(stack)
        people = [world.texts.person(f"+1202556{number:04d}") for number in range(conversations)]
        began_at = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            nodes = tasks.create_task(_nodes(world, data, kills, luck))
            await _talk_all(http, world, people, texts_each)
            nodes.cancel()
        took = time.perf_counter() - began_at
        await _check(server.dsn(), people, texts_each)
    say(
        f"Soak: {conversations} conversations of {texts_each} texts in {took:.0f} s, {kills} kills:"
        " every text answered once, counters exact, nothing sent twice"
    )


async def _http(stack: AsyncExitStack) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(force_close=True, limit=0)
    timeout = aiohttp.ClientTimeout(total=15)
    return await stack.enter_async_context(
        aiohttp.ClientSession(connector=connector, timeout=timeout)
    )


async def _nodes(world: Carrier, data: Path, kills: int, luck: random.Random) -> None:
    """A node that is killed at any moment and started again; the last one stays."""
    port = free_port()
    for number in range(kills + 1):
        async with node(world, data, _SETTINGS, port=port) as running:
            world.texts.node_url = running.url
            if number == kills:
                await asyncio.Event().wait()
            await asyncio.sleep(luck.uniform(2.0, 9.0))  # how long it lives
            await running.kill()
            say(f"  killed {number + 1} times")


async def _talk_all(
    http: aiohttp.ClientSession, world: Carrier, people: list[Person], texts_each: int
) -> None:
    places = asyncio.Semaphore(_AT_ONCE)

    async def talk(person: Person) -> None:
        async with places:
            await _start(http, world, person)
            for _ in range(texts_each):
                await _exchange(world, person)

    async with asyncio.TaskGroup() as tasks:
        for person in people:
            tasks.create_task(talk(person))


async def _start(http: aiohttp.ClientSession, world: Carrier, person: Person) -> None:
    """Their conversation, begun once however often it is asked for; ends with the first text."""
    user_id = uuid.uuid4()
    headers = {"Authorization": f"Bearer {world.bearer(user_id)}", "Idempotency-Key": "soak"}
    body = {"topic": "load", "phone_number": person.number, "consent": "I agree to get texts."}
    status = 0
    while status != 201:
        try:
            url = f"{world.texts.node_url}/v1/conversations"
            async with http.post(url, json=body, headers=headers) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            pass  # no node just now
        if status != 201:
            await asyncio.sleep(_RETRY_SECONDS)  # a client's patience
    async with asyncio.timeout(_PATIENCE_SECONDS):
        await person.answered.wait()


async def _exchange(world: Carrier, person: Person) -> None:
    await world.texts.write(person, f"Text number {person.written}.")
    async with asyncio.timeout(_PATIENCE_SECONDS):
        await person.answered.wait()


async def _check(owner_dsn: str, people: list[Person], texts_each: int) -> None:
    connection = await asyncpg.connect(owner_dsn)
    try:
        found = dict(await connection.fetchrow(_CHECKS))
    finally:
        await connection.close()
    number = len(people)
    wanted = {
        "conversations": number, "counted": number * (2 * texts_each + 1),
        "exchanges": number * texts_each, "messages": number * (2 * texts_each + 1),
        "inbound": number * texts_each, "unanswered": 0, "answers": number * texts_each, "odd": 0,
        "used": number,
    }  # fmt: skip
    sent = {person.number: len(person.got) for person in people}
    wrong = {who: count for who, count in sent.items() if count != texts_each + 1}
    if found != wanted or wrong:
        raise RuntimeError(f"found {found}, wanted {wanted}; wrong at the carrier: {wrong}")
