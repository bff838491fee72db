"""Every vendor's routes, with one pair of ears and one voice behind them."""

from collections import Counter
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
from sandbox.providers.realtime.routes import realtime_blueprint
from sandbox.providers.speech import Speech


def provider_blueprints(
    speech: Speech, faults: Callable[[], Faults], struck: Counter[str] | None = None
) -> list[Blueprint]:
    """Under `/providers/NAME`, the address a vendor's `base_url` is set to.

    `struck` counts faults that were done, as "NAME kind".
    """
    return [
        deepgram_blueprint(speech, VendorFaults("deepgram", faults, struck)),
        elevenlabs_blueprint(speech, VendorFaults("elevenlabs", faults, struck)),
        cartesia_blueprint(speech, VendorFaults("cartesia", faults, struck)),
        assemblyai_blueprint(speech, VendorFaults("assemblyai", faults, struck)),
        openai_blueprint(speech, VendorFaults("openai", faults, struck)),
        realtime_blueprint(
            speech, VendorFaults("realtime", faults, struck), lambda: faults().realtime
        ),
        anthropic_blueprint(VendorFaults("anthropic", faults, struck)),
    ]
