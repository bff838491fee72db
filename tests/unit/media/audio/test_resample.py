"""Resampling: what is kept, what must not fold back, and where in time things end up."""

import numpy as np
import pytest

from media.audio.mulaw import Float32
from media.audio.resample import resample


def tone(hz: float, rate: int, seconds: float = 1.0) -> Float32:
    return np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate).astype(np.float32)


def level_db(samples: Float32) -> float:
    middle = samples[len(samples) // 10 : -len(samples) // 10]
    return float(10 * np.log10(2 * np.mean(middle**2) + 1e-20))


@pytest.mark.parametrize("hz", [100, 300, 1000, 3000, 3400])
@pytest.mark.parametrize(("from_hz", "to_hz"), [(24000, 8000), (8000, 16000), (48000, 8000)])
def test_a_tone_of_the_telephone_band_passes_unchanged(hz: int, from_hz: int, to_hz: int) -> None:
    there = resample(tone(hz, from_hz), from_hz, to_hz)
    assert np.abs(there - tone(hz, to_hz))[400:-400].max() < 0.01


@pytest.mark.parametrize("hz", [4600, 6000, 11000])
def test_a_tone_above_the_telephone_band_is_gone_not_folded(hz: int) -> None:
    assert level_db(resample(tone(hz, 24000), 24000, 8000)) < -80


def test_a_click_stays_where_it_was() -> None:
    click = np.zeros(24000, np.float32)
    click[12000] = 1
    assert resample(click, 24000, 8000).argmax() == 4000


@pytest.mark.parametrize("length", [0, 1, 159, 160, 24000])
def test_twice_the_rate_is_twice_the_samples(length: int) -> None:
    assert resample(np.zeros(length, np.float32), 8000, 16000).size == 2 * length
