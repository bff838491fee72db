"""The jobs that are due, worked off in their order by whoever tests, without a worker's process."""

from typing import Any

from pgqueuer.domain.errors import RetryRequested

from server.cluster.jobs import Work


async def work_off(queue: Any, work: Work, within_seconds: float = 60.0) -> list[str]:
    """Do the jobs that are due so soon, and those that follow from them; the names of those that
    want another try. `queue`: a connection or a pool that may read and delete jobs."""
    again: list[str] = []
    tried: set[int] = set()
    while True:
        row = await queue.fetchrow(
            "select id, entrypoint, payload, attempts from app.pgqueuer"
            " where not id = any($1) and execute_after < now() + make_interval(secs => $2)"
            " order by id limit 1", list(tried), within_seconds,
        )  # fmt: skip
        if row is None:
            return again
        tried.add(row["id"])
        try:
            await work.handlers[row["entrypoint"]](row["payload"].decode(), row["attempts"])
        except RetryRequested:
            again.append(row["entrypoint"])
            continue
        await queue.execute("delete from app.pgqueuer where id = $1", row["id"])
