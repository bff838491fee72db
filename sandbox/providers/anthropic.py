"""Anthropic as its clients see it: `/v1/messages`, streamed."""

import json
from typing import Any

from quart import Blueprint, Response, jsonify, request

from sandbox.providers.bodies import answered
from sandbox.providers.faults import VendorFaults
from sandbox.providers.replies import about_result, halves, pieces, reply, tool_call


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
        theirs = [one["content"] for one in asked["messages"] if one["role"] == "user"]
        offered = {one["name"]: one["input_schema"] for one in asked.get("tools") or ()}
        if isinstance(theirs[-1], list) and theirs[-1][0]["type"] == "tool_result":
            blocks = _text(about_result(theirs[-1][-1]["content"]))
        elif called := tool_call([one for one in theirs if isinstance(one, str)], offered):
            blocks = _tool_use(*called)
        else:
            blocks = _text(reply(theirs))
        reason = "tool_use" if blocks[0]["content_block"]["type"] == "tool_use" else "end_turn"
        parts = [_event(event) for event in _events(asked["model"], blocks, reason)]
        return Response(answered(parts, fault), content_type="text/event-stream")

    return blueprint


def _refused(status: int, kind: str, why: str) -> Response:
    response = jsonify({"type": "error", "error": {"type": kind, "message": why}})
    response.status_code = status
    return response


def _text(text: str) -> list[dict[str, Any]]:
    said = [{"type": "text_delta", "text": piece} for piece in pieces(text)]
    return _block({"type": "text", "text": ""}, said)


def _tool_use(name: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """The input comes as parts of JSON, of which the first may be empty."""
    parts = [
        {"type": "input_json_delta", "partial_json": part} for part in ("", *halves(arguments))
    ]
    return _block({"type": "tool_use", "id": f"toolu_{name}", "name": name, "input": {}}, parts)


def _block(start: dict[str, Any], deltas: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": 0, "content_block": start},
        {"type": "ping"},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": 0},
    ]


def _events(model: str, blocks: list[dict[str, Any]], reason: str) -> list[dict[str, Any]]:
    usage = {"input_tokens": 1, "output_tokens": 1}
    start: dict[str, Any] = {
        "id": "msg_sandbox", "type": "message", "role": "assistant", "model": model,
        "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage,
    }  # fmt: skip
    return [
        {"type": "message_start", "message": start},
        *blocks,
        {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage},
        {"type": "message_stop"},
    ]


def _event(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
