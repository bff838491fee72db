"""What Anthropic's language model is configured with."""

import msgspec

from media.settings import Secret


class AnthropicSettings(msgspec.Struct, frozen=True):
    """Where Anthropic is, the key, the model, and how long it may be silent (seconds)."""

    api_key: Secret = Secret("")
    base_url: str = "https://api.anthropic.com"
    llm_model: str = "claude-haiku-4-5"
    connect_timeout_seconds: float = 2.0
    read_timeout_seconds: float = 10.0

    @property
    def headers(self) -> dict[str, str]:
        """What proves who we are, and which interface we speak."""
        return {
            "authorization": f"Bearer {self.api_key.reveal()}",
            "anthropic-version": "2026-10-21",
        }
