"""Every vendor's routes, with one pair of ears and one voice behind them."""

from collections.abc import Callable

from quart import Blueprint

from sandbox.core.faults import Faults
from sandbox.providers.anthropic import anthropic_blueprint
from sandbox.providers.assemblyai import assemblyai_blueprint
from sandbox.providers.cartesia import cartesia_blueprint
from sandbox.providers.deepgram import deepgram_blueprint
from sandbox.providers.elevenlabs import elevenlabs_blueprint
from sandbox.providers.faults import VendorFaults
from sandbox.providers.openai import openai_blueprint
from sandbox.providers.speech import Speech


def provider_blueprints(speech: Speech, faults: Callable[[], Faults]) -> list[Blueprint]:
    """Under `/providers/NAME`, the address a vendor's `base_url` is set to."""
    return [
        deepgram_blueprint(speech, VendorFaults("deepgram", faults)),
        elevenlabs_blueprint(speech, VendorFaults("elevenlabs", faults)),
        cartesia_blueprint(speech, VendorFaults("cartesia", faults)),
        assemblyai_blueprint(speech, VendorFaults("assemblyai", faults)),
        openai_blueprint(speech, VendorFaults("openai", faults)),
        anthropic_blueprint(VendorFaults("anthropic", faults)),
    ]
