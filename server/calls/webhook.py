"""What the phone company reports: verify, record, answer 2xx. Decides nothing.

The signature covers the address and every form field, so both are taken exactly as received; a
request that fails it learns nothing. Field shapes follow Twilio's "Call resource" and "Answering
Machine Detection" pages.
"""

import datetime as dt
import email.utils
import uuid
from typing import Annotated, TypeAlias

import msgspec
import structlog
from msgspec import Meta
from quart import Blueprint, Response

from media.events import AmdVerdict, AnsweredBy, CarrierState, CarrierStatus
from server.calls import callbacks
from server.calls.deps import CallDeps
from server.vendors.twilio.forms import read, twiml, verified, whole

log = structlog.get_logger(__name__)

Sid: TypeAlias = Annotated[str, Meta(pattern=r"^CA[0-9a-f]{32}$")]


class _Status(msgspec.Struct, frozen=True, rename="pascal"):
    call_sid: Sid
    call_status: CarrierState
    timestamp: str | None = None
    sequence_number: str | None = None
    call_duration: str | None = None


class _Amd(msgspec.Struct, frozen=True, rename="pascal"):
    call_sid: Sid
    answered_by: AnsweredBy
    machine_detection_duration: str | None = None


def routes(deps: CallDeps) -> Blueprint:
    """The carrier's addresses, all signed."""
    blueprint = Blueprint("twilio", __name__, url_prefix="/webhooks/twilio")

    @blueprint.post("/voice/<uuid:call_id>")
    async def voice(call_id: uuid.UUID) -> Response:
        form = await verified(deps)
        return twiml(await callbacks.answer(deps, call_id, form.get("CallSid", "")))

    @blueprint.post("/connect/<uuid:call_id>")
    async def connect(call_id: uuid.UUID) -> Response:
        await verified(deps)
        return twiml(await callbacks.stream_over(deps, call_id))

    @blueprint.post("/status/<uuid:call_id>")
    async def status(call_id: uuid.UUID) -> Response:
        form = await verified(deps)
        fields = read(form, _Status)
        event = CarrierStatus(
            status=fields.call_status,
            sid=fields.call_sid,
            at=_epoch(fields.timestamp),
            duration_seconds=whole(fields.call_duration),
            sequence=whole(fields.sequence_number),
        )
        key = f"{fields.call_sid}:status:{fields.call_status}"
        await callbacks.receive(deps, call_id, "status", key, form, event)
        return Response(status=204)

    @blueprint.post("/amd/<uuid:call_id>")
    async def amd(call_id: uuid.UUID) -> Response:
        form = await verified(deps)
        fields = read(form, _Amd)
        event = AmdVerdict(fields.answered_by, whole(fields.machine_detection_duration))
        await callbacks.receive(deps, call_id, "amd", f"{fields.call_sid}:amd", form, event)
        return Response(status=204)

    return blueprint


def _epoch(text: str | None) -> float | None:
    """Seconds of an RFC 2822 time; None when it is missing or no time."""
    if text is None:
        return None
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(dt.UTC).timestamp()
    except ValueError:
        return None
