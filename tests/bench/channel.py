"""The live channel by itself: how old events are when they arrive, how many a process delivers,
what a reader costs who does not read, how soon a page has its snapshot, and a thousand cuts.

The node makes the events (`flowing`); age is from an event's `ts` to its arrival here.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import asyncpg
import msgspec

from tests.bench.carrier import Carrier, carrier
from tests.bench.fanout import Ages, Dashboard, open_boards, premium_user
from tests.bench.machine import percentile, say
from tests.bench.node import SCRIPTED, Node, node
from tests.bench.phone import tone_bursts
from tests.integration.server.live.people import events_flow, make_admin, talking_call
from tests.integration.server.test_live import without_limit
from tests.integration.server.test_texts import add, begin
from tests.support.client import clients_of
from tests.support.follower import Follower, assert_same
from tests.support.node import running_world
from tests.support.people import patient
from tests.support.processes import free_port

PER_SECOND = 200
CALLS_SHOWN = 200
HELLOS = 50
COMMANDS = 300
_CALL = """
with d as (
    insert into app.call_details (call_id, user_id) select gen_random_uuid(), $1
    from generate_series(1, $2) returning *
)
insert into public.calls (id, user_id, user_phone_number, topic, status, ended_time)
select call_id, user_id, '+12025550100', 'growing tomatoes on a balcony', 'ended', now() from d
"""


async def report(data: Path, sockets: int, seconds: float) -> None:
    """Measure and print."""
    settings = {
        **SCRIPTED,
        "TALKING_LIMITS__LIVE_SOCKETS_PER_USER": str(sockets + 1),
        "TALKING_LIMITS__REQUESTS_PER_MINUTE": "1000000",
        "TALKING_LIMITS__LIVE_COMMANDS_PER_SECOND": "100000",
        "TALKING_SMS__FIRST_HOUR": "0",
        "TALKING_SMS__LAST_HOUR": "24",
        "TALKING_SMS__SUNDAY_FIRST_HOUR": "0",
    }
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(carrier(free_port(), tone_bursts()))
        running = await stack.enter_async_context(
            node(world, data, settings, program="tests.bench.flowing")
        )
        http = await stack.enter_async_context(aiohttp.ClientSession())
        say(f"Live channel: {sockets} sockets on one user, {seconds:.0f} s each")
        await _memory(world, running, sockets)  # first: later the heap has room from before
        await _steady(http, world, running, sockets, seconds)
        await _snapshots(world, running)
        await _acks(http, world, running)
        for caps in ((), ("batch",)):
            await _saturated(http, world, running, sockets, seconds, caps)


async def _flow(http: aiohttp.ClientSession, running: Node, **wished: object) -> int:
    body = msgspec.json.encode(wished)
    async with http.post(f"{running.url}/bench/flow", data=body) as answer:
        made: int = (await answer.json())["made"]
        return made


async def _steady(
    http: aiohttp.ClientSession, world: Carrier, running: Node, sockets: int, seconds: float
) -> None:
    user_id = await premium_user(running.owner_dsn)
    boards = await open_boards(world, running, user_id, sockets)
    for name in ("all read", "one reads nothing") * 2:
        stuck: list[Dashboard] = []
        if name != "all read":
            stuck = await open_boards(world, running, user_id, 1, narrow=True)
            stuck[0].stop_reading()
        ages = Ages()
        for board in boards:
            board.ages = ages
        wished = {"user_id": str(user_id), "seconds": seconds, "per_second": PER_SECOND}
        before = running.usage().cpu_seconds
        made = await _flow(http, running, **wished)
        cpu = running.usage().cpu_seconds - before
        await asyncio.gather(*(board.ponged() for board in boards))
        p50, p95, p99 = (percentile(ages.durable, share) for share in (0.5, 0.95, 0.99))
        lost = made * sockets - len(ages.durable)
        say(
            f"  {made / seconds:.0f} events/s, {name}: age p50 {p50:.1f}, p95 {p95:.1f}, "
            f"p99 {p99:.1f} ms (N {len(ages.durable)}, {lost} replaced by snapshots), "
            f"node's core {cpu / seconds:.0%}"
        )
        for board in stuck:
            queued = await _metric(http, running, "talking_live_queue_bytes")
            slow = await _metric(http, running, "talking_live_slow_closes_total")
            say(
                f"  the stuck one holds {queued:.0f} bytes in its queue; "
                f"sent away so far: {slow:.0f}"
            )
            board.abort()
    for board in boards:
        board.abort()


async def _metric(http: aiohttp.ClientSession, running: Node, name: str) -> float:
    async with http.get(f"{running.url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(f"{name}{{")), 0.0)


async def _snapshots(world: Carrier, running: Node) -> None:
    user_id = await premium_user(running.owner_dsn)
    connection = await asyncpg.connect(running.owner_dsn)
    try:
        await connection.execute(_CALL, user_id, CALLS_SHOWN)
    finally:
        await connection.close()
    took_ms: list[float] = []
    for _ in range(HELLOS):
        (board,) = await open_boards(world, running, user_id, 1)
        async with asyncio.timeout(10):
            await board.shown.wait()
        took_ms.append(board.shown_after_ms)
        board.abort()
    p50, p95 = percentile(took_ms, 0.5), percentile(took_ms, 0.95)
    say(f"  hello to the whole snapshot of {CALLS_SHOWN} calls: p50 {p50:.0f}, p95 {p95:.0f} ms "
        f"(N {HELLOS})")  # fmt: skip


async def _acks(http: aiohttp.ClientSession, world: Carrier, running: Node) -> None:
    """How soon a command is acknowledged that changes a row, once per id."""
    user_id = await premium_user(running.owner_dsn)
    body = {"topic": "acks", "phone_number": "+12025560000", "consent": "I agree to get texts."}
    token = world.bearer(user_id)
    async with http.post(
        f"{running.url}/v1/conversations", json=body, headers={"Authorization": f"Bearer {token}"}
    ) as answer:
        conversation = (await answer.json())["id"]
    took_ms: list[float] = []
    address = running.url.replace("http", "ws", 1)
    async with http.ws_connect(f"{address}/live", protocols=("dash.v1",), compress=0) as socket:
        await socket.send_json({"op": "hello", "token": token, "subs": []})
        for number in range(COMMANDS):
            name, asked_at = ("conv.pause", "conv.resume")[number % 2], time.perf_counter()
            command = {
                "op": "cmd",
                "id": f"c{number}",
                "name": name,
                "args": {"conv": conversation},
            }
            await socket.send_json(command)
            while (message := await socket.receive_json())["op"] != "ack":
                pass
            if not message["ok"]:
                raise RuntimeError(f"refused: {message['error']}")
            took_ms.append((time.perf_counter() - asked_at) * 1000)
    p50, p95 = percentile(took_ms, 0.5), percentile(took_ms, 0.95)
    say(f"  command to its ack: p50 {p50:.1f}, p95 {p95:.1f} ms (N {COMMANDS})")


async def _memory(world: Carrier, running: Node, sockets: int) -> None:
    """What an idle socket holds on to in the node."""
    user_id = await premium_user(running.owner_dsn)
    before = running.usage().rss_mib
    boards = await open_boards(world, running, user_id, sockets)
    grown = (running.usage().rss_mib - before) * 1024 / sockets
    say(f"  memory: {grown:.0f} KiB a socket (N {sockets}, without compression)")
    for board in boards:
        board.abort()


async def _saturated(
    http: aiohttp.ClientSession, world: Carrier, running: Node, sockets: int, seconds: float,
    caps: Sequence[str],
) -> None:  # fmt: skip
    user_id = await premium_user(running.owner_dsn)
    boards = await open_boards(world, running, user_id, sockets, caps)
    ages = Ages()
    for board in boards:
        board.ages = ages
    before = running.usage().cpu_seconds
    made = await _flow(http, running, user_id=str(user_id), seconds=seconds)
    cpu = running.usage().cpu_seconds - before
    await asyncio.gather(*(board.ponged() for board in boards))
    arrived, frames = len(ages.durable), sum(board.frames for board in boards)
    how = "batched" if caps else "plain"
    say(f"  saturated, {how}: {arrived / seconds:.0f} deliveries/s ({made * sockets} offered, "
        f"{arrived} arrived, {arrived / max(1, frames):.1f} a frame), "
        f"{cpu / max(1, arrived) * 1e6:.0f} us of the node's CPU each")  # fmt: skip
    for board in boards:
        board.abort()


async def cuts(total: int) -> None:
    """A thousand random cuts while things happen; any fault fails the part."""
    with running_world(
        SPEECH__RECOGNISER="scripted", SPEECH__VOICE="scripted", THINKER__ENGINE="scripted",
        LIMITS__REQUESTS_PER_MINUTE="1000000", LIMITS__LIVE_COMMANDS_PER_SECOND="1000",
        LIMITS__LIVE_COMMANDS_BURST="1000", LIMITS__LIVE_SOCKETS_PER_USER="200",
        SMS__FIRST_HOUR="0", SMS__LAST_HOUR="24",
        SMS__SUNDAY_FIRST_HOUR="0", SMS__PER_BLOCK_PER_HOUR="1000000",
        SMS__PER_NUMBER_PER_HOUR="1000000", CONVERSATION__LIMIT_SECONDS="3600",
        CONVERSATION__WRAP_UP_SECONDS="3000", CONVERSATION__URGENT_SECONDS="3300",
        SERVER__DRAIN_SECONDS="1",
    ) as world:  # fmt: skip
        async with clients_of(world) as clients:
            user = await make_admin(clients, await without_limit(clients))
            call_id = await talking_call(user, await clients.sandbox.add(patient(600_000)))
            conversation = await begin(user, await add(clients))
            topics = ("me", f"call:{call_id}", f"conv:{conversation}", "all")
            followers = [Follower(user, *topics) for _ in range(4)]
            enough = asyncio.Event()
            async with asyncio.TaskGroup() as tasks:
                flow = tasks.create_task(events_flow(user, call_id, conversation, enough))
                cutting = [
                    tasks.create_task(one.cut_often(total // len(followers), seed))
                    for seed, one in enumerate(followers)
                ]
                done = sum([await each for each in cutting])
                enough.set()
                await flow
            for one in followers:
                late = await one.catch_up()
                for topic in topics:
                    assert_same(one.views[topic].state, late.views[topic].state, topic)
            events = sum(len(view.events) for one in followers for view in one.views.values())
            modes = [mode for one in followers for mode in one.modes]
    say(f"Cuts: {done} random cuts of 4 clients with 4 topics each, {events} events taken in")
    say(f"  topics begun by replay {modes.count('resumed')}, by snapshot {modes.count('snapshot')}")
    say("  0 missing, 0 out of order, 0 wrong final states (any would have failed)")
