"""A copy of one's data: how long it takes and how much memory, for somebody with many calls.

The copy is made as its download makes it, in this process and beside a real PostgreSQL; every file
of it is read again. Memory is what the process grew by, and what Python held in a run of its own.
"""

import asyncio
import io
import os
import time
import tracemalloc
import uuid
import zipfile
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from db import calls
from db.accounts import users
from db.calls import CallChange, NewCall
from db.core import embedded
from db.core.migrate import migrate
from db.core.pool import Pools, login_dsn, open_pools
from db.history import journal
from db.history.journal import JournalEntry
from db.privacy import exports
from media.engines.scripted import ScriptedLanguageModel
from media.events import GenerationFinished, PlaybackStarted, Sentence, TurnPlayed
from media.phases.talking.turn_state import Thinking
from server.app import wired
from server.core.config import load
from server.core.times import steady_clock, utc
from server.deps import Deps
from server.privacy.exports import archive
from tests.bench.machine import say
from tests.support.database import MASTERS
from tests.support.script import SID, Script, status
from tests.support.wiring import scripted_engines

EXCHANGES = 15  # of a call: two minutes or so
ROUNDS = 3
WRITTEN_AT_ONCE = 3  # events of a live call


async def report(data: Path, people_calls: int = 1000) -> None:
    """Measure and print."""
    async with AsyncExitStack() as stack:
        server = await embedded.start(data / "postgres")
        stack.push_async_callback(server.stop)
        await migrate(server.dsn(), request_password="request", worker_password="worker")
        logins = [login_dsn(server.dsn(), f"talking_{one}", one) for one in ("request", "worker")]
        pools = await open_pools(logins[0], logins[1], MASTERS)
        stack.push_async_callback(pools.close)
        config = load(None, {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32})
        engines = scripted_engines(ScriptedLanguageModel([]))
        deps = await stack.enter_async_context(wired(config, pools, steady_clock(), engines, {}))
        user_id = uuid.uuid4()
        async with pools.as_service() as connection:
            await users.register(connection, user_id, "ann@example.org")
        events = await _seed(pools, user_id, people_calls)
        async with pools.as_service() as connection:
            asked = await exports.ask(connection, user_id)
        assert asked is not None
        say(f"copies    of {people_calls} calls of {events} events each, {ROUNDS} rounds")
        before, used = _peak_mib(is_new=True), time.process_time()
        took, size = [], 0
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            size = await _drain(deps, asked)
            took.append(time.perf_counter() - begun)
        grown, used = _peak_mib() - before, (time.process_time() - used) / ROUNDS
        tracemalloc.start()
        await _drain(deps, asked)
        held = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        rows = await _check(deps, asked)
        rounds = ", ".join(f"{one:.2f}" for one in took)
        say(f"          whole after {rounds} s; {used:.2f} s of CPU; {size / 1e6:.1f} MB")
        say(f"          process grew by {grown:.0f} MiB; at most {held:.0f} MiB held by Python")
        say(f"          rows {rows}")


async def _drain(deps: Deps, asked: exports.ExportRow) -> int:
    """As a client takes it that keeps nothing."""
    size = 0
    async for piece in archive(deps, asked):
        size += len(piece)
        await asyncio.sleep(0)
    return size


async def _check(deps: Deps, asked: exports.ExportRow) -> str:
    made = b"".join([piece async for piece in archive(deps, asked)])
    with zipfile.ZipFile(io.BytesIO(made)) as whole:
        assert whole.testzip() is None
        contents = msgspec.json.decode(whole.read("contents.json"))
    rows: dict[str, int] = contents["rows"]
    return ", ".join(f"{name} {count}" for name, count in rows.items() if count)


async def _seed(pools: Pools, user_id: uuid.UUID, count: int) -> int:
    """Calls that are over, with all that was said; how many events each has."""
    script = _talk()
    for _ in range(count):
        call_id = uuid.uuid4()
        async with pools.as_service() as connection:
            new = NewCall(call_id, user_id, "+12025550123", "gardening", "a", 60)
            row = await calls.insert_call(connection, new)
            lines = [
                JournalEntry(call_id, user_id, row.lease_epoch, seq, utc(at), event)
                for seq, (at, event) in enumerate(script.journal)
            ]
            for first in range(0, len(lines), WRITTEN_AT_ONCE):
                await journal.append(connection, lines[first : first + WRITTEN_AT_ONCE])
            over = CallChange("ended", f"{SID[:2]}{call_id.hex}", ended_time=utc(script.now))
            await calls.apply_change(connection, call_id, over, row.lease_epoch)
    return len(script.journal)


def _talk() -> Script:
    script = Script().quiet()
    for n in range(EXCHANGES):
        script.caller_says(f"And what should I do about the tomatoes in week {n} of the year?")
        turn = script.turn_state(Thinking).turn
        text = f"Water them well in week {n}, and look under the leaves for small green guests."
        script.hears(Sentence(turn, text), GenerationFinished(turn), PlaybackStarted(turn))
        script.later(4.0).hears(TurnPlayed(turn, text, text))
    return script.hears(status("completed", seconds=150))


def _peak_mib(*, is_new: bool = False) -> float:
    """The most memory the process had; `is_new`: from now on."""
    if is_new:
        Path("/proc/self/clear_refs").write_text("5")
    found = Path(f"/proc/{os.getpid()}/status").read_text()
    return int(found.partition("VmHWM:")[2].split()[0]) / 1024
