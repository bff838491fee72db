"""What ElevenLabs' voice is configured with."""

import msgspec

from media.settings import Secret


class ElevenLabsSettings(msgspec.Struct, frozen=True):
    """Where ElevenLabs is, the workspace's key, and voice and model by their names there."""

    api_key: Secret = Secret("")
    base_url: str = "https://api.elevenlabs.io"
    voice: str = "21m00Tcm4TlvDq8ikWAM"
    tts_model: str = "eleven_flash_v2_5"

    @property
    def headers(self) -> dict[str, str]:
        """What proves who we are."""
        return {"xi-api-key": self.api_key.reveal()}
