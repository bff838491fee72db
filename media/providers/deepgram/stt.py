"""Deepgram's ears: `/v1/listen` with Nova models, `/v2/listen` with Flux.

Read in deepgram-sdk 7.17.0 and Deepgram's pages on endpointing, finalize, keep-alive and Flux.
Turns are ours: Nova is asked by Finalize and Flux by ForceEndTurn at each pause that we see.
Languages are told by Nova with `language=multi` (page on multilingual codeswitching) and by Flux's
multilingual model; `detect_language` is for recordings only.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from media.engines.base import AUTO, EngineError
from media.languages.language import LANGUAGES, primary
from media.providers.deepgram.settings import DeepgramSettings
from media.providers.sockets import address_of
from media.providers.streaming import Dialect, Message, VendorSpeechToText, Words

_SOUND = {"encoding": "mulaw", "sample_rate": 8000}
_SILENCE = b"\xff" * 800  # 100 ms: Flux has no message that only keeps it open


def speech_to_text(settings: DeepgramSettings, language: str) -> VendorSpeechToText:
    """Nova or Flux, by the model's name."""
    query: dict[str, object] = {"model": settings.stt_model, **_SOUND}
    expected = LANGUAGES if language == AUTO else (language,)
    dialect: Callable[[], Dialect]
    if settings.stt_model.startswith("flux"):
        path, dialect = "/v2/listen", Flux
        if settings.stt_model.endswith("multi"):
            query["language_hint"] = expected
    else:
        path, dialect = "/v1/listen", Nova
        query |= {
            "language": "multi" if language == AUTO else language,
            "interim_results": "true", "smart_format": "true", "endpointing": "false",
            **({"language_hint": expected} if language == AUTO else {}),
        }  # fmt: skip
    address = address_of(settings.base_url, path, query, settings.headers)
    return VendorSpeechToText(address, dialect)


class Nova:
    """Results with and without `is_final`; one with `from_finalize` answers a Finalize."""

    name, is_by_time = "deepgram.stt", False
    idle_seconds = 4.0  # after 10 s of nothing it closes
    patience_seconds = 0.5  # Finalize is not always answered when little is left

    def sound(self, mulaw: bytes) -> Message:
        """As it is; an empty one would end the stream."""
        return mulaw

    def idle(self) -> Message:
        """Must be text; nothing comes back."""
        return {"type": "KeepAlive"}

    def finish(self) -> Message:
        """Everything that was sent is made final."""
        return {"type": "Finalize"}

    def read(self, message: Any) -> Sequence[Words]:
        """Words of a Results; other types say nothing, an Error is one."""
        if message["type"] == "Error":
            raise EngineError(f"Deepgram failed with {message.get('variant', 'an error')}")
        if message["type"] != "Results":
            return ()
        heard, *_ = message["channel"]["alternatives"] or [{"transcript": ""}]
        words = Words(
            heard["transcript"],
            message["start"] + message["duration"],
            settled=bool(message["is_final"]),
            answers=bool(message.get("from_finalize")),
            language=_language(heard),
        )
        return (words,)


class Flux:
    """TurnInfo with all of a turn so far; EndOfTurn settles it, whether asked for or not."""

    name, is_by_time = "deepgram.stt", False
    idle_seconds = 0.1  # it wants sound all the time
    patience_seconds = 0.5

    def sound(self, mulaw: bytes) -> Message:
        """As it is."""
        return mulaw

    def idle(self) -> Message:
        """Silence."""
        return _SILENCE

    def finish(self) -> Message:
        """Answered by EndOfTurn, or by a warning when there is no turn."""
        return {"type": "ForceEndTurn"}

    def read(self, message: Any) -> Sequence[Words]:
        """Words of a TurnInfo; a warning that there is no turn answers, an Error is one."""
        if message["type"] == "Error":
            raise EngineError(f"Deepgram failed with {message.get('code', 'an error')}")
        if message["type"] == "Warning":
            return (Words(answers=message.get("code") == "FORCE_END_TURN_NO_ACTIVE_TURN"),)
        if message["type"] != "TurnInfo":
            return ()
        is_end = message["event"] == "EndOfTurn"
        return (
            Words(
                message["transcript"],
                message["audio_window_end"],
                settled=is_end,
                answers=is_end and message.get("trigger") == "manual",
                complete=message["end_of_turn_confidence"],
                language=primary(next(iter(message.get("languages") or ()), "")),
            ),
        )


def _language(heard: dict[str, Any]) -> str:
    """That of most words; the first that is named where words do not tell theirs."""
    told = Counter(word["language"] for word in heard.get("words") or () if word.get("language"))
    named = told or Counter((heard.get("languages") or [""])[:1])
    return primary(max(named, key=named.__getitem__))
