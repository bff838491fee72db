"""Everything that happened, people to call, faults on request, and the clock.

`/people` and `/world` are the sandbox's own and imitate nobody. JSON unless it is sound.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from quart import Blueprint, Response, request

from sandbox.core.audio import write_wav
from sandbox.core.clock import iso8601
from sandbox.core.faults import Faults
from sandbox.core.timeline import latencies
from sandbox.people.person import BadPersonError, Person, PersonSpec, read_person
from sandbox.sendgrid.errors import MailError
from sandbox.sendgrid.service import MailService
from sandbox.stripe.service import StripeService
from sandbox.supabase.service import AuthService
from sandbox.supabase.users import user_json
from sandbox.twilio.call import Call
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.messages.store import MessageStore
from sandbox.world.calls import call_from_outside
from sandbox.world.mails import add_mail_routes, inbound_json, json_response, mails_json
from sandbox.world.texts import text_from_outside, text_view

_MONEY = ("customer", "subscription", "invoice", "charge", "refund", "checkout.session")


class NotFoundError(Exception):
    """There is no such thing in this world."""


class _UserChange(msgspec.Struct, forbid_unknown_fields=True):
    app_metadata: dict[str, Any]


class _ClockChange(msgspec.Struct, forbid_unknown_fields=True):
    advance_seconds: Annotated[int, Meta(ge=0)] = 0
    to: datetime | None = None
    stop: bool = False


def world_blueprint(
    texts: MessageStore, service: AuthService, payments: StripeService, mail: MailService
) -> Blueprint:
    """Routes of the sandbox's own interface."""
    blueprint, carrier = Blueprint("world", __name__), texts.carrier
    _add_errors(blueprint)
    _add_people(blueprint, carrier)
    _add_world(blueprint, texts, service, payments, mail)
    _add_calls(blueprint, carrier)
    _add_texts(blueprint, texts)
    add_mail_routes(blueprint, mail)
    _add_faults(blueprint, carrier, payments, mail)
    _add_clock(blueprint, payments)
    _add_users(blueprint, service)
    return blueprint


def _add_errors(blueprint: Blueprint) -> None:
    @blueprint.errorhandler(NotFoundError)
    async def missing(_: NotFoundError) -> Response:
        return json_response({"error": "not found"}, 404)

    @blueprint.errorhandler(msgspec.MsgspecError)
    @blueprint.errorhandler(BadPersonError)
    @blueprint.errorhandler(MailError)
    async def invalid(error: Exception) -> Response:
        return json_response({"error": str(error)}, 400)


def _add_people(blueprint: Blueprint, carrier: Carrier) -> None:
    @blueprint.get("/people")
    async def people() -> Response:
        known = {number: _person(person) for number, person in carrier.people.items()}
        reply = json_response(known)
        reply.headers["Access-Control-Allow-Origin"] = "*"  # for pages that show who there is
        return reply

    @blueprint.post("/people")
    async def add_person() -> Response:
        spec = msgspec.json.decode(await request.get_data(cache=False), type=PersonSpec)
        carrier.people[spec.number] = read_person(spec)
        return json_response(_person(carrier.people[spec.number]), 201)


def _add_world(
    blueprint: Blueprint,
    texts: MessageStore,
    service: AuthService,
    payments: StripeService,
    mail: MailService,
) -> None:
    @blueprint.get("/world")
    async def world() -> Response:
        return json_response(
            {
                "calls": [_call(call) for call in texts.carrier.calls.values()],
                "texts": [text_view(message) for message in texts.messages.values()],
                "users": [user_json(user) for user in service.store.users],
                "charges": payments.account.all("charge"),
                "mails": mails_json(mail),
                "inbound_mails": inbound_json(mail),
                "faults": texts.carrier.faults,
            }
        )

    @blueprint.get("/world/stripe")
    async def money() -> Response:
        return json_response(_money(payments))


def _add_calls(blueprint: Blueprint, carrier: Carrier) -> None:
    @blueprint.post("/world/calls")
    async def add_call() -> Response:
        call = call_from_outside(carrier, await request.get_data(cache=False))
        return json_response(_call(call), 201)

    @blueprint.get("/world/calls/<sid>")
    async def one_call(sid: str) -> Response:
        return json_response(_call(_found(carrier, sid)))

    @blueprint.get("/world/calls/<sid>/heard.wav")
    async def heard(sid: str) -> Response:
        return Response(write_wav(bytes(_found(carrier, sid).line.heard)), mimetype="audio/wav")

    @blueprint.get("/world/calls/<sid>/said.wav")
    async def said(sid: str) -> Response:
        return Response(write_wav(bytes(_found(carrier, sid).line.said)), mimetype="audio/wav")


def _add_texts(blueprint: Blueprint, texts: MessageStore) -> None:
    @blueprint.get("/world/texts")
    async def all_texts() -> Response:
        return json_response([text_view(message) for message in texts.messages.values()])

    @blueprint.post("/world/texts")
    async def add_text() -> Response:
        message = text_from_outside(texts, await request.get_data(cache=False))
        return json_response(text_view(message), 201)


def _add_faults(
    blueprint: Blueprint, carrier: Carrier, payments: StripeService, mail: MailService
) -> None:
    @blueprint.get("/world/faults")
    async def faults() -> Response:
        return json_response(carrier.faults)

    @blueprint.put("/world/faults")
    async def set_faults() -> Response:
        data = await request.get_data(cache=False)
        carrier.set_faults(msgspec.json.decode(data, type=Faults))
        payments.set_faults(carrier.faults)
        mail.set_faults(carrier.faults)
        return json_response(carrier.faults)


def _add_clock(blueprint: Blueprint, payments: StripeService) -> None:
    @blueprint.get("/world/clock")
    async def clock() -> Response:
        return json_response(_time(payments))

    @blueprint.post("/world/clock")
    async def move_clock() -> Response:
        change = msgspec.json.decode(await request.get_data(cache=False), type=_ClockChange)
        seconds = timedelta(seconds=change.advance_seconds)
        moment = (change.to or payments.clock.now()) + seconds
        try:
            done = payments.move_clock(moment, stop=change.stop)
        except (ValueError, TypeError) as error:
            return json_response({"error": str(error)}, 400)
        return json_response({**_time(payments), "done": done})


def _add_users(blueprint: Blueprint, service: AuthService) -> None:
    @blueprint.put("/world/users/<user_id>")
    async def change_user(user_id: str) -> Response:
        change = msgspec.json.decode(await request.get_data(cache=False), type=_UserChange)
        user = service.store.user(user_id)
        if user is None:
            raise NotFoundError
        user.app_metadata = user.app_metadata | change.app_metadata
        service.touch(user)
        return json_response(user_json(user))

    @blueprint.get("/world/sign_in_messages")
    async def sign_in_messages() -> Response:
        return json_response(service.codes.sent)


def _time(payments: StripeService) -> dict[str, Any]:
    return {
        "now": iso8601(payments.clock.now()),
        "ahead_seconds": round(payments.clock.ahead.total_seconds(), 3),
        "stopped": payments.clock.stopped,
    }


def _money(payments: StripeService) -> dict[str, Any]:
    account = payments.account
    return {
        "clock": _time(payments),
        **{f"{kind}s": account.all(kind) for kind in _MONEY},
        "events": [
            {key: event[key] for key in ("id", "type", "created")} for event in account.all("event")
        ],
        "deliveries": account.all("delivery"),
        "requests": list(payments.requests),
    }


def _found(carrier: Carrier, sid: str) -> Call:
    call = carrier.calls.get(sid)
    if call is None:
        raise NotFoundError
    return call


def _call(call: Call) -> dict[str, Any]:
    entries = call.timeline.entries()
    return {
        "sid": call.sid,
        "person": call.person and call.person.spec.name,
        "to": call.request.to,
        "from": call.request.from_,
        "direction": call.request.direction,
        "status": call.status,
        "answered_by": call.answered_by,
        "created_at": iso8601(call.created_at),
        "duration_seconds": call.duration_seconds,
        "timeline": entries,
        "latencies": latencies(entries),
        "alerts": [entry for entry in entries if entry.event == "alert"],
    }


def _person(person: Person) -> dict[str, Any]:
    spec = person.spec
    return {
        "name": spec.name,
        "number": spec.number,
        "about": spec.about,
        "answers": spec.answers,
        "rings_seconds": spec.rings_seconds,
        "steps": [type(step).__name__ for step in person.script],
        "texts": spec.texts,
    }
