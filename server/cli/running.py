"""How every command runs: on the fast loop, with its log on standard error."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

import structlog
import uvloop

from server.core.settings.records import Telemetry


def configure_logs(telemetry: Telemetry) -> None:
    """One line an event: JSON for machines or text for people, on standard error."""
    # Whoever needs a database tells that it is away, in a line; the pool would add tracebacks.
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    as_json = telemetry.log_format == "json"
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[telemetry.log_level.upper()]
        ),
        logger_factory=structlog.WriteLoggerFactory(open(2, "w", closefd=False)),  # noqa: SIM115
    )


def run(main: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine on the fast loop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)
