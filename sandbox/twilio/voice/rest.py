"""The carrier's REST interface to calls: placing, finding and changing them.

Parses, asks the carrier and answers; what it shares with other resources is in `api`.
"""

from typing import Any

from quart import Blueprint, Response, jsonify, request

from sandbox.twilio.api import (
    account_blueprint,
    lose_reply,
    not_found,
    page,
    refuse_by_fault,
    time_matches,
)
from sandbox.twilio.call import Call
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.params import TwilioError, parse_callback, parse_create, parse_source
from sandbox.twilio.voice.lifecycle import run_call


def calls_blueprint(carrier: Carrier) -> Blueprint:
    """Routes of the Calls resource."""
    blueprint = account_blueprint("calls", carrier.settings)

    @blueprint.post("/Calls.json")
    async def create() -> tuple[Response, int]:
        form = await request.form
        fault = carrier.take_create_fault("call", form.get("To", ""))
        refuse_by_fault(fault)
        asked = parse_create(form.to_dict(flat=False), carrier.settings.numbers)
        call = carrier.new_call(asked)
        created = call.resource()
        carrier.spawn(call, run_call(carrier, call))
        await lose_reply(fault)
        return jsonify(created), 201

    @blueprint.get("/Calls.json")
    async def index() -> Response:
        return jsonify(_page(carrier, request.args.to_dict()))

    @blueprint.get("/Calls/<sid>.json")
    async def fetch(sid: str) -> Response:
        return jsonify(_found(carrier, sid).resource())

    @blueprint.post("/Calls/<sid>.json")
    async def update(sid: str) -> Response:
        call = _found(carrier, sid)
        _update(call, (await request.form).to_dict(flat=False))
        return jsonify(call.resource())

    return blueprint


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
        raise not_found()
    return call


def _page(carrier: Carrier, args: dict[str, str]) -> dict[str, Any]:
    newest_first = [*reversed(carrier.calls.values())]
    if "ParentCallSid" in args:
        parents = [call for call in newest_first if call.sid == args["ParentCallSid"]]
        newest_first = [child for call in parents for child in reversed(call.children)]
    return page("calls", [call for call in newest_first if _matches(call, args)], args)


def _matches(call: Call, args: dict[str, str]) -> bool:
    facts = {"To": call.request.to, "From": call.request.from_, "Status": call.status}
    times = {"StartTime": call.started_at, "EndTime": call.ended_at}
    return all(args.get(name, value) == value for name, value in facts.items()) and all(
        time_matches(args, name, moment) for name, moment in times.items()
    )
