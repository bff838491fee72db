"""Human recordings for tests: they come inside the same package as the recogniser's weights."""

import wave

import numpy as np

from media.audio.mulaw import SAMPLE_RATE, Float32
from media.audio.resample import resample
from media.engines.moonshine_model import REQUIREMENT
from media.engines.weights import package_file


def recording(name: str, start_seconds: float = 0, end_seconds: float | None = None) -> Float32:
    """Part of a 16-bit mono WAV of the package, as float samples at 8 kHz."""
    path = package_file("moonshine_voice", f"assets/{name}", REQUIREMENT)
    with wave.open(str(path)) as file:
        rate = file.getframerate()
        file.setpos(int(start_seconds * rate))
        end = file.getnframes() if end_seconds is None else int(end_seconds * rate)
        pcm = np.frombuffer(file.readframes(end - file.tell()), np.int16)
    return resample((pcm / 32768).astype(np.float32), rate, SAMPLE_RATE)
