"""What can be tuned about one call, as frozen values with the unit in the name.

The server fills these from `config.toml`; the defaults here are for tests and tools. Knows no
files and no environment.
"""

from typing import Literal

import msgspec


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
    screening_introduction: str = (
        "This is the Talking App assistant, a computer voice, calling the owner of this number, "
        "who asked for a call about {topic}."
    )
    screening_patience_seconds: float = 20.0
    beep_patience_seconds: float = 6.0
    voicemail_message: str = (
        "Hello, this is the Talking App assistant. You asked for a call about {topic}. "
        "Please call again from the app whenever it suits you. Goodbye."
    )
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
    greeting: str = (
        "Hello, this is the Talking App assistant, a computer voice. "
        "You asked for a call about {topic}. What would you like to start with?"
    )
    inbound_greeting: str = (
        "Hello, this is the Talking App assistant, a computer voice. "
        "What would you like to talk about?"
    )
    disclosure: str = "I am a computer voice."
    disclosure_words: str = "computer voice"
    fillers: tuple[str, ...] = (
        "Let me think.",
        "One moment.",
        "Let me see.",
        "Hm, let me think about that.",
        "Just a second.",
    )
    filler_seconds: float = 0.9
    silence_prompt: str = "Are you still there?"
    silence_goodbye: str = "I can't hear you, so I will hang up now. Goodbye."
    time_goodbye: str = "Our time is up, so I have to stop here. Thank you for talking. Goodbye."
    line_back: str = "Sorry, the line was gone for a moment. Please go on."
    line_resumed: str = "Sorry, I was gone for a moment."
    stopping_goodbye: str = "I am sorry, but I have to end our call here. Goodbye."
    sorry_again: str = "Sorry, I lost you for a second. Could you say that again?"
    sorry_goodbye: str = "Sorry, something is wrong on my side. Please try again later. Goodbye."


class RecordingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether whoever was called is asked by itself if the call may be recorded, and in which
    words; the first question among these has to be heard whole."""

    mode: Literal["off", "ask"] = "off"
    question: str = (
        "May I record this call, so that it can be listened to again? Please say yes or no."
    )
    agreed: str = "Thank you, the recording is on."
    declined: str = "All right, nothing is recorded."
    stopped: str = "All right, the recording has stopped."
    go_on: str = "Please go on."


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
    """Everything a call is run with."""

    amd: AmdSettings = AmdSettings()
    conversation: ConversationSettings = ConversationSettings()
    speech: SpeechSettings = SpeechSettings()
    recording: RecordingSettings = RecordingSettings()
