"""What Deepgram's ears and voice are configured with."""

import msgspec

from media.settings import Secret


class DeepgramSettings(msgspec.Struct, frozen=True):
    """Where Deepgram is, the project's key, and the models by their names there."""

    api_key: Secret = Secret("")
    base_url: str = "https://api.deepgram.com"
    stt_model: str = "nova-3"
    tts_model: str = "aura-2-thalia-en"

    @property
    def headers(self) -> dict[str, str]:
        """What proves who we are."""
        return {"authorization": f"Token {self.api_key.reveal()}"}
