"""What the carrier sends a product about a call: the fields of each kind of webhook.

The shapes are Twilio's: times of call callbacks are RFC 2822, of stream callbacks ISO 8601, and
an asynchronous machine detection result has exactly four fields. Sending is the carrier's.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.core.clock import iso8601, rfc2822, utc_now
from sandbox.twilio.call import Call, Fetch
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.record import API_VERSION

_GEO = {
    f"{party}{part}": ""
    for party in ("From", "To", "Caller", "Called")
    for part in ("City", "State", "Zip", "Country")
}
_SIP = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}


def voice_params(call: Call, status: str = "") -> dict[str, str]:
    """The fields every voice webhook has."""
    to, from_ = call.request.to, call.request.from_
    params = {
        "CallSid": call.sid,
        "AccountSid": call.account_sid,
        "From": from_,
        "To": to,
        "Caller": from_,
        "Called": to,
        "Direction": call.request.direction,
        "ApiVersion": API_VERSION,
        "CallStatus": status or call.status,
        **_GEO,
    }
    if call.answered_by and not call.request.async_amd:
        params["AnsweredBy"] = call.answered_by
    if call.request.stir_verstat:
        params["StirVerstat"] = call.request.stir_verstat
    return params


def send_status(carrier: Carrier, call: Call, event: str, status: str) -> None:
    """A status callback, if the product subscribed to the event; numbers count only those sent."""
    call.timeline.add("status", callback=event, status=status)
    if call.status_callback is None or event not in call.status_callback_events:
        return
    params = voice_params(call, status) | {
        "Timestamp": rfc2822(utc_now()),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(call.next_sequence_number),
    }
    call.next_sequence_number += 1
    if event == "completed":
        seconds = call.duration_seconds or 0
        params["CallDuration"] = str(seconds)
        params["Duration"] = str(-(-seconds // 60))  # minutes, whatever its name suggests
        params["SipResponseCode"] = _SIP[status]
    carrier.notify(call, call.status_callback, params)


def amd_params(call: Call, answered_by: str, detection_ms: int) -> dict[str, str]:
    """An asynchronous machine detection result."""
    return {
        "CallSid": call.sid,
        "AccountSid": call.account_sid,
        "AnsweredBy": answered_by,
        "MachineDetectionDuration": str(detection_ms),
    }


def send_stream_status(
    carrier: Carrier, call: Call, to: Fetch | None, stream: Mapping[str, str], **noted: Any
) -> None:
    """A callback about a media stream; `stream` has StreamSid, StreamName and StreamEvent.

    What is `noted` is for the timeline alone.
    """
    event = stream["StreamEvent"].replace("-", "_")
    call.timeline.add(event, stream_sid=stream["StreamSid"], **noted)
    if to is not None:
        ids = {"AccountSid": call.account_sid, "CallSid": call.sid}
        carrier.notify(call, to, ids | dict(stream) | {"Timestamp": iso8601(utc_now())})
