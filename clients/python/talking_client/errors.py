"""What can go wrong, as exceptions: a problem document (RFC 9457) is one of its status's kind.

`code` is stable and what a program should look at; `detail` is for people. Knows no connections.
"""

from typing import Any

import msgspec


class TalkingError(Exception):
    """Anything this client raises."""


class ConnectionFailedError(TalkingError):
    """No answer came, also when it was tried again. What was asked for may have been done: under
    the same `idempotency_key` it is done once."""

    def __init__(self, told: str, idempotency_key: str | None) -> None:
        super().__init__(told)
        self.idempotency_key = idempotency_key


class LiveRefusedError(TalkingError):
    """The live channel was closed for good, with this close code."""

    def __init__(self, close_code: int, reason: str) -> None:
        super().__init__(f"{close_code}: {reason}")
        self.close_code = close_code
        self.reason = reason


class WebhookRefusedError(TalkingError):
    """A message that was not signed by the secret, or not lately."""


class ProblemError(TalkingError):
    """A refusal: `code` says which, `request_id` finds it in the server's log, and `extra` has the
    members that only this code has. `retry_after` is in seconds."""

    def __init__(self, status: int, code: str, title: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.request_id = ""
        self.retry_after: float | None = None
        self.extra: dict[str, Any] = {}


class InvalidError(ProblemError):
    """What was sent cannot be taken: 400, 413, 415, 422."""


class UnauthenticatedError(ProblemError):
    """No valid token or key: 401."""


class PaymentRequiredError(ProblemError):
    """A limit of the plan, or a payment that was refused: 402."""


class ForbiddenError(ProblemError):
    """Not allowed: 403."""


class NotFoundError(ProblemError):
    """Nothing like it that one may see: 404."""


class ConflictError(ProblemError):
    """Not in a state that allows it: 409."""


class RateLimitedError(ProblemError):
    """Too much at once: 429."""


class UnavailableError(ProblemError):
    """Not just now: 503."""


_KINDS: dict[int, type[ProblemError]] = {
    400: InvalidError,
    401: UnauthenticatedError,
    402: PaymentRequiredError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    413: InvalidError,
    415: InvalidError,
    422: InvalidError,
    429: RateLimitedError,
    503: UnavailableError,
}
_COMMON = {"type", "title", "status", "detail", "code"}


def problem_of(
    status: int, body: bytes, *, request_id: str, retry_after: float | None
) -> ProblemError:
    """The exception of an answer that is no success, whoever gave it: a proxy's page has no code,
    so that it is `http_502` and alike."""
    try:
        members = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError):
        members = {}
    error = _KINDS.get(status, ProblemError)(
        status,
        str(members.get("code", f"http_{status}")),
        str(members.get("title", "")),
        str(members.get("detail", f"The answer was {status}.")),
    )
    error.request_id = request_id
    error.retry_after = retry_after
    error.extra = {name: value for name, value in members.items() if name not in _COMMON}
    return error
