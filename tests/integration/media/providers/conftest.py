"""The sandbox's stand-ins of every vendor, on a port of loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator
from itertools import groupby

import msgspec
import numpy as np
import pytest
from hypercorn.asyncio import serve
from hypercorn.config import Config
from quart import Quart

from media.settings import Secret
from sandbox.core.audio import RATE, decode_mulaw, encode_mulaw
from sandbox.core.faults import Faults, VendorFault
from sandbox.providers.routes import provider_blueprints
from sandbox.providers.speech import Speech

KEY = Secret("a-key")
_WINDOW = 400  # 50 ms
_LOUD = 1000  # of 32,767
_NEAR_HERTZ = 60


class Vendors:
    """Where they are, and what is wrong with them; says and hears as they do."""

    def __init__(self, origin: str, speech: Speech) -> None:
        self.origin = origin
        self.speech = speech
        self.faults = Faults()

    def at(self, vendor: str) -> str:
        """A vendor's base address."""
        return f"{self.origin}/providers/{vendor}"

    def fail(self, vendor: str, fault: VendorFault | None) -> None:
        """From now on."""
        providers = {} if fault is None else {vendor: fault}
        self.faults = msgspec.structs.replace(self.faults, providers=providers)


class Sections:
    """The settings of one vendor, where a configuration has those of all."""

    def __init__(self, name: str, settings: object) -> None:
        setattr(self, name, settings)


class Tones(Speech):
    """Says a tone of its own for each text, and knows them again whatever became of their sound."""

    def __init__(self) -> None:
        self._hertz: dict[str, int] = {}

    async def spoken(self, text: str) -> bytes:
        """Half a second of it."""
        if not text:
            return b""
        hertz = self._hertz.setdefault(text, 400 + 200 * len(self._hertz))
        times = np.arange(RATE // 2) / RATE
        return encode_mulaw((10_000 * np.sin(2 * np.pi * hertz * times)).astype(np.int16))

    async def understood(self, mulaw: bytes) -> str:
        """The texts whose tones are in it, in their order."""
        samples = decode_mulaw(mulaw)
        windows = samples[: len(samples) // _WINDOW * _WINDOW].reshape(-1, _WINDOW).astype(float)
        peaks = np.abs(np.fft.rfft(windows)).argmax(axis=1) * RATE / _WINDOW
        loud = np.abs(windows).max(axis=1) > _LOUD
        texts = [
            text
            for peak in peaks[loud]
            for text, hertz in self._hertz.items()
            if abs(peak - hertz) < _NEAR_HERTZ
        ]
        return " ".join(text for text, _ in groupby(texts))


@pytest.fixture
async def vendors() -> AsyncIterator[Vendors]:
    """All of them, with no faults."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]  # and closes it
    config.graceful_timeout = 0.1
    config.errorlog = None
    there = Vendors(f"http://127.0.0.1:{port}", Tones())
    app, stop = Quart(__name__), asyncio.Event()
    for blueprint in provider_blueprints(there.speech, lambda: there.faults):
        app.register_blueprint(blueprint)
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(app, config, shutdown_trigger=stop.wait))
        yield there
        stop.set()
