"""A session's settings: what may change, by the names of the general availability alone."""

from typing import Any

import pytest

from sandbox.providers.realtime.errors import RefusedError
from sandbox.providers.realtime.settings import new_settings, silence_ms, updated

NEW = new_settings("a-model", "sess_1", 1000)
PCMU = {"format": {"type": "audio/pcmu"}}


def changed(*, has_spoken: bool = False, **change: Any) -> dict[str, Any]:
    return updated(NEW, {"type": "realtime", **change}, has_spoken=has_spoken)


def test_what_is_left_out_stays() -> None:
    after = changed(instructions="Be brief.", audio={"input": {**PCMU, "turn_detection": None}})
    assert after["instructions"] == "Be brief."
    assert after["audio"]["input"]["format"]["type"] == "audio/pcmu"
    assert after["audio"]["input"]["turn_detection"] is None
    assert after["audio"]["output"] == NEW["audio"]["output"]
    assert NEW["instructions"] == ""


def test_silence_that_ends_a_turn_is_by_its_kind() -> None:
    own = {"type": "server_vad", "silence_duration_ms": 700}
    after = changed(audio={"input": {"turn_detection": own}})
    assert silence_ms(after["audio"]["input"]["turn_detection"]) == 700
    assert silence_ms({"type": "semantic_vad", "eagerness": "high"}) < silence_ms(
        {"type": "semantic_vad", "eagerness": "low"}
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [({"input_audio_format": "g711_ulaw"}, "unknown_parameter"),
     ({"turn_detection": None}, "unknown_parameter"),
     ({"audio": {"input": {"voice": "x"}}}, "unknown_parameter"),
     ({"audio": {"output": {"format": {"type": "g711_ulaw"}}}}, "invalid_value"),
     ({"type": "transcription"}, "missing_required_parameter")],
)  # fmt: skip
def test_other_names_are_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        changed(**change)
    assert refused.value.code == code


def test_a_voice_stays_once_it_was_heard() -> None:
    other: dict[str, Any] = {"audio": {"output": {"voice": "marin"}}}
    assert changed(**other)["audio"]["output"]["voice"] == "marin"
    with pytest.raises(RefusedError, match="stays"):
        changed(has_spoken=True, **other)
