"""What the carrier sends a product about messages: the fields of status callbacks and of texts in.

A status callback has no time of its own and no sequence number, whatever order it arrives in.
"""

import mimetypes

from sandbox.core.clock import utc_now
from sandbox.twilio.messages.message import Message
from sandbox.twilio.record import API_VERSION

_GEO = {
    f"{party}{part}": "" for party in ("From", "To") for part in ("City", "State", "Zip", "Country")
}


def status_params(message: Message) -> dict[str, str]:
    """A status callback about where the message stands now."""
    params = {
        **_parties(message),
        "MessageSid": message.sid,
        "MessageStatus": message.status,
        "SmsSid": message.sid,
        "SmsStatus": message.status,
    }
    if message.error_code is not None:
        params["ErrorCode"] = str(message.error_code)
    if message.status in ("delivered", "undelivered"):
        params["RawDlrDoneDate"] = utc_now().strftime("%y%m%d%H%M")
    return params


def inbound_params(message: Message) -> dict[str, str]:
    """A text that came in for one of the account's numbers."""
    media = message.request.media
    return {
        **_parties(message),
        **_GEO,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "SmsStatus": "received",
        "Body": message.request.body,
        "NumMedia": str(len(media)),
        "NumSegments": str(message.segments),
        **{f"MediaUrl{number}": url for number, url in enumerate(media)},
        **{f"MediaContentType{number}": _type(url) for number, url in enumerate(media)},
    }


def _parties(message: Message) -> dict[str, str]:
    return {
        "AccountSid": message.account_sid,
        "From": message.request.from_,
        "To": message.request.to,
        "ApiVersion": API_VERSION,
    }


def _type(url: str) -> str:
    return mimetypes.guess_type(url)[0] or "image/jpeg"
