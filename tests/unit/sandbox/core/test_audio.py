"""Sound as numbers."""

import io
import wave

import numpy as np
import pytest

from sandbox.core.audio import (
    BadWavError,
    beep,
    decode_mulaw,
    encode_mulaw,
    read_wav,
    rms,
    split_lines,
    write_wav,
)


def tone(milliseconds: int, amplitude: int = 8000) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    t = np.arange(8 * milliseconds) / 8000
    return (amplitude * np.sin(2 * np.pi * 400 * t)).astype(np.int16)


def wav_of(pcm: bytes, channels: int = 1, width: int = 2, hertz: int = 8000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(hertz)
        file.writeframes(pcm)
    return out.getvalue()


@pytest.mark.parametrize(
    ("code", "sample"),
    [(0xFF, 0), (0x7F, 0), (0x80, 32124), (0x00, -32124), (0xF0, 120), (0x70, -120), (0x8F, 16764)],
)
def test_mulaw_codes_mean_what_g711_says(code: int, sample: int) -> None:
    assert decode_mulaw(bytes([code]))[0] == sample


def test_every_mulaw_code_survives_decoding_and_encoding() -> None:
    codes = bytes(code for code in range(256) if code != 0x7F)  # 0x7F is the other zero
    assert encode_mulaw(decode_mulaw(codes)) == codes


def test_encoding_is_never_further_off_than_half_a_step() -> None:
    pcm = np.arange(-32768, 32768, 7, dtype=np.int32).astype(np.int16)
    error = np.abs(decode_mulaw(encode_mulaw(pcm)).astype(np.int32) - pcm)
    inside = np.abs(pcm.astype(np.int32)) <= 32124
    assert np.all(error[inside] <= np.maximum(4, np.abs(pcm[inside].astype(np.int32)) / 16))


def test_loudness_tells_a_beep_from_silence() -> None:
    assert rms(b"\xff" * 160) == 0
    assert 5000 < rms(beep(100)) < 6500
    assert rms(b"") == 0


def test_a_16_khz_wav_becomes_8_khz() -> None:
    assert len(read_wav(wav_of(bytes(32_000), hertz=16_000))) == 8000


@pytest.mark.parametrize(
    ("wav", "reason"),
    [
        (wav_of(bytes(800), channels=2), "2 channels"),
        (wav_of(bytes(800), width=1), "8 bits"),
        (wav_of(bytes(800), hertz=44_100), "44100 Hz"),
        (wav_of(b""), "no sound"),
        (b"RIFF", "not a PCM WAV"),
        (b"", "not a PCM WAV"),
    ],
)
def test_a_wav_we_cannot_play_says_why(wav: bytes, reason: str) -> None:
    with pytest.raises(BadWavError, match=reason):
        read_wav(wav)


def test_a_written_wav_reads_back() -> None:
    mulaw = encode_mulaw(tone(100))
    assert encode_mulaw(read_wav(write_wav(mulaw))) == mulaw


def test_a_recording_is_cut_at_long_silences_only() -> None:
    quiet = np.zeros(8 * 1000, np.int16)
    short = np.zeros(8 * 300, np.int16)
    lines = split_lines(np.concatenate([quiet, tone(500), short, tone(500), quiet, tone(400)]))
    assert [round(len(line) / 8) for line in lines] == [1500, 500]


def test_a_quiet_recording_is_cut_as_well_as_a_loud_one() -> None:
    quiet = np.zeros(8 * 700, np.int16)
    assert len(split_lines(np.concatenate([tone(300, 500), quiet, tone(300, 500)]))) == 2


def test_a_recording_of_nothing_holds_no_speech() -> None:
    with pytest.raises(BadWavError, match="no speech"):
        split_lines(np.zeros(8000, np.int16))
