"""Anthropic as its clients see it: `/v1/messages`, streamed."""

import json
from typing import Any

from quart import Blueprint, Response, jsonify, request

from sandbox.providers.bodies import answered
from sandbox.providers.faults import VendorFaults
from sandbox.providers.replies import pieces, reply


def anthropic_blueprint(faults: VendorFaults) -> Blueprint:
    """Routes under the vendor's address."""
    blueprint = Blueprint("anthropic", __name__, url_prefix="/providers/anthropic")

    @blueprint.post("/v1/messages")
    async def messages() -> Response:
        has_key = request.headers.get("x-api-key") or request.headers.get("Authorization")
        if not has_key or not request.headers.get("anthropic-version"):
            return _refused(401, "authentication_error", "key and anthropic-version are required")
        fault = await faults.at_door()
        asked = await request.get_json()
        roles = [one["role"] for one in asked["messages"]]
        if not roles or roles[0] != "user" or "max_tokens" not in asked:
            return _refused(400, "invalid_request_error", "max_tokens, and a user's message first")
        said = [one["content"] for one in asked["messages"] if one["role"] == "user"]
        parts = [_event(event) for event in _events(asked["model"], reply(said))]
        return Response(answered(parts, fault), content_type="text/event-stream")

    return blueprint


def _refused(status: int, kind: str, why: str) -> Response:
    response = jsonify({"type": "error", "error": {"type": kind, "message": why}})
    response.status_code = status
    return response


def _events(model: str, text: str) -> list[dict[str, Any]]:
    usage = {"input_tokens": 1, "output_tokens": 1}
    start: dict[str, Any] = {
        "id": "msg_sandbox", "type": "message", "role": "assistant", "model": model,
        "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage,
    }  # fmt: skip
    said = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
        for piece in pieces(text)
    ]
    return [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        *said,
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage},
        {"type": "message_stop"},
    ]


def _event(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
