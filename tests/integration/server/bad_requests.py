"""Requests a node must refuse without harm, as data: used one by one, and all in a row."""

import base64
from typing import Any

import msgspec

_NOWHERE = "00000000-0000-4000-8000-000000000000"


class BadRequest(msgspec.Struct, frozen=True):
    """What is sent, and the status and code that must come back."""

    name: str
    method: str
    path: str
    status: int
    code: str
    body: Any = None
    headers: dict[str, str] = {}


def _call(name: str, body: Any, status: int = 400, code: str = "bad_request") -> BadRequest:
    return BadRequest(name, "POST", "/v1/calls", status, code, body)


def _get(name: str, path: str, status: int = 400, code: str = "bad_request") -> BadRequest:
    return BadRequest(name, "GET", path, status, code)


def _as(name: str, authorization: str) -> BadRequest:
    headers = {"Authorization": authorization}
    return BadRequest(name, "GET", "/v1/me", 401, "unauthenticated", headers=headers)


def _cursor(text: str) -> str:
    return f"/v1/calls?cursor={base64.urlsafe_b64encode(text.encode()).decode()}"


BAD_REQUESTS = [
    _call("no-json", b"{"),
    _call("an-array", b"[]"),
    _call("deeply-nested", b"[" * 50_000),
    _call("not-utf8", b'{"topic": "\xff"}'),
    _call("no-body", b""),
    _call("unknown-field", {"topic": "bread", "form": "sourdough"}),
    _call("wrong-type", {"topic": 1}),
    _call("no-topic", {"to": "+12025550100"}),
    _call("empty-topic", {"topic": "  ", "to": "+12025550100"}),
    _call("endless-topic", {"topic": "x" * 201, "to": "+12025550100"}),
    _call("unprintable-topic", {"topic": "a\x00b", "to": "+12025550100"}),
    _call("nul-in-a-number", {"topic": "bread", "to": "+1202555\x000100"}),
    BadRequest("nul-in-a-key", "POST", "/v1/emails", 400, "bad_request",
               {"topic": "bread", "type": "custom", "variables": {"a\x00": [{}]}}),
    BadRequest("deep-variables", "POST", "/v1/emails", 400, "bad_request",
               b'{"topic": "bread", "type": "custom", "variables": ' + b'{"a": ' * 5000),
    BadRequest("deep-command", "POST", "/v1/commands", 400, "bad_request",
               b'{"op": "cmd", "id": "1", "name": "call.start", "args": ' + b'{"a": ' * 5000),
    BadRequest("a-plan-nobody-sells", "POST", "/v1/subscription/change", 400, "bad_request",
               {"plan": "gold", "interval": "monthly"}),
    _get("nul-in-the-query", "/v1/calls?cursor=%00"),
    _get("nul-in-a-query-nobody-knows", "/v1/events?colour=a%00b"),
    _get("nul-in-the-path", "/v1/emails/templates/%00/preview"),
    _get("nul-in-a-link", "/unsubscribe/%00"),
    _call("huge-body", b'{"topic": "' + b"x" * 200_000 + b'"}', 413, "too_large"),
    _call("no-number", {"topic": "bread"}, 422, "number_required"),
    _call("half-a-number", {"topic": "bread", "to": "12"}, 422, "invalid_number"),
    _call("costly-number", {"topic": "bread", "to": "+19002345678"}, 422, "invalid_number"),
    _call("far-away", {"topic": "bread", "to": "+442079460000"}, 422, "country_not_allowed"),
    BadRequest(
        "not-said-to-be-json", "POST", "/v1/calls", 415, "unsupported_media_type",
        b'{"topic": "bread"}', {"Content-Type": "text/plain"},
    ),
    BadRequest(
        "compressed", "POST", "/v1/calls", 415, "unsupported_media_type",
        b'{"topic": "bread"}', {"Content-Encoding": "gzip"},
    ),
    BadRequest(
        "endless-key", "POST", "/v1/tickets", 400, "bad_request", {},
        {"Idempotency-Key": "x" * 256},
    ),
    _get("no-cursor-at-all", "/v1/calls?cursor=zzz"),
    _get("cursor-of-bytes", "/v1/calls?cursor=%ff%fe"),
    _get("cursor-of-no-time", _cursor(f"9999-99-99 {_NOWHERE}")),
    _get("cursor-without-zone", _cursor(f"2026-01-01T00:00:00 {_NOWHERE}")),
    _get("cursor-before-time", _cursor(f"0001-01-01T00:00:00+14:00 {_NOWHERE}")),
    _get("cursor-after-time", _cursor(f"9999-12-31T23:59:59-14:00 {_NOWHERE}")),
    _get("no-limit", "/v1/calls?limit=0"),
    _get("wordy-limit", "/v1/calls?limit=many"),
    _get("unknown-query", "/v1/calls?colour=red"),
    _get("a-query-of-an-address-without", "/v1/webhooks?limit=1"),
    _get("two-statuses", "/v1/calls?status=ended&status=busy"),
    _get("unknown-view", "/v1/events?view=half"),
    _get("unknown-call", f"/v1/calls/{_NOWHERE}", 404, "not_found"),
    _get("no-id", "/v1/calls/first", 404, "not_found"),
    _get("no-page", "/nothing", 404, "not_found"),
    _get("a-file-of-ours", "/web/%2e%2e/app.py", 404, "not_found"),
    BadRequest("wrong-method", "DELETE", "/v1/calls", 405, "method_not_allowed"),
    _as("no-token", ""),
    _as("no-bearer", "Basic dXNlcjpwYXNz"),
    _as("garbage-token", "Bearer garbage"),
    _as("endless-token", "Bearer " + "x" * 9000),
    _as("unsigned-token", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."),
]  # fmt: skip


class BadWebhook(msgspec.Struct, frozen=True):
    """Well signed, and yet nothing to act on."""

    name: str
    kind: str
    fields: dict[str, str]
    status: int = 400


_SID = "CA" + "0" * 32

BAD_WEBHOOKS = [
    BadWebhook("unknown-status", "status", {"CallSid": _SID, "CallStatus": "sleeping"}),
    BadWebhook("no-status", "status", {"CallSid": _SID}),
    BadWebhook("no-sid", "status", {"CallStatus": "ringing"}),
    BadWebhook("strange-sid", "status", {"CallSid": "../x", "CallStatus": "ringing"}),
    BadWebhook("nul", "status", {"CallSid": _SID, "CallStatus": "queued", "To": "\x00"}),
    BadWebhook("unknown-verdict", "amd", {"CallSid": _SID, "AnsweredBy": "a ghost"}),
    BadWebhook("no-verdict", "amd", {"CallSid": _SID}),
    BadWebhook("huge", "status", {"CallSid": _SID, "CallStatus": "x" * 200_000}, 413),
]
