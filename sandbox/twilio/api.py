"""What all of the carrier's REST resources share: keys, refusals, pages, lost replies.

In the manner of Twilio's 2010-04-01 API. Knows no resource in particular.
"""

import asyncio
import base64
import binascii
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from quart import Blueprint, Response, jsonify, request

from sandbox.core.faults import CreateFault
from sandbox.core.settings import Settings
from sandbox.twilio.params import TwilioError
from sandbox.twilio.record import API_VERSION, Record

_MAX_PAGE_SIZE = 1000


def account_blueprint(name: str, settings: Settings, below: str = "/<account_sid>") -> Blueprint:
    """A blueprint below the account, which lets only the account in and words refusals."""
    blueprint = Blueprint(name, __name__, url_prefix=f"/{API_VERSION}/Accounts{below}")

    @blueprint.errorhandler(TwilioError)
    async def refuse(error: TwilioError) -> tuple[Response, int]:
        return jsonify(error.body()), error.status

    @blueprint.before_request
    async def authenticate() -> None:
        _check_credentials(request.headers.get("Authorization", ""), settings)
        if (request.view_args or {}).pop("account_sid", "") != settings.account_sid:
            raise not_found()

    return blueprint


def not_found() -> TwilioError:
    """The refusal for a resource that is not there."""
    return TwilioError(404, 20404, f"The requested resource {request.path} was not found")


def refuse_by_fault(fault: CreateFault) -> None:
    """Refuse before anything is made, if that is the fault. Raises TwilioError."""
    if fault.name == "429":
        raise TwilioError(429, 20429, "Too Many Requests")


async def lose_reply(fault: CreateFault) -> None:
    """Answer with an error though the thing is made, if that is the fault. Raises TwilioError."""
    if fault.name == "500_after_commit":
        raise TwilioError(500, 20500, "Internal Server Error")
    if fault.name == "timeout_after_commit":
        await asyncio.sleep(fault.hold_ms / 1000)
        raise TwilioError(504, 20504, "Gateway Timeout")


def page(key: str, chosen: Sequence[Record], args: Mapping[str, str]) -> dict[str, Any]:
    """The page asked for of what was chosen, newest first, under `key`."""
    size = min(_MAX_PAGE_SIZE, max(1, _integer(args, "PageSize", 50)))
    number = max(0, _integer(args, "Page", 0))
    first, last = number * size, min(len(chosen), (number + 1) * size)

    def uri(number: int) -> str:
        query = {name: value for name, value in args.items() if name != "PageToken"}
        query |= {"PageSize": str(size), "Page": str(number)}
        if number:
            query["PageToken"] = f"PA{chosen[number * size - 1].sid}"
        return f"{request.path}?{urlencode(query)}"

    return {
        key: [record.resource() for record in chosen[first:last]],
        "page": number,
        "page_size": size,
        "start": first,
        "end": max(first, last - 1),
        "uri": uri(number) if first < len(chosen) else request.path,
        "first_page_uri": uri(0),
        "previous_page_uri": uri(number - 1) if number and first - size < len(chosen) else None,
        "next_page_uri": uri(number + 1) if last < len(chosen) else None,
    }


def time_matches(args: Mapping[str, str], name: str, moment: datetime | None) -> bool:
    """Whether a time passes the filters on it: a day, or limits (`StartTime>` and the like)."""
    tests: dict[str, Callable[[datetime, datetime], bool]] = {
        "": lambda moment, limit: moment.date() == limit.date(),
        ">": lambda moment, limit: moment >= limit,
        "<": lambda moment, limit: moment <= limit,
    }
    for sign, test in tests.items():
        limit = args.get(name + sign)
        if limit and (moment is None or not test(moment, _moment(limit))):
            return False
    return True


def _check_credentials(header: str, settings: Settings) -> None:
    """HTTP Basic with the account's sid and token. Raises TwilioError 20003."""
    expected = f"{settings.account_sid}:{settings.auth_token}".encode()
    scheme, _, encoded = header.partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        given = b""
    if scheme.lower() != "basic" or not hmac.compare_digest(given, expected):
        raise TwilioError(401, 20003, "Authenticate")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise TwilioError(400, 20001, f"{text} is not a date or time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _integer(args: Mapping[str, str], name: str, default: int) -> int:
    text = args.get(name, "")
    return int(text) if text.isdecimal() else default
