"""What AssemblyAI's ears are configured with."""

import msgspec

from media.settings import Secret


class AssemblyAISettings(msgspec.Struct, frozen=True):
    """Where AssemblyAI is, the key, and the model by its name there."""

    api_key: Secret = Secret("")
    base_url: str = "https://streaming.assemblyai.com"
    stt_model: str = "universal-streaming-english"
    stt_multilingual_model: str = "universal-streaming-multilingual"

    @property
    def headers(self) -> dict[str, str]:
        """What proves who we are; the key stands alone."""
        return {"authorization": self.api_key.reveal(), "AssemblyAI-Version": "2025-05-12"}
