#!/usr/bin/env bash
# pgqueuer 1.6.0: when a worker is cancelled for good, the job it was at is gone from the queue.
#
# The first cancellation of `PgQueuer.run` waits for what was begun. A second one, as of whoever has waited
# long enough for that, reaches the job's own task; the library takes it for the job's cancellation, which
# nobody asked for: it writes "canceled" into the log and removes the row. Neither `on_failure="hold"` nor
# a retry on a stale heartbeat brings it back, though a worker that is killed leaves the row to others.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "pgqueuer==1.6.0" 2>/dev/null
"$folder/venv/bin/python" - 2>/dev/null <<'PYTHON'
import asyncio
from datetime import timedelta

from pgqueuer import InMemoryDriver, InMemoryQueries, PgQueuer


async def main() -> None:
    driver = InMemoryDriver()
    queries = InMemoryQueries(driver)
    manager = PgQueuer(driver, queries=queries)
    begun = asyncio.Event()

    @manager.entrypoint("letter", on_failure="hold")
    async def work(job: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    await queries.enqueue("letter", b"to Anna")
    running = asyncio.create_task(manager.run(dequeue_timeout=timedelta(seconds=0.1)))
    await begun.wait()
    before = [(one.status, one.count) for one in await queries.queue_size()]
    cancelled = 0
    while not running.done():
        running.cancel()
        cancelled += 1
        await asyncio.wait({running}, timeout=0.2)
    after = [(one.status, one.count) for one in await queries.queue_size()]
    log = [one.status for one in await queries.queue_log()]
    print(f"begun: {before}; cancelled {cancelled} times: in the queue {after}, in the log {log}")
    if (before, after, log) != ([("picked", 1)], [], ["queued", "picked", "canceled"]):
        raise SystemExit("something else is left: the behaviour has changed")


asyncio.run(main())
PYTHON
