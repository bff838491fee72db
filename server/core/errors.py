"""Every error a client can meet: one code, one status, one title, one thing to do about it.

Actions raise `AppError(code, detail)`; the edges turn it into an RFC 9457 problem document or a
socket's error. Details are for people and hold neither secrets nor what anybody said.
"""

from typing import Any

import msgspec

from db.core.failures import is_away


class Kind(msgspec.Struct, frozen=True):
    """What one error code means wherever it appears."""

    status: int
    title: str
    do: str
    retry: bool = False
    retry_after_seconds: int | None = None


KINDS: dict[str, Kind] = {
    "bad_request": Kind(
        400, "The request cannot be read", "Correct the named field and send it again."
    ),
    "cursor_mismatch": Kind(
        400,
        "The cursor is of another list",
        "Send a cursor with the filters and the order it was made with, or begin without one.",
    ),
    "unauthenticated": Kind(401, "Sign in first", "Send a valid access token as a bearer token."),
    "bad_signature": Kind(
        403, "The signature does not match", "Sign the request with the account's current token."
    ),
    "forbidden": Kind(403, "You may not do this", "Use an account that has the right."),
    "scope_required": Kind(
        403,
        "The API key may not do this",
        "Use a key with the scope that is named, or sign in where none is.",
    ),
    "not_found": Kind(
        404, "There is no such thing here", "Check the id; other people's things are not shown."
    ),
    "method_not_allowed": Kind(
        405, "This address does not take that method", "See the method list in the documentation."
    ),
    "too_many": Kind(
        409, "You have as many of these as are allowed", "Remove one that you do not need any more."
    ),
    "wrong_state": Kind(
        409, "It is not in a state that allows this", "Read its current state and decide again."
    ),
    "held_by_another": Kind(
        409,
        "Somebody else has taken this call over",
        "Wait until they give it back, or ask them to. An operator can end their takeover by naming"
        " whose it is (`held_by`): release with `of`.",
    ),
    "idempotency_in_progress": Kind(
        409,
        "The first request with this key is still running",
        "Wait a moment and send it again.",
        retry=True,
        retry_after_seconds=3,
    ),
    "idempotency_unknown": Kind(
        409,
        "What the first request with this key did is not known",
        "It broke off while it was worked on. See whether it was done; if not, send it again with"
        " a new Idempotency-Key.",
    ),
    "too_large": Kind(413, "The body is too large", "Send less than the stated limit."),
    "bad_range": Kind(
        416, "The file ends before that", "Ask for bytes within its length, which is named."
    ),
    "unsupported_media_type": Kind(
        415, "The body must be JSON", "Send it as application/json, and not compressed."
    ),
    "idempotency_mismatch": Kind(
        422, "This key was used for another request", "Use a new Idempotency-Key."
    ),
    "invalid_number": Kind(
        422, "This phone number cannot be called", "Give a full number such as +12025550100."
    ),
    "number_required": Kind(
        422, "There is no number to call", "Send `to`, or verify a phone number for your account."
    ),
    "country_not_allowed": Kind(
        422, "Calls to this country are switched off", "Use a number from an allowed country."
    ),
    "plan_limit": Kind(
        402, "Your plan's limit is reached", "Wait for the reset or choose a larger plan."
    ),
    "checkout_required": Kind(
        409, "There is no subscription to change", "Buy a plan with POST /v1/subscription/checkout."
    ),
    "payment_refused": Kind(
        402, "The payment was refused", "Change the card in the portal and try again."
    ),
    "billing_unavailable": Kind(
        503,
        "Plans cannot be bought just now",
        "Try again shortly.",
        retry=True,
        retry_after_seconds=5,
    ),
    "rate_limited": Kind(429, "Too many requests", "Wait as long as Retry-After says.", retry=True),
    "unknown_command": Kind(
        400, "There is no such command", "Use a command of the documented list."
    ),
    "stale_rev": Kind(
        409, "It has changed since you looked", "Read it again and repeat with the new revision."
    ),
    "unrecoverable_position": Kind(
        409, "The events you missed are no longer kept", "Take the snapshot that follows."
    ),
    "own_only": Kind(
        403,
        "Your plan reaches your own verified numbers and addresses only",
        "Verify the number or address for your account, or choose a larger plan.",
    ),
    "suspended": Kind(
        403,
        "Too many of your e-mails were called spam",
        "Write to your own addresses only until the complaints are old.",
    ),
    "wrong_code": Kind(
        422, "This is not the code, or no more", "Try again, or have another code sent."
    ),
    "links_not_allowed": Kind(
        422,
        "E-mails to others hold no links",
        "Leave the links out, or write to your own address.",
    ),
    "too_many_calls": Kind(
        429,
        "Too many calls to this number, its neighbours or by you",
        "Wait as long as Retry-After says.",
        retry=True,
    ),
    "too_many_at_once": Kind(
        429, "You have as many calls at once as are allowed", "Wait until one is over.", retry=True
    ),
    "consent_required": Kind(
        403,
        "Nobody agreed to be called or texted at this number yet",
        "Ask the person, then send `consent` with the words they agreed to.",
    ),
    "opted_out": Kind(
        403,
        "This address asked not to be contacted",
        "Only the person can undo it: by texting START, or by writing to you.",
    ),
    "quiet_hours": Kind(
        409,
        "It is too early or too late there",
        "Try again at `opens_at`.",
        retry=True,
    ),
    "too_many_messages": Kind(
        429,
        "Too much went to this address, its neighbours or by you",
        "Wait as long as Retry-After says.",
        retry=True,
    ),
    "account_closed": Kind(
        403, "This account was deleted", "Sign up anew to use the service again."
    ),
    "confirmation_required": Kind(
        422,
        "Deleting an account cannot be undone",
        "Send `confirm` with the account's e-mail address, or its number if it has none.",
    ),
    "email_unavailable": Kind(
        503,
        "This server sends no e-mail",
        "Its operator has to set up a mail account.",
    ),
    "unknown_agent": Kind(
        422, "There is no such agent", "GET /v1/agents lists those that may talk."
    ),
    "agent_deleted": Kind(
        410, "This agent was deleted", "Name another one; GET /v1/agents lists them."
    ),
    "agent_language": Kind(
        422,
        "The agent speaks a language that calls here cannot be in",
        "Name another agent; this one can text and write e-mails.",
    ),
    "slug_taken": Kind(
        409, "Another agent has this slug", "Choose another one; it cannot be changed later."
    ),
    "unknown_template": Kind(
        404, "There is no such template", "GET /v1/emails/templates lists them."
    ),
    "at_capacity": Kind(
        503, "All lines are taken", "Try again in a minute.", retry=True, retry_after_seconds=60
    ),
    "draining": Kind(
        503,
        "This server is about to stop",
        "Connect again; another one answers.",
        retry=True,
        retry_after_seconds=1,
    ),
    "unavailable": Kind(
        503, "The service is not ready", "Try again shortly.", retry=True, retry_after_seconds=2
    ),
    "internal": Kind(
        500,
        "Something went wrong on our side",
        "Try again; if it stays, tell the operator.",
        retry=True,
    ),
}


class AppError(Exception):
    """A refusal with a stable code; `extra` becomes members of the problem document."""

    def __init__(self, code: str, detail: str = "", **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.kind = KINDS[code]
        self.detail = detail or self.kind.do
        if self.kind.retry_after_seconds is not None:
            extra.setdefault("retry_after", self.kind.retry_after_seconds)
        self.extra = extra


def refusal(error: Exception) -> AppError:
    """What a client is told of it: a refusal as it is; a database that is away, or has no
    connection free, as `unavailable`; a fault of ours as `internal`."""
    if isinstance(error, AppError):
        return error
    return AppError("unavailable" if is_away(error) else "internal")


class AwayError(Exception):
    """A vendor gives no usable answer just now; what asked for it is to be tried again."""


class NotYetError(Exception):
    """A job cannot be done yet and is to be tried again, in so many seconds or in its own time;
    `reason` may be logged."""

    def __init__(self, reason: str, after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after_seconds = after_seconds


def problem(error: AppError) -> dict[str, Any]:
    """The problem document of an error (RFC 9457, section 3.1)."""
    return {
        "type": f"/errors/{error.code}",
        "title": error.kind.title,
        "status": error.kind.status,
        "detail": error.detail,
        "code": error.code,
        **error.extra,
    }
