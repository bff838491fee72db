"""A session's settings: what `session.update` may change, and what it is refused with. Pure.

Names of before the general availability are unknown here, as they are there.
"""

from typing import Any

from sandbox.providers.realtime.errors import RefusedError

_FORMATS = ("audio/pcm", "audio/pcmu")
_FIELDS = frozenset({
    "type", "model", "output_modalities", "instructions", "audio", "tools", "tool_choice",
    "max_output_tokens", "truncation", "include", "tracing", "prompt", "reasoning",
})  # fmt: skip
_AUDIO = {
    "input": frozenset({"format", "turn_detection", "transcription", "noise_reduction"}),
    "output": frozenset({"format", "voice", "speed"}),
}
_SERVER_VAD: dict[str, Any] = {
    "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 500,
    "create_response": True, "interrupt_response": True, "idle_timeout_ms": None,
}  # fmt: skip
_EAGERNESS_MS = {"high": 400, "medium": 800, "auto": 800, "low": 1600}


def new_settings(model: str, session_id: str, expires_at: int) -> dict[str, Any]:
    """As every session begins."""
    pcm = {"type": "audio/pcm", "rate": 24000}
    return {
        "type": "realtime", "object": "realtime.session", "id": session_id, "model": model,
        "expires_at": expires_at, "output_modalities": ["audio"], "instructions": "",
        "tools": [], "tool_choice": "auto", "max_output_tokens": "inf", "truncation": "auto",
        "audio": {
            "input": {
                "format": pcm, "turn_detection": dict(_SERVER_VAD), "transcription": None,
                "noise_reduction": None,
            },
            "output": {"format": pcm, "voice": "alloy", "speed": 1.0},
        },
    }  # fmt: skip


def updated(settings: dict[str, Any], change: Any, *, has_spoken: bool) -> dict[str, Any]:
    """The settings with what the client sent of them. Raises RefusedError and changes nothing."""
    if not isinstance(change, dict) or change.get("type") != "realtime":
        raise RefusedError(
            "missing_required_parameter", "Missing required parameter.", "session.type"
        )
    _known(change, _FIELDS, "session")
    audio = {**settings["audio"]}
    for way, fields in _AUDIO.items():
        part = (change.get("audio") or {}).get(way)
        if part is not None:
            _known(part, fields, f"session.audio.{way}")
            audio[way] = {**audio[way], **part}
            if audio[way]["format"].get("type") not in _FORMATS:
                raise RefusedError(
                    "invalid_value", "The format is not spoken here.", f"session.audio.{way}.format"
                )
    detection = audio["input"]["turn_detection"]
    if detection is not None and detection.get("type") == "server_vad":
        audio["input"]["turn_detection"] = {**_SERVER_VAD, **detection}
    if has_spoken and audio["output"]["voice"] != settings["audio"]["output"]["voice"]:
        raise RefusedError(
            "cannot_update_voice", "The voice stays once it was heard.", "session.audio.output"
        )
    rest = {key: value for key, value in change.items() if key not in {"audio", "model"}}
    return {**settings, **rest, "audio": audio}


def silence_ms(detection: dict[str, Any]) -> int:
    """The silence that ends a turn."""
    if detection["type"] == "semantic_vad":
        return _EAGERNESS_MS[detection.get("eagerness", "auto")]
    return int(detection["silence_duration_ms"])


def _known(given: dict[str, Any], fields: frozenset[str], where: str) -> None:
    for name in given:
        if name not in fields:
            raise RefusedError(
                "unknown_parameter", f"Unknown parameter: '{where}.{name}'.", f"{where}.{name}"
            )
