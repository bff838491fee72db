"""The payment service's HTTP interface: keys, versions, idempotency, faults, errors.

One route for everything below `/v1/`; the table of endpoints is in `routes`. Every request is one
transaction.
"""

import asyncio
import base64
import binascii
import secrets
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from quart import Blueprint, Response, request

from sandbox.core.clock import iso8601
from sandbox.stripe.core.account import API_VERSION, Account
from sandbox.stripe.core.errors import StripeError
from sandbox.stripe.core.params import Params, parse_form
from sandbox.stripe.events import endpoints as event_endpoints
from sandbox.stripe.expand import expand
from sandbox.stripe.routes import find_route
from sandbox.stripe.service import StripeService

KEY_SECONDS = 86_400
_SHORTEST_KEY = 12

_FAULTS = {
    "402": lambda: StripeError(
        402,
        "Your card was declined.",
        type="card_error",
        code="card_declined",
        decline_code="generic_decline",
    ),
    "409": lambda: StripeError(
        409,
        "There is currently another in-progress request using this Idempotency Key (that probably "
        "means you submitted twice, and the other request is still going through).",
        type="idempotency_error",
        code="idempotency_key_in_use",
    ),
    "429": lambda: StripeError(
        429, "Too many requests hit the API too quickly.", code="rate_limit"
    ),
    "500": lambda: StripeError(500, "An unknown error occurred."),
}


class Call(msgspec.Struct, frozen=True):
    """A request, taken apart. `form` has query and body, in this order."""

    method: str
    path: str
    form: tuple[tuple[str, str], ...]
    key: str
    request_id: str


class Answer(msgspec.Struct, frozen=True):
    """A reply; `replayed` names the request that was first given it."""

    status: int
    body: Any
    replayed: str = ""


def stripe_blueprint(service: StripeService) -> Blueprint:
    """The one route. Recent requests are kept for `/world/stripe`."""
    blueprint = Blueprint("stripe", __name__, url_prefix="/v1")

    @blueprint.route("/<path:path>", methods=["GET", "POST", "DELETE"])
    async def call(path: str) -> Response:
        body = await request.get_data(cache=False)
        text = body if isinstance(body, str) else body.decode(errors="replace")
        pairs = parse_qsl(request.query_string.decode(), keep_blank_values=True)
        pairs += parse_qsl(text, keep_blank_values=True)
        key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
        request_id = f"req_{secrets.token_hex(7)}"
        asked = Call(request.method, path, tuple(pairs), key, request_id)
        fault = service.take_request_fault(asked.method, path)
        try:
            check_key(request.headers.get("Authorization", ""))
            event_endpoints.check_version(request.headers.get("Stripe-Version"))
            answer = reply(service, asked, fault)
        except StripeError as error:
            answer = Answer(error.status, error.body(request_id))
        service.changed()
        if fault == "timeout_after_commit":
            await asyncio.sleep(service.account.faults.stripe_request_hold_ms / 1000)
            answer = Answer(504, {"error": {"message": "Gateway Timeout", "type": "api_error"}})
        _log_request(service, asked, answer)
        return _response(asked, answer)

    return blueprint


def check_key(header: str) -> None:
    """A test key as Bearer token or as the user of HTTP Basic. Raises StripeError 401."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            given = ""
    if not given:
        raise StripeError(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization "
            "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
    if not given.startswith(("sk_test_", "rk_test_")) or len(given) < _SHORTEST_KEY:
        raise StripeError(401, f"Invalid API Key provided: {given[:8]}{'*' * 8}")


def reply(service: StripeService, asked: Call, fault: str = "") -> Answer:
    """Answer a request, or give the answer its key was given before. Raises StripeError."""
    before = _replay(service.account, asked) if asked.key else None
    if before is not None:
        return before
    if fault in _FAULTS:
        raise _FAULTS[fault]()
    service.account.request = {
        "id": asked.request_id,
        "idempotency_key": asked.key or None,
    }
    try:
        answer = _run(service, asked)
    except StripeError as error:
        if error.status != 402:
            raise
        answer = Answer(402, error.body(asked.request_id))
    finally:
        service.account.request = None
    if fault == "500_after_commit":
        answer = Answer(500, _FAULTS["500"]().body(asked.request_id))
    if asked.key:
        _store_answer(service.account, asked, answer)
    return answer


def _run(service: StripeService, asked: Call) -> Answer:
    found = find_route(asked.method, asked.path)
    if found is None:
        raise StripeError(
            404,
            f"Unrecognized request URL ({asked.method}: /v1/{asked.path}). Please see "
            "https://stripe.com/docs or we can help at https://support.stripe.com/.",
        )
    endpoint, ids = found
    params = Params(parse_form(asked.form))
    paths = params.texts("expand")
    with service.account.transaction():
        made = endpoint(service.account, params, *ids)
        params.check_all_read()
        shown = expand(service.account, made, paths)
    if endpoint in (event_endpoints.create_clock, event_endpoints.advance_clock):
        service.move_test_clock(made["id"])
    return Answer(200, shown)


def _replay(account: Account, asked: Call) -> Answer | None:
    kept = account.find("idempotency", asked.key)
    if kept is None or account.now() - kept["at"] >= KEY_SECONDS:
        return None
    if kept["path"] != asked.path:
        raise StripeError(
            400,
            "Keys for idempotent requests can only be used for the same endpoint they were first "
            f"used for ('/v1/{asked.path}' vs '/v1/{kept['path']}'). Try using a key other than "
            f"'{asked.key}' if you meant to execute a different request.",
            type="idempotency_error",
        )
    if kept["form"] != [list(pair) for pair in sorted(asked.form)]:
        raise StripeError(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{asked.key}' if you meant to execute a "
            "different request.",
            type="idempotency_error",
        )
    return Answer(kept["status"], kept["body"], kept["request_id"])


def _store_answer(account: Account, asked: Call, answer: Answer) -> None:
    with account.transaction():
        for old in account.all("idempotency"):
            if account.now() - old["at"] >= KEY_SECONDS:
                account.drop(old)
        account.put(
            {
                "id": asked.key,
                "object": "idempotency",
                "at": account.now(),
                "path": asked.path,
                "form": [list(pair) for pair in sorted(asked.form)],
                "status": answer.status,
                "body": answer.body,
                "request_id": asked.request_id,
            }
        )


def _log_request(service: StripeService, asked: Call, answer: Answer) -> None:
    service.requests.append(
        {
            "at": iso8601(service.clock.now()),
            "method": asked.method,
            "path": f"/v1/{asked.path}",
            "status": answer.status,
            "idempotency_key": asked.key or None,
            "request_id": asked.request_id,
        }
    )


def _response(asked: Call, answer: Answer) -> Response:
    body = msgspec.json.format(msgspec.json.encode(answer.body), indent=2)
    response = Response(body, answer.status, mimetype="application/json")
    response.headers["Request-Id"] = asked.request_id
    response.headers["Stripe-Version"] = API_VERSION
    if asked.key:
        response.headers["Idempotency-Key"] = asked.key
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
        response.headers["Original-Request"] = answer.replayed
    return response
