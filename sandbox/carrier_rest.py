"""The carrier's REST interface: placing, finding and changing calls.

Parses, asks the carrier, answers in the shapes of Twilio's 2010-04-01 API, errors included.
"""

import asyncio
import base64
import binascii
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from quart import Blueprint, Response, jsonify, request

from sandbox.carrier import Carrier
from sandbox.carrier_call import API_VERSION, Call
from sandbox.carrier_life import live
from sandbox.carrier_params import TwilioError, parse_callback, parse_create, parse_source
from sandbox.settings import Settings

_MAX_PAGE_SIZE = 1000


def calls_blueprint(carrier: Carrier) -> Blueprint:
    """Routes of the Calls resource."""
    blueprint = Blueprint("calls", __name__, url_prefix=f"/{API_VERSION}/Accounts/<account_sid>")

    @blueprint.errorhandler(TwilioError)
    async def refuse(error: TwilioError) -> tuple[Response, int]:
        return jsonify(error.body()), error.status

    @blueprint.before_request
    async def authenticate() -> None:
        check_credentials(request.headers.get("Authorization", ""), carrier.settings)
        if (request.view_args or {}).pop("account_sid", "") != carrier.settings.account_sid:
            raise _not_found()

    @blueprint.post("/Calls.json")
    async def create() -> tuple[Response, int]:
        form = await request.form
        fault = carrier.take_create_fault(form.get("To", ""))
        if fault == "429":
            raise TwilioError(429, 20429, "Too Many Requests")
        asked = parse_create(form.to_dict(flat=False), carrier.settings.numbers)
        call = carrier.new_call(asked)
        created = call.resource()
        carrier.spawn(call, live(carrier, call))
        if fault == "500_after_commit":
            raise TwilioError(500, 20500, "Internal Server Error")
        if fault == "timeout_after_commit":
            await asyncio.sleep(carrier.faults_to(asked.to).create_call_hold_ms / 1000)
            raise TwilioError(504, 20504, "Gateway Timeout")
        return jsonify(created), 201

    @blueprint.get("/Calls.json")
    async def index() -> Response:
        return jsonify(_page(list(carrier.calls.values()), request.args.to_dict()))

    @blueprint.get("/Calls/<sid>.json")
    async def fetch(sid: str) -> Response:
        return jsonify(_found(carrier, sid).resource())

    @blueprint.post("/Calls/<sid>.json")
    async def update(sid: str) -> Response:
        call = _found(carrier, sid)
        _update(call, (await request.form).to_dict(flat=False))
        return jsonify(call.resource())

    return blueprint


def check_credentials(header: str, settings: Settings) -> None:
    """HTTP Basic with the account's sid and token. Raises TwilioError 20003."""
    expected = f"{settings.account_sid}:{settings.auth_token}".encode()
    scheme, _, encoded = header.partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        given = b""
    if scheme.lower() != "basic" or not hmac.compare_digest(given, expected):
        raise TwilioError(401, 20003, "Authenticate")


def _update(call: Call, form: dict[str, list[str]]) -> None:
    status = (form.get("Status") or [""])[-1]
    if status not in ("", "completed", "canceled"):
        raise TwilioError(400, 20001, f"Status {status} is not valid")
    source = parse_source(form)
    if source is not None and form.get("Twiml") and form.get("Url"):
        raise TwilioError(400, 20001, "Url and Twiml exclude each other")
    if call.ended or (source is not None and call.status != "in-progress"):
        raise TwilioError(400, 21220, "Call is not in-progress. Cannot redirect.")
    call.fallback = parse_callback(form, "Fallback", 21205) or call.fallback
    call.status_callback = parse_callback(form, "StatusCallback", 21609) or call.status_callback
    if status == "completed" or (status == "canceled" and call.status != "in-progress"):
        call.hang_up(f"REST Status={status}")
    elif source is not None:
        call.timeline.add("redirected_by_rest")
        call.redirects.put_nowait(source)


def _found(carrier: Carrier, sid: str) -> Call:
    call = carrier.calls.get(sid)
    if call is None:
        raise _not_found()
    return call


def _not_found() -> TwilioError:
    return TwilioError(404, 20404, f"The requested resource {request.path} was not found")


def _page(calls: list[Call], args: dict[str, str]) -> dict[str, Any]:
    chosen = [call for call in reversed(calls) if _matches(call, args)]
    size = min(_MAX_PAGE_SIZE, max(1, _integer(args, "PageSize", 50)))
    page = max(0, _integer(args, "Page", 0))
    first, last = page * size, min(len(chosen), (page + 1) * size)

    def uri(number: int) -> str:
        query = {key: value for key, value in args.items() if key != "PageToken"}
        query |= {"PageSize": str(size), "Page": str(number)}
        if number:
            query["PageToken"] = f"PA{chosen[number * size - 1].sid}"
        return f"{request.path}?{urlencode(query)}"

    return {
        "calls": [call.resource() for call in chosen[first:last]],
        "page": page,
        "page_size": size,
        "start": first,
        "end": max(first, last - 1),
        "uri": uri(page) if first < len(chosen) else request.path,
        "first_page_uri": uri(0),
        "previous_page_uri": uri(page - 1) if page > 0 and first - size < len(chosen) else None,
        "next_page_uri": uri(page + 1) if last < len(chosen) else None,
    }


def _matches(call: Call, args: dict[str, str]) -> bool:
    facts = {"To": call.request.to, "From": call.request.from_, "Status": call.status}
    if any(args.get(name, value) != value for name, value in facts.items()):
        return False
    times = {"StartTime": call.started_at, "EndTime": call.ended_at}
    tests: dict[str, Callable[[datetime, datetime], bool]] = {
        "": lambda moment, limit: moment.date() == limit.date(),
        ">": lambda moment, limit: moment >= limit,
        "<": lambda moment, limit: moment <= limit,
    }
    for name, moment in times.items():
        for sign, test in tests.items():
            limit = args.get(name + sign)
            if limit and (moment is None or not test(moment, _moment(limit))):
                return False
    return True


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise TwilioError(400, 20001, f"{text} is not a date or time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _integer(args: dict[str, str], name: str, default: int) -> int:
    text = args.get(name, "")
    return int(text) if text.isdecimal() else default
