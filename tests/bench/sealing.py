"""What sealing costs: a list of 50 calls and a group of journal entries, sealed and in clear, taken
in turn in one run; and whether anybody notices that keys are wrapped anew.

`python -m tests.bench.sealing [KEYS]`. Ratios of processor time of this process, as a busy machine
changes both alike.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from uuid import UUID, uuid4

import msgspec

from db import calls
from db.accounts import users
from db.calls import NewCall
from db.core import embedded, sealing
from db.core.keyring import Mode, WrongMasterKeyError
from db.core.migrate import migrate
from db.core.pool import Pools, login_dsn, open_pools
from db.core.sealing import MasterKey, Unsealable
from db.history import journal
from db.history.journal import JournalEntry
from media.engines.scripted import ScriptedLanguageModel
from server.app import create_app, wired
from server.calls.wire import call_out
from server.core.config import load
from server.core.times import steady_clock, utc
from tests.bench.carrier import carrier
from tests.bench.machine import say
from tests.bench.phone import tone_bursts
from tests.support.database import MASTERS
from tests.support.processes import free_port
from tests.support.wiring import scripted_engines

ROUNDS, TIMES, LISTED, GROUP = 60, 10, 50, 10
PIECE = 500
NEWER = sealing.master_key(b"n" * 32)


async def main(keys: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)  # noqa: PTH101 - of a folder of its own
        server = await embedded.start(Path(folder) / "postgres", durable=False)
        try:
            await migrate(server.dsn(), request_password="request", worker_password="worker")
            modes: tuple[Mode, ...] = ("none", "all")
            pools = {mode: await _pools(server.dsn(), mode) for mode in modes}
            await _costs(pools)
            await _rotation(server.dsn(), pools["all"], keys)
            for one in pools.values():
                await one.close()
        finally:
            await server.stop()


async def _pools(dsn: str, mode: Mode, masters: Sequence[MasterKey] = MASTERS) -> Pools:
    request, worker = (login_dsn(dsn, f"talking_{who}", who) for who in ("request", "worker"))
    return await open_pools(request, worker, masters, seal=mode)


async def _costs(pools: dict[Mode, Pools]) -> None:
    people = {mode: await _calls(one) for mode, one in pools.items()}
    async with AsyncExitStack() as stack:
        ask = await _asking(stack, pools, {mode: who for mode, (who, _) in people.items()})
        _say("REST list of 50 calls", *await _in_turn(ask))
    said = {"type": "caller_turn", "text": "what somebody says in one breath, " * 3}
    seq = dict.fromkeys(pools, 0)

    async def listed(mode: Mode) -> None:
        async with pools[mode].as_service() as connection:
            rows = await calls.list_page(connection, user_id=people[mode][0], limit=LISTED)
            assert len(rows) == LISTED
            msgspec.json.encode([call_out(row) for row in rows])

    async def journalled(mode: Mode) -> None:
        async with pools[mode].as_service() as connection:
            entries = []
            for _ in range(GROUP):
                seq[mode] += 1
                user_id, call_id = people[mode]
                entries.append(JournalEntry(call_id, user_id, 1, seq[mode], utc(0), said))
            await journal.append(connection, entries)

    for name, work in (
        ("list of 50 calls", listed),
        (f"commit of {GROUP} journal entries", journalled),
    ):
        _say(name, *await _in_turn(work))


def _say(name: str, clear: float, sealed: float) -> None:
    say(
        f"{name}: {clear * 1e6:.0f} us in clear, {sealed * 1e6:.0f} us sealed,"
        f" {100 * (sealed / clear - 1):+.1f} % (median of {ROUNDS} rounds of {TIMES})"
    )


async def _asking(
    stack: AsyncExitStack, pools: dict[Mode, Pools], people: dict[Mode, UUID]
) -> Callable[[Mode], Awaitable[None]]:
    """Asks for somebody's list as their client does, all but the network."""
    world = await stack.enter_async_context(carrier(free_port(), tone_bursts()))
    settings = {
        "TALKING_TWILIO__AUTH_TOKEN": world.auth_token, "TALKING_AUTH__ISSUER": world.issuer,
        "TALKING_LIMITS__REQUESTS_PER_MINUTE": "1000000",
    }  # fmt: skip
    config, engines = load(None, settings), scripted_engines(ScriptedLanguageModel([]))
    clients, headers = {}, {}
    for mode, some in pools.items():
        deps = await stack.enter_async_context(wired(config, some, steady_clock(), engines, {}))
        clients[mode] = create_app(deps).test_client()
        headers[mode] = {"Authorization": f"Bearer {world.bearer(people[mode])}"}

    async def ask(mode: Mode) -> None:
        answer = await clients[mode].get(f"/v1/calls?limit={LISTED}", headers=headers[mode])
        assert (await answer.get_data(as_text=True)).count('"topic"') == LISTED

    return ask


async def _in_turn(work: Callable[[Mode], Awaitable[None]]) -> tuple[float, float]:
    taken: dict[Mode, list[float]] = {"none": [], "all": []}
    for _ in range(ROUNDS):
        for mode, seconds in taken.items():
            began = time.process_time()
            for _ in range(TIMES):
                await work(mode)
            seconds.append((time.process_time() - began) / TIMES)
    return median(taken["none"][2:]), median(taken["all"][2:])


async def _calls(pools: Pools) -> tuple[UUID, UUID]:
    user_id, call_id = uuid4(), uuid4()
    async with pools.as_service() as connection:
        await users.register(connection, user_id, "ann@example.org")
        for number in range(LISTED):
            call_id = uuid4()
            new = NewCall(call_id, user_id, "+12025550100", f"Topic {number}", "node", 60.0)
            await calls.insert_call(connection, new)
    return user_id, call_id


async def _rotation(dsn: str, pools: Pools, keys: int) -> None:
    """Wrap so many keys anew while values of all of them are opened, nothing of it from memory."""
    people = [uuid4() for _ in range(keys)]
    sealed: list[tuple[UUID, str]] = []
    for first in range(0, keys, PIECE):
        for who, key in (await pools.keyring.of_many(people[first : first + PIECE])).items():
            sealed.append((who, sealing.seal(key, who.bytes, b"here")))
    both = await _pools(dsn, "all", [NEWER, *MASTERS])
    reads = errors = 0
    is_over = False

    async def read() -> None:
        nonlocal reads, errors
        while not is_over:
            for who, value in random.sample(sealed, 20):
                reads += 1
                try:
                    both.keyring.forget(who)
                    key_id = sealing.key_id_of(value) or ""
                    found = await both.keyring.with_ids([key_id])
                    opened = sealing.unseal(found[key_id], value, b"here")
                    errors += opened != who.bytes
                except (Unsealable, WrongMasterKeyError, KeyError):
                    errors += 1

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(2):
            tasks.create_task(read())
        done = 0
        while count := await both.keyring.rewrap(PIECE):
            done += count
        is_over = True
    took = time.perf_counter() - began
    say(f"rotation: {done} keys in {took:.1f} s; {reads} values opened meanwhile, {errors} errors")
    await both.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
