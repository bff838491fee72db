"""Requests to the carrier's REST interface, checked as Twilio checks them.

Pure: form fields in, values out, or a TwilioError that carries what the client will be told.
Numbers of errors that Twilio documents are used where it does; a value out of a documented
range has no documented number here and gets 20001.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sandbox.twilio.call import CallRequest, Fetch, Inline, Source

Form = Mapping[str, Sequence[str]]

E164 = re.compile(r"^\+[1-9][0-9]{6,14}$")
_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
_MODES = {"enable": "Enable", "detectmessageend": "DetectMessageEnd", "": ""}
_DIGITS = re.compile(r"[0-9A-D#*wW]{0,32}")
_MAX_TWIML_CHARACTERS = 4000


class TwilioError(Exception):
    """A refusal as the 2010-04-01 API words it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def body(self) -> dict[str, Any]:
        """The error document."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def parse_create(form: Form, own_numbers: Sequence[str]) -> CallRequest:
    """Form fields of `POST Calls.json` to a call request. Raises TwilioError."""
    to, from_ = one(form, "To"), one(form, "From")
    if not to:
        raise TwilioError(400, 21201, "No 'To' number is specified")
    if not from_:
        raise TwilioError(400, 21213, "No 'From' number is specified")
    if not E164.match(to):
        raise TwilioError(
            400, 21211, f"The phone number you are attempting to call, {to}, is not valid."
        )
    if not E164.match(from_):
        raise TwilioError(400, 21212, f"The source phone number provided, {from_}, is not valid.")
    if from_ not in own_numbers:
        raise TwilioError(
            400,
            21210,
            f"The source phone number provided, {from_}, is not yet verified for your account.",
        )
    source = parse_source(form)
    if source is None:
        raise TwilioError(400, 21205, "Url parameter is required.")
    async_amd = one(form, "AsyncAmd").lower() == "true"
    mode = one(form, "MachineDetection").lower()
    if mode not in _MODES:
        raise TwilioError(400, 20001, "MachineDetection must be Enable or DetectMessageEnd")
    _range(form, "MachineDetectionSpeechThreshold", 2400, 1000, 6000)
    _range(form, "MachineDetectionSpeechEndThreshold", 1200, 500, 5000)
    _range(form, "MachineDetectionSilenceTimeout", 5000, 2000, 10_000)
    digits = one(form, "SendDigits")
    if not _DIGITS.fullmatch(digits):
        raise TwilioError(400, 21208, "Invalid SendDigits")
    return CallRequest(
        to=to,
        from_=from_,
        source=source,
        fallback=parse_callback(form, "Fallback", 21205),
        status_callback=parse_callback(form, "StatusCallback", 21609),
        status_callback_events=_events(form),
        timeout_seconds=_range(form, "Timeout", 60, 1, 600),
        time_limit_seconds=_range(form, "TimeLimit", 14_400, 1, 86_400),
        send_digits=digits,
        machine_detection="" if digits else _MODES[mode],
        machine_detection_timeout_seconds=_range(form, "MachineDetectionTimeout", 30, 3, 59),
        async_amd=async_amd,
        async_amd_callback=parse_callback(form, "AsyncAmdStatusCallback", 21609),
    )


def parse_source(form: Form) -> Source | None:
    """`Url` or `Twiml`; the former wins. None when neither is given. Raises TwilioError."""
    if url := one(form, "Url"):
        return Fetch(check_url(url, "Url", 21205), _method(form, "Method"))
    twiml = one(form, "Twiml")
    if len(twiml) > _MAX_TWIML_CHARACTERS:
        raise TwilioError(400, 20001, "Twiml must not be longer than 4000 characters")
    return Inline(twiml) if twiml else None


def one(form: Form, name: str) -> str:
    """The last value of a field, trimmed; "" when it was not sent."""
    values = form.get(name) or [""]
    return values[-1].strip()


def parse_callback(form: Form, name: str, code: int) -> Fetch | None:
    """A URL and its method, None when not given. Raises TwilioError with `code`."""
    # FallbackUrl and FallbackMethod, but StatusCallback and StatusCallbackMethod.
    key = f"{name}Url" if name == "Fallback" else name
    url = one(form, key)
    return Fetch(check_url(url, key, code), _method(form, f"{name}Method")) if url else None


def check_url(url: str, name: str, code: int) -> str:
    """The URL, when the carrier could fetch it. Raises TwilioError with `code`."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "_" in parts.hostname:
        raise TwilioError(400, code, f"{name} is not a valid URL: {url}")
    return url


def _method(form: Form, name: str) -> str:
    method = one(form, name).upper() or "POST"
    if method not in ("GET", "POST"):
        raise TwilioError(400, 20001, f"{name} must be GET or POST")
    return method


def _events(form: Form) -> frozenset[str]:
    # Twilio takes one event per repeated key; a list in one value names no event at all.
    named = frozenset(event.strip() for event in form.get("StatusCallbackEvent") or ())
    return named & _EVENTS or frozenset({"completed"})


def _range(form: Form, name: str, default: int, least: int, most: int) -> int:
    text = one(form, name)
    if not text:
        return default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise TwilioError(400, 20001, f"{name} must be a number from {least} to {most}")
    return int(text)
