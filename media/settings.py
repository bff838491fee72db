"""What can be tuned about one call, as frozen values with the unit in the name.

The server fills these from `config.toml`; the defaults here are for tests and tools. Knows no
files and no environment.
"""

from typing import Literal, TypeVar

import msgspec
from msgspec.structs import replace

from media.languages.language import sentence, sentences, worded

S = TypeVar("S", bound=msgspec.Struct)


class Secret:
    """A value that does not show itself in logs, tracebacks or reprs."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(***)" if self._value else "Secret(unset)"

    def __bool__(self) -> bool:
        return bool(self._value)

    def reveal(self) -> str:
        """The value itself, for the one place that needs it."""
        return self._value


class AmdSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The waiting room, where an answered call stands until we know who picked up."""

    language: str = "en"
    patience_seconds: float = 10.0
    stream_patience_seconds: float = 15.0
    hold_patience_seconds: float = 60.0
    screening_introduction: str = sentence("en", "amd", "screening_introduction")
    screening_patience_seconds: float = 20.0
    beep_patience_seconds: float = 6.0
    voicemail_message: str = sentence("en", "amd", "voicemail_message")
    voicemail_patience_seconds: float = 30.0
    count_voicemail: bool = True


class ConversationSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A conversation's length, its patience, and the sentences that no language model makes."""

    wrap_up_seconds: float = 150.0
    urgent_seconds: float = 170.0
    limit_seconds: float = 180.0
    silence_prompt_seconds: float = 8.0
    silence_prompts: int = 2
    failures_allowed: int = 2
    line_patience_seconds: float = 4.0
    greeting: str = sentence("en", "conversation", "greeting")
    inbound_greeting: str = sentence("en", "conversation", "inbound_greeting")
    disclosure: str = sentence("en", "conversation", "disclosure")
    disclosure_words: str = sentence("en", "conversation", "disclosure_words")
    fillers: tuple[str, ...] = sentences("en", "conversation", "fillers")
    filler_seconds: float = 0.9
    silence_prompt: str = sentence("en", "conversation", "silence_prompt")
    silence_goodbye: str = sentence("en", "conversation", "silence_goodbye")
    time_goodbye: str = sentence("en", "conversation", "time_goodbye")
    line_back: str = sentence("en", "conversation", "line_back")
    line_resumed: str = sentence("en", "conversation", "line_resumed")
    stopping_goodbye: str = sentence("en", "conversation", "stopping_goodbye")
    sorry_again: str = sentence("en", "conversation", "sorry_again")
    sorry_goodbye: str = sentence("en", "conversation", "sorry_goodbye")


class RecordingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether whoever was called is asked by itself if the call may be recorded, and in which
    words; the first question among these has to be heard whole."""

    mode: Literal["off", "ask"] = "off"
    question: str = sentence("en", "recording", "question")
    agreed: str = sentence("en", "recording", "agreed")
    declined: str = sentence("en", "recording", "declined")
    stopped: str = sentence("en", "recording", "stopped")
    go_on: str = sentence("en", "recording", "go_on")


class SpeechSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Turn taking, pacing and how long an engine may take before the caller hears a sentence."""

    start_probability: float = 0.5
    stop_probability: float = 0.35
    start_ms: int = 80
    interrupt_ms: int = 140
    pause_ms: int = 160
    short_silence_ms: int = 450
    finished_silence_ms: int = 650
    unfinished_silence_ms: int = 1200
    longest_silence_ms: int = 1500
    pre_roll_ms: int = 300
    max_utterance_seconds: float = 60.0
    lead_ms: int = 300
    packet_ms: int = 100
    mark_every_ms: int = 400
    sentence_gap_ms: int = 120
    mark_patience_ms: int = 2000
    recognise_timeout_seconds: float = 1.5
    think_timeout_seconds: float = 5.0
    think_gap_seconds: float = 1.5
    think_ahead: bool = True
    speak_timeout_seconds: float = 1.2


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a call is run with, in one language."""

    amd: AmdSettings = AmdSettings()
    conversation: ConversationSettings = ConversationSettings()
    speech: SpeechSettings = SpeechSettings()
    recording: RecordingSettings = RecordingSettings()
    language: str = "en"


def in_language(settings: Settings, language: str, *, also_own: bool = False) -> Settings:
    """The settings with what is said, and how answerers are known, in this language: sentences left
    as they come, and with `also_own` those written for another language as well."""

    def said(section: S, name: str) -> S:
        return worded(section, name, language, also_own=also_own)

    amd = said(settings.amd, "amd")
    return replace(
        settings,
        amd=replace(amd, language=language) if also_own or amd.language == "en" else amd,
        conversation=said(settings.conversation, "conversation"),
        recording=said(settings.recording, "recording"),
        language=language,
    )
