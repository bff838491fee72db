"""What a chore or a job that fails leaves in the log."""

import asyncpg
from structlog.testing import capture_logs

from server.cluster.jobs import chore

NUMBER = "+12025550100"


async def test_a_chore_that_the_database_refuses_keeps_its_values_out_of_the_log() -> None:
    async def work(_: object) -> None:
        raise asyncpg.UniqueViolationError(f"Key (number)=({NUMBER}) already exists.")

    with capture_logs() as logs:
        await chore(None, "idle", work)()
    assert [(line["event"], line["error"]) for line in logs] == [
        ("chore_failed", "UniqueViolationError")
    ]
    assert NUMBER not in repr(logs)
