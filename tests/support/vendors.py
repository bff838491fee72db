"""The sandbox's stand-ins of speech and language services on a port of loopback, in this process.

Behind them is a language of tones, a tone a word, so that what is said is heard exactly and costs
nothing. Whoever uses them may do so in virtual time.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import numpy as np
from hypercorn.asyncio import serve
from hypercorn.config import Config
from quart import Quart, request

from media.settings import Secret
from sandbox.core.audio import FRAME_BYTES, RATE, decode_mulaw, encode_mulaw, rms
from sandbox.core.faults import Faults, VendorFault
from sandbox.providers.routes import provider_blueprints
from sandbox.providers.speech import Speech

KEY = Secret("a-key")
_WORD_MS, _GAP_MS = 240, 60
_FIRST_HERTZ, _STEP_HERTZ, _MOST_WORDS = 400, 40, 80
_LOUD = 1000.0  # of 32,767
_SHORTEST_FRAMES = 3  # of a word that was cut
_FINE = 8192  # points, about 1 Hz apart


class ToneWords(Speech):
    """Says a tone of its own for each word, and knows words again whatever became of their sound.

    Each utterance takes `seconds` on the clock of the loop.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self._words: list[str] = []

    async def spoken(self, text: str) -> bytes:
        """About as long as speech."""
        await asyncio.sleep(self._seconds)
        return self.sound(text)

    async def understood(self, mulaw: bytes) -> str:
        """The words in it."""
        await asyncio.sleep(self._seconds)
        return self.words(mulaw)

    def sound(self, text: str) -> bytes:
        """The same at once."""
        return b"".join(self._word(word) for word in text.split())

    def words(self, mulaw: bytes) -> str:
        """The same at once."""
        frames = [mulaw[at : at + FRAME_BYTES] for at in range(0, len(mulaw), FRAME_BYTES)]
        loud = [len(frame) == FRAME_BYTES and rms(frame) > _LOUD for frame in frames]
        found, begun = [], 0
        for at, is_loud in enumerate([*loud, False]):
            if not is_loud:
                if at - begun >= _SHORTEST_FRAMES:
                    found.append(self._named(b"".join(frames[begun:at])))
                begun = at + 1
        return " ".join(word for word in found if word)

    def _word(self, word: str) -> bytes:
        if word not in self._words:
            self._words.append(word)
            assert len(self._words) <= _MOST_WORDS, "there are no more tones"
        hertz = _FIRST_HERTZ + _STEP_HERTZ * self._words.index(word)
        times = np.arange(RATE * _WORD_MS // 1000) / RATE
        burst = encode_mulaw((10_000 * np.sin(2 * np.pi * hertz * times)).astype(np.int16))
        return burst + b"\xff" * (RATE * _GAP_MS // 1000)

    def _named(self, burst: bytes) -> str:
        samples = decode_mulaw(burst).astype(float)
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), _FINE))
        hertz = float(spectrum.argmax()) * RATE / _FINE
        index = round((hertz - _FIRST_HERTZ) / _STEP_HERTZ)
        is_word = abs(hertz - _FIRST_HERTZ - index * _STEP_HERTZ) < _STEP_HERTZ / 3
        return self._words[index] if is_word and 0 <= index < len(self._words) else ""


class Vendors:
    """Where they are, and what is wrong with them; says and hears as they do."""

    def __init__(self, origin: str, speech: ToneWords) -> None:
        self.origin = origin
        self.speech = speech
        self.faults = Faults()
        self.think_seconds = 0.0

    def at(self, vendor: str) -> str:
        """A vendor's base address."""
        return f"{self.origin}/providers/{vendor}"

    def fail(self, vendor: str, fault: VendorFault | None) -> None:
        """From now on, this vendor and no other."""
        self.fail_all({} if fault is None else {vendor: fault})

    def fail_all(self, faults: dict[str, VendorFault]) -> None:
        """From now on, these and no others."""
        self.faults = msgspec.structs.replace(self.faults, providers=faults)


class Sections:
    """The settings of some vendors, where a configuration has those of all."""

    def __init__(self, **settings: object) -> None:
        for name, section in settings.items():
            setattr(self, name, section)


@asynccontextmanager
async def running_vendors(
    speech: ToneWords, struck: Counter[str] | None = None
) -> AsyncIterator[Vendors]:
    """All of them, with no faults; `struck` counts those that were met, by vendor and kind."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]  # and closes it
    config.graceful_timeout = 0.1
    config.errorlog = None
    there = Vendors(f"http://127.0.0.1:{port}", speech)
    app, stop = Quart(__name__), asyncio.Event()
    for blueprint in provider_blueprints(speech, lambda: there.faults, struck):
        app.register_blueprint(blueprint)

    @app.before_request
    async def think() -> None:
        if request.path.endswith(("/messages", "/completions")):
            await asyncio.sleep(there.think_seconds)

    async with asyncio.TaskGroup() as group:
        group.create_task(serve(app, config, shutdown_trigger=stop.wait))
        yield there
        stop.set()
