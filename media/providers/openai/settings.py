"""What ears, voice and Realtime of OpenAI's protocol are configured with."""

import msgspec

from media.settings import Secret


class OpenAISettings(msgspec.Struct, frozen=True):
    """Where the endpoint is, its key (may be empty for a local one), and its models' names."""

    api_key: Secret = Secret("")
    base_url: str = "https://api.openai.com/v1"
    voice: str = "marin"
    tts_model: str = "gpt-4o-mini-tts"
    stt_model: str = "gpt-transcribe"
    connect_timeout_seconds: float = 2.0
    read_timeout_seconds: float = 10.0
    realtime_model: str = "gpt-realtime-2.1"
    realtime_first_seconds: float = 2.0
    realtime_session_seconds: float = 3600.0
