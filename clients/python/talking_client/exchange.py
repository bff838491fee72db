"""A request as it goes over HTTP, and what its answer means. Pure; knows no connection."""

import secrets
from typing import Any, cast

import httpx
import msgspec

from talking_client.asks import Ask, Reply
from talking_client.contract import API_VERSION
from talking_client.errors import ProblemError, TalkingError, problem_of
from talking_client.retries import Retries, seconds

TIMEOUT_SECONDS = 30.0


def new_key() -> str:
    """An Idempotency-Key unlike any other."""
    return secrets.token_urlsafe(24)


def headers(token: str) -> dict[str, str]:
    """What goes with every request. Raises TalkingError, which does not have the token in it."""
    token = token.strip()  # a key read from a file ends with its line
    if not (token.isascii() and token.isprintable() and token):
        raise TalkingError("the token is empty, or holds characters that no header carries")
    return {
        "Authorization": f"Bearer {token}",
        "Accept": "application/json",
        "User-Agent": f"talking-client/{API_VERSION}",
    }


def key_of(ask: Ask[Any], given: str | None) -> str | None:
    """The key that a write is sent with, each time the same."""
    return None if ask.method == "GET" else given or new_key()


def prepared(ask: Ask[Any], key: str | None) -> dict[str, Any]:
    """The arguments of httpx's `request`."""
    more: dict[str, Any] = {}
    extra = {} if key is None else {"Idempotency-Key": key}
    if ask.body is not None:
        more["content"] = msgspec.json.encode(ask.body)
        extra["Content-Type"] = "application/json"
    if ask.query:
        more["params"] = ask.query
    return {"method": ask.method, "url": ask.path, "headers": extra, **more}


def read(ask: Ask[Reply], answer: httpx.Response) -> Reply:
    """What was asked for. Raises ProblemError, and TalkingError for an answer of another shape."""
    if not answer.is_success:
        raise problem_of(
            answer.status_code, answer.content,
            request_id=answer.headers.get("X-Request-ID", ""),
            retry_after=seconds(answer.headers.get("Retry-After")),
        )  # fmt: skip
    if ask.reply is bytes:
        return cast("Reply", answer.content)
    try:
        return msgspec.json.decode(answer.content, type=ask.reply)
    except (msgspec.DecodeError, msgspec.ValidationError) as fault:
        raise TalkingError(f"the answer is not what version {API_VERSION} says: {fault}") from fault


def pause_after(retries: Retries, attempt: int, problem: ProblemError) -> float | None:
    """How long to wait before the request is sent again; None: the refusal stands."""
    return retries.after_answer(
        attempt, chance(), status=problem.status, code=problem.code,
        retry_after=problem.retry_after,
    )  # fmt: skip


def chance() -> float:
    """From 0 to 1, so that clients that failed together do not come back together."""
    return secrets.randbelow(1001) / 1000
