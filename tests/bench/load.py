"""Load: N paced Media Streams calls against one node on one core, and what each of them hears.

Measured over a window in which every call is talking. With scripted engines the figures are the
node's own cost: sockets, framing, turn taking, pacing, journal; the floor is 60 calls on one core
without a late frame. With the offline ears and voice they share that core with the models.
"""

import asyncio
import datetime as dt
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import msgspec

from db.cluster.event_streams import EVENTS
from db.core.sealed import open_all
from media.published import TurnMetrics
from tests.bench import micro
from tests.bench.carrier import Carrier, carrier
from tests.bench.machine import load, percentile, say, table
from tests.bench.node import OFFLINE, ROOT, SCRIPTED, Node, node
from tests.bench.phone import Window, tone_bursts
from tests.support.keyed import keyed
from tests.support.processes import free_port

_SPEECH = "I tried a new recipe for bread last weekend, and it came out rather well."
TALK_SHARE = 0.4  # of a phone call, one side
_SETTLE_SECONDS = 60.0
_POLL_SECONDS = 0.1
_PROBE_SECONDS = 0.1
_PROBED_SHARE = 0.25  # of a window, beyond it
_AT_ONCE = 4  # calls being placed at any moment
_METRICS = """
select user_id, seq, body from app.events where type = 'turn.metrics' and ts > $1
"""

HEADS = (
    "calls", "cpu ms per call-s", "core %", "core wait %", "jitter p50", "p99", "max ms",
    "late packets", "dry ms", "replies", "reply p50", "p99 ms", "unanswered", "loop p99", "max ms",
    "RSS MiB", "client core %", "client late p99 ms",
)  # fmt: skip


class Kind(msgspec.Struct, frozen=True):
    """What calls are made of: who hears and answers, and what phones say, at most how often."""

    about: str
    settings: Mapping[str, str]
    said: bytes
    talk_share: float = 1.0
    program: str = "server"


class Rung(msgspec.Struct, frozen=True):
    """What one number of calls came to."""

    calls: int
    seconds: float
    window: Window
    cpu_seconds: float
    waited_seconds: float
    rss_mib: float
    client_cpu_seconds: float
    probes_ms: list[float]

    @property
    def cpu_ms(self) -> float:
        """Of the node, in a second."""
        return self.cpu_seconds / self.seconds * 1000

    def cells(self) -> tuple[str, ...]:
        """A row of the report."""
        window, seconds = self.window, self.seconds
        return (
            str(self.calls),
            f"{self.cpu_ms / self.calls:.2f}",
            f"{self.cpu_ms / 10:.0f}",
            f"{self.waited_seconds / seconds * 100:.0f}",
            *(f"{percentile(window.jitter_ms, share):.1f}" for share in (0.5, 0.99, 1.0)),
            str(len(window.dry)),
            f"{sum(window.dry):.0f}",
            str(len(window.replies_ms)),
            *(f"{percentile(window.replies_ms, share):.0f}" for share in (0.5, 0.99)),
            str(window.unanswered + window.lost),
            *(f"{percentile(self.probes_ms, share):.1f}" for share in (0.99, 1.0)),
            f"{self.rss_mib:.0f}",
            f"{self.client_cpu_seconds / seconds * 100:.0f}",
            f"{percentile(window.behind_ms, 0.99):.1f}",
        )


def scripted() -> Kind:
    """Everything but the engines."""
    return Kind("scripted engines", SCRIPTED, tone_bursts())


async def offline() -> Kind:
    """The models a node has without any key."""
    return Kind("the offline ears and voice, real speech", OFFLINE, await micro.speech(_SPEECH))


async def detector() -> Kind:
    """The real detector of speech on recorded speech, everything else scripted."""
    return Kind(
        f"the real detector on recorded speech, {TALK_SHARE:.0%} talk, other engines scripted",
        SCRIPTED,
        await micro.speech(_SPEECH),
        TALK_SHARE,
        "tests.bench.detecting",
    )


async def ladder(
    data: Path, calls: Sequence[int], seconds: float, kind: Kind, profile: Path | None = None
) -> None:
    """Measure each number of calls on one node and print a table."""
    say(f"Media Streams load: {seconds:.0f} s windows, {kind.about}, one node on one core")
    rungs = await climb(data, calls, seconds, kind, profile=profile)
    table([HEADS, *(rung.cells() for rung in rungs)])
    say("jitter: packets behind the 300 ms lead; late: after the playback buffer ran dry.")
    say("reply: last loud frame to first sound; 700 ms of it is the silence that ends a turn.")
    say("loop: time of GET /healthz, client included. core wait: ready to run, but others had the")
    say("core; above 5 the row says more about them than about the node.")


async def climb(
    data: Path,
    calls: Sequence[int],
    seconds: float,
    kind: Kind,
    *,
    profile: Path | None = None,
    tree: Path = ROOT,
) -> list[Rung]:
    """Measure each number of calls on one node, which runs the code in `tree`."""
    rungs = []
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(carrier(free_port(), kind.said, kind.talk_share))
        running = await stack.enter_async_context(
            node(world, data, kind.settings, profile, program=kind.program, tree=tree)
        )
        connector = aiohttp.TCPConnector(keepalive_timeout=2)  # the node's own is 5 s
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        for number in calls:
            users = [uuid.uuid4() for _ in range(number)]
            await talk(http, world, running, users)
            if profile is not None:
                running.sample()
            since = dt.datetime.now(dt.UTC)  # noqa: TID251 - rows carry wall-clock times
            rungs.append(await measure(http, world, running, number, seconds))
            loud = f"{rungs[-1].window.talk_share:.0%} talk"
            parts = f"; {await _parts(running, since)}" if tree == ROOT else ""  # rows as of today
            cost = f"{rungs[-1].cpu_ms / number:.2f} ms of CPU a call-second"
            say(f"  {number} calls measured, {loud}, {cost}, {load()}{parts}")
            await world.hang_up_all()
            await settled(http, running, 0)
    return rungs


async def talk(
    http: aiohttp.ClientSession, world: Carrier, running: Node, users: Sequence[uuid.UUID]
) -> None:
    """Place one call for each of `users` and wait until every one has heard the greeting."""
    places = asyncio.Semaphore(_AT_ONCE)
    calls = len(world.phones) + len(users)  # other nodes' may be there

    async def place(number: int, user_id: uuid.UUID) -> None:
        body = {"topic": "load", "to": f"+120255501{number % 100:02}"}
        headers = {"Authorization": f"Bearer {world.bearer(user_id)}"}
        url = f"{running.url}/v1/calls"
        async with places, http.post(url, json=body, headers=headers) as answer:
            if answer.status != 201:
                raise RuntimeError(f"no call: {answer.status} {await answer.text()}")

    async with asyncio.TaskGroup() as tasks:
        for number, user_id in enumerate(users):
            tasks.create_task(place(number, user_id))
    async with asyncio.timeout(_SETTLE_SECONDS):
        while not _all_talking(world, calls):  # noqa: ASYNC110 - phones are no tasks
            await asyncio.sleep(_POLL_SECONDS)
    await settled(http, running, len(users))


async def settled(http: aiohttp.ClientSession, running: Node, calls: int) -> None:
    """Until the node runs so many calls and has written everything down."""
    async with asyncio.timeout(_SETTLE_SECONDS):
        while True:
            async with http.get(f"{running.url}/metrics") as answer:
                lines = (await answer.text()).splitlines()
            numbers = [line.rpartition(" ") for line in lines if not line.startswith("#")]
            live = sum(float(value) for name, _, value in numbers if "live_calls" in name)
            backlog = sum(float(value) for name, _, value in numbers if "backlog" in name)
            if live == calls and backlog <= calls:
                return
            await asyncio.sleep(_POLL_SECONDS)  # polls a condition with a deadline


def _all_talking(world: Carrier, calls: int) -> bool:
    return len(world.phones) == calls and all(phone.heard_a_turn for phone in world.phones)


async def measure(
    http: aiohttp.ClientSession, world: Carrier, running: Node, calls: int, seconds: float
) -> Rung:
    """One window over the calls that are talking now. The node's loop is probed after its use of
    the core was measured: ten requests a second cost as much as ten calls."""
    loop = asyncio.get_running_loop()
    window = world.watch()
    before, client_before = running.usage(), time.process_time()
    began_at = loop.time()
    await asyncio.sleep(seconds)
    after, took = running.usage(), loop.time() - began_at
    client_after = time.process_time()
    probes_ms = await _probe(http, f"{running.url}/healthz", loop.time() + seconds * _PROBED_SHARE)
    world.watch()
    return Rung(
        calls=calls,
        seconds=took,
        window=window,
        cpu_seconds=after.cpu_seconds - before.cpu_seconds,
        waited_seconds=after.waited_seconds - before.waited_seconds,
        rss_mib=after.rss_mib,
        client_cpu_seconds=client_after - client_before,
        probes_ms=probes_ms,
    )


async def _parts(running: Node, since: dt.datetime) -> str:
    """Where the time of a reply went, by the node's own reckoning."""
    async with keyed(running.owner_dsn, running.data) as connection:
        found = await connection.fetch(_METRICS, since)
        rows = await open_all(connection, found, EVENTS)
    parts = sorted(name for name in TurnMetrics.__struct_fields__ if name.endswith("_ms"))
    medians = {part: percentile([row["body"][part] for row in rows], 0.5) for part in parts}
    return "median reply ms: " + ", ".join(
        f"{part.removesuffix('_ms')} {ms:.0f}" for part, ms in medians.items()
    )


async def _probe(http: aiohttp.ClientSession, url: str, until: float) -> list[float]:
    """Times of a request that does nothing: how long the node's loop keeps others waiting."""
    loop = asyncio.get_running_loop()
    times_ms = []
    while (asked_at := loop.time()) < until:
        async with http.get(url) as answer:
            await answer.read()
        times_ms.append((loop.time() - asked_at) * 1000)
        await asyncio.sleep(_PROBE_SECONDS)  # the probe's own rhythm
    return times_ms
