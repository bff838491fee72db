"""G.711 mu-law: known vectors, and what must hold for every code and every sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.audio import mulaw

EVERY_CODE = bytes(range(256))
EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)


@pytest.mark.parametrize(
    ("code", "sample"),
    [
        (0x00, -32124),
        (0x0F, -16764),
        (0x10, -15996),
        (0x3F, -1980),
        (0x7E, -8),
        (0x7F, 0),
        (0x80, 32124),
        (0x8F, 16764),
        (0xF0, 120),
        (0xFE, 8),
        (0xFF, 0),
    ],
)
def test_codes_decode_to_the_samples_of_the_standard(code: int, sample: int) -> None:
    assert mulaw.decode(bytes([code])).tolist() == [sample]


@pytest.mark.parametrize(
    ("sample", "code"),
    [(0, 0xFF), (-1, 0x7F), (8, 0xFE), (1000, 0xCE), (-1000, 0x4E), (32767, 0x80), (-32768, 0x00)],
)
def test_samples_encode_to_the_codes_of_the_standard(sample: int, code: int) -> None:
    assert mulaw.encode(np.array([sample], np.int16)) == bytes([code])


def test_every_code_survives_decoding_and_encoding_except_the_second_zero() -> None:
    assert mulaw.encode(mulaw.decode(EVERY_CODE)) == EVERY_CODE.replace(b"\x7f", b"\xff")


def test_no_sample_is_further_off_than_half_the_step_of_its_segment() -> None:
    decoded = mulaw.decode(mulaw.encode(EVERY_SAMPLE)).astype(np.int32)
    error = np.abs(decoded - EVERY_SAMPLE)
    half_a_step = (np.abs(decoded) + 132) / 33  # 4 in the quietest segment, doubling with each
    beyond_range = np.abs(EVERY_SAMPLE.astype(np.int32)) > 32635
    assert ((error <= half_a_step) | beyond_range).all()


def test_louder_samples_never_get_quieter_codes() -> None:
    decoded = mulaw.decode(mulaw.encode(EVERY_SAMPLE)).astype(np.int32)
    assert (np.diff(decoded) >= 0).all()


def test_silence_is_a_frame_of_zero_samples() -> None:
    frame = bytes([mulaw.SILENCE]) * mulaw.FRAME_BYTES
    assert not mulaw.decode(frame).any()
    assert len(frame) / mulaw.SAMPLE_RATE == 0.020


def test_floats_are_the_same_samples_scaled_to_one() -> None:
    assert np.array_equal(mulaw.decode_float(EVERY_CODE) * 32768, mulaw.decode(EVERY_CODE))


@given(st.lists(st.floats(-4, 4, width=32), max_size=50))
def test_floats_outside_one_are_clipped_and_keep_their_sign(values: list[float]) -> None:
    samples = np.array(values, np.float32)
    decoded = mulaw.decode_float(mulaw.encode_float(samples))
    assert (np.abs(decoded - np.clip(samples, -1, 1)) < 0.025).all()
