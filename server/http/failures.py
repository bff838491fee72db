"""What becomes of an error that nobody expected where a client waits. Knows no requests."""

from typing import Any

import structlog

from db.core.failures import is_away, loggable
from server.core.errors import AppError, refusal

log = structlog.get_logger(__name__)


def failure(error: Exception, **where: Any) -> AppError:
    """What the client is told, and a line in the log that says where it happened."""
    if isinstance(error, RecursionError):  # what was read could just not be written any more
        return AppError("bad_request", "What was sent is nested too deep.")
    kind = type(error).__name__
    if is_away(error):
        log.warning("request_waits", error=kind, **where)
    else:
        log.error("request_failed", error=kind, exc_info=loggable(error), **where)
    return refusal(error)
