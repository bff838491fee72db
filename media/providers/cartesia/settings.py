"""What Cartesia's voice is configured with."""

import msgspec

from media.settings import Secret

_VERSION = "2026-08-14"  # of its interface, as cartesia 4.2.0 asks for


class CartesiaSettings(msgspec.Struct, frozen=True):
    """Where Cartesia is, the key, and voice and models by their names there."""

    api_key: Secret = Secret("")
    base_url: str = "https://api.cartesia.ai"
    voice: str = "f786b574-daa5-4673-aa0c-cbe3e8534c02"
    tts_model: str = "sonic-3"

    @property
    def headers(self) -> dict[str, str]:
        """What proves who we are, and which interface we speak."""
        return {"authorization": f"Bearer {self.api_key.reveal()}", "cartesia-version": _VERSION}
