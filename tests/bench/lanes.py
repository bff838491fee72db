"""How evenly the console draws the calls of a busy night: the times between its frames while live
calls pour their events into it.

Page, sign-in and snapshot are a real node's, in Chromium. What the calls tell is built from the
product's own Structs and handed to the page's live socket as if it had just come in, because so
many real calls would have this machine's cores to themselves. Needs Playwright and a Chromium.
"""

import itertools
import os
import random
import uuid
from collections.abc import Iterator
from typing import Any

import msgspec

from db.calls import CallStatus
from media.published import AgentState, Published, TranscriptFinal
from server.calls.wire import CallData, CallOut, CallTalking, CallUpdated
from server.core.times import rfc3339, steady_clock, utc
from server.live.messages import Event
from tests.bench.machine import say, table
from tests.browser.browser import browser
from tests.support.client import clients_of
from tests.support.node import SCRIPTED, World, running_world

SECONDS = 10
PER_SECOND = 20  # messages, each a batch of events
BATCH = 20
WORDS = ("and", "then", "we", "put", "the", "dough", "into", "a", "warm", "place", "to", "rest")
STATES: tuple[CallStatus, ...] = ("ringing", "waiting", "talking", "talking", "talking", "talking")
# The page's live socket and where its first snapshot stands, for whoever measures.
KEEP = """
window.WebSocket = class extends WebSocket {
constructor(...given) { super(...given); window.live = this;
this.addEventListener("message", ({ data }) => { for (const line of data.split("\\n")) {
const { op, epoch, seq } = JSON.parse(line);
if (op === "snapshot") window.at = { epoch, seq }; } }); } };"""
MEASURE = """([batches, pause]) => new Promise((done) => {
const frames = []; let last = null;
const timer = setInterval(() => {
if (batches.length) live.onmessage({ data: batches.shift() }); }, pause);
requestAnimationFrame(function frame(now) {
if (last !== null) frames.push(now - last);
last = now;
if (batches.length) return requestAnimationFrame(frame);
clearInterval(timer); done(frames); }); })"""


async def report(calls: int = 200) -> None:
    """Measure and print."""
    os.sched_setaffinity(0, range(os.cpu_count() or 1))  # a browser draws with many threads
    with running_world(**SCRIPTED) as world:
        for place in ("#/", "#/?view=table"):
            frames, spent, cards = await _frames(world, place, calls)
            say(f"console   {cards} calls at {place}, {PER_SECOND * BATCH} events a second")
            ranked = sorted(frames)
            at = [ranked[int(len(ranked) * share)] for share in (0.5, 0.95, 0.99)]
            late = sum(one > 1000 / 60 * 1.5 for one in frames)
            table([
                ("", "frames/s", "p50 ms", "p95 ms", "p99 ms", "longest ms", "later than 25 ms"),
                ("frames", f"{1000 * len(frames) / sum(frames):.1f}", *(f"{one:.1f}" for one in at),
                 f"{ranked[-1]:.1f}", f"{late} of {len(frames)}"),
            ])  # fmt: skip
            told = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in spent.items())
            say(f"main thread: {told}")


async def _frames(
    world: World, place: str, calls: int
) -> tuple[list[float], dict[str, float], int]:
    """The times between frames in ms, what the main thread did with its time, the calls shown."""
    who = {"email": f"{uuid.uuid4().hex[:12]}@example.com", "password": uuid.uuid4().hex}
    async with clients_of(world) as clients, browser() as chromium:
        await clients.sandbox.send("POST", "/auth/v1/signup", who)
        page = await chromium.new_page(viewport={"width": 1280, "height": 850})
        await page.add_init_script(KEEP)
        await page.goto(world.url)
        await page.fill("[name=email]", who["email"])
        await page.fill("[name=password]", who["password"])
        await page.keyboard.press("Enter")
        await page.wait_for_function("() => window.at")
        await page.evaluate("place => { location.hash = place; }", place)
        batches = _batches(calls, **await page.evaluate("window.at"))
        await page.evaluate("batch => live.onmessage({ data: batch })", next(batches))
        shown = ".card, tbody tr"
        await page.locator(shown).nth(calls - 1).wait_for(state="attached")
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable")
        before = await _spent(session)
        many = list(itertools.islice(batches, SECONDS * PER_SECOND))
        frames = await page.evaluate(MEASURE, [many, 1000 / PER_SECOND])
        after = await _spent(session)
        count = await page.locator(shown).count()
    return frames, {name: after[name] - before[name] for name in after}, count


async def _spent(session: Any) -> dict[str, float]:
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    known = {one["name"]: one["value"] for one in metrics}
    names = ("TaskDuration", "ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
    return {name.removesuffix("Duration").lower(): known[name] for name in names}


def _batches(count: int, epoch: str, seq: int) -> Iterator[str]:
    """First a message with every call's row, then such with what happens in them, without end."""
    chance, clock = random.Random(1), steady_clock()
    numbers = itertools.count(seq + 1)
    calls = [_call(chance.choice(STATES), number) for number in range(count)]

    def line(call: CallOut, event: Published) -> str:
        is_passing = event.ephemeral
        sent = Event(
            topic="me", id=uuid.uuid4(), type=event.type, v=1, ts=rfc3339(utc(clock())) or "",
            user_id=call.user_id, subject=f"call:{call.id}", data=event,
            seq=None if is_passing else next(numbers), epoch=None if is_passing else epoch,
            rev=None if is_passing else 1, eph="state" if is_passing else None,
        )  # fmt: skip
        return msgspec.json.encode(sent).decode()

    def happens(call: CallOut) -> CallData | TranscriptFinal | AgentState:
        kind = chance.random()
        if kind < 0.4:
            return AgentState(chance.choice(("listening", "thinking", "speaking")))
        if kind < 0.8:
            said = " ".join(chance.sample(WORDS, 8))
            return TranscriptFinal(chance.choice(("caller", "agent")), said, said)
        return CallUpdated(call)

    yield "\n".join(line(call, CallTalking(call)) for call in calls)
    while True:
        yield "\n".join(line(call, happens(call)) for call in chance.sample(calls, BATCH))


def _call(status: CallStatus, number: int) -> CallOut:
    now = rfc3339(utc(steady_clock()()))
    return CallOut(
        id=uuid.uuid4(), user_id=uuid.UUID(int=2), user_phone_number=f"+1202555{number:04d}",
        topic=f"baking bread number {number}", twilio_call_sid=None, status=status,
        answered_by=None, initiated_time=now, ringing_time=now, answered_time=now, ended_time=None,
        duration_seconds=None, end_reason=None, recording=None, created_at=now, updated_at=now,
        direction="outbound", language=None,
    )  # fmt: skip
