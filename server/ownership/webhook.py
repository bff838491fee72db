"""What the phone company reports: verify, record, answer 2xx. Decides nothing.

The signature covers the address and every form field, so both are taken exactly as received; a
request that fails it learns nothing.
"""

import uuid

from quart import Blueprint, Response

from server.audit.acts import acting, provider
from server.calls.deps import CallDeps
from server.calls.unwritten import CarrierFact
from server.ownership import callbacks, inbound
from server.ownership.facts import ring_of
from server.vendors.twilio.forms import twiml, verified


def routes(deps: CallDeps) -> Blueprint:
    """The carrier's addresses, all signed."""
    blueprint = Blueprint("twilio", __name__, url_prefix="/webhooks/twilio")

    @blueprint.post("/voice/<uuid:call_id>")
    async def voice(call_id: uuid.UUID) -> Response:
        form = await verified(deps)
        return twiml(await callbacks.answer(deps, call_id, form.get("CallSid", "")))

    @blueprint.post("/inbound-voice")
    async def inbound_voice() -> Response:
        ring = ring_of(await verified(deps, cleaned=True))
        acting(provider("twilio"))
        return twiml(await inbound.answer(deps, ring))

    @blueprint.post("/inbound-voice-status")
    async def inbound_status() -> Response:
        await inbound.told(deps, await verified(deps))
        return Response(status=204)

    @blueprint.post("/connect/<uuid:call_id>")
    async def connect(call_id: uuid.UUID) -> Response:
        await verified(deps)
        return twiml(await callbacks.stream_over(deps, call_id))

    @blueprint.post("/status/<uuid:call_id>")
    async def status(call_id: uuid.UUID) -> Response:
        await callbacks.receive(deps, CarrierFact(call_id, "status", await verified(deps)))
        return Response(status=204)

    @blueprint.post("/amd/<uuid:call_id>")
    async def amd(call_id: uuid.UUID) -> Response:
        await callbacks.receive(deps, CarrierFact(call_id, "amd", await verified(deps)))
        return Response(status=204)

    return blueprint
