"""Sound as numbers: mu-law, WAV files, tones and splitting a recording into lines.

Telephone sound is 8 kHz mono mu-law, 160 bytes to a 20 ms frame; everything else is 16-bit PCM.
Knows no calls and no people. The mu-law tables follow ITU-T G.711.
"""

import io
import wave

import numpy as np
import numpy.typing as npt
import soxr

RATE = 8000
FRAME_BYTES = 160
FRAME_MS = 20
SILENCE = b"\xff" * FRAME_BYTES

Pcm = npt.NDArray[np.int16]

_BIAS, _CLIP = 132, 32635
_MIN_GAP_MS, _PADDING_FRAMES = 600, 5


class BadWavError(ValueError):
    """Not a recording we can play; the message says why and may be shown."""


def _decode_table() -> Pcm:
    code = ~np.arange(256) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + _BIAS) << ((code & 0x70) >> 4)) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


_DECODED = _decode_table()


def decode_mulaw(mulaw: bytes) -> Pcm:
    """Mu-law bytes to as many 16-bit samples."""
    return _DECODED[np.frombuffer(mulaw, np.uint8)]


def encode_mulaw(pcm: Pcm) -> bytes:
    """16-bit samples to as many mu-law bytes."""
    wide = pcm.astype(np.int32)
    magnitude = np.minimum(np.abs(wide), _CLIP) + _BIAS
    exponent = np.log2(magnitude).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(wide < 0, 0x80, 0)
    return bytes((~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8))


def rms(mulaw: bytes) -> float:
    """Loudness of some mu-law on the 16-bit scale (0 to 32767)."""
    if not mulaw.strip(b"\xff"):
        return 0.0  # what most frames are
    samples = decode_mulaw(mulaw).astype(np.float32)
    return float(np.sqrt(np.mean(samples * samples)))


def beep(milliseconds: int, hertz: float = 1000.0) -> bytes:
    """A voicemail's tone as mu-law."""
    t = np.arange(RATE * milliseconds // 1000) / RATE
    return encode_mulaw((8000 * np.sin(2 * np.pi * hertz * t)).astype(np.int16))


def resample(samples: npt.NDArray[np.float32], from_hertz: float, to_hertz: float) -> Pcm:
    """Floats in -1 to 1 to 16-bit samples at another rate, peak brought to a telephone level."""
    out = soxr.resample(samples, from_hertz, to_hertz, "HQ")
    peak = float(np.max(np.abs(out))) if out.size else 0.0
    scaled: Pcm = (out * (20000.0 / peak if peak else 0.0)).astype(np.int16)
    return scaled


def read_wav(data: bytes) -> Pcm:
    """An 8 or 16 kHz mono 16-bit PCM WAV to samples at 8 kHz. Raises BadWavError."""
    try:
        with wave.open(io.BytesIO(data), "rb") as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise BadWavError(f"not a PCM WAV file: {error}") from error
    channels, width, hertz = shape
    if channels != 1 or width != 2 or hertz not in (8000, 16000):
        raise BadWavError(
            "the WAV must be mono, 16-bit PCM, at 8000 or 16000 Hz; "
            f"this one has {channels} channels, {8 * width} bits, {hertz} Hz"
        )
    pcm = np.frombuffer(raw[: len(raw) // 2 * 2], "<i2").astype(np.int16)
    if not pcm.size:
        raise BadWavError("the WAV holds no sound")
    return pcm if hertz == RATE else soxr.resample(pcm, hertz, RATE, "HQ").astype(np.int16)


def write_wav(mulaw: bytes) -> bytes:
    """Mu-law as an 8 kHz 16-bit mono WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(decode_mulaw(mulaw).astype("<i2").tobytes())
    return out.getvalue()


def split_lines(pcm: Pcm) -> list[Pcm]:
    """Cut a recording where it is silent for 600 ms or more; 100 ms of margin stay on each side.

    Loud is relative to the recording, so a quiet one is cut as well as a noisy one.
    Raises BadWavError when nothing in it is loud enough to be speech.
    """
    samples_per_frame = RATE * FRAME_MS // 1000
    count = len(pcm) // samples_per_frame
    frames = pcm[: count * samples_per_frame].reshape(count, samples_per_frame).astype(np.float32)
    loudness = np.sqrt(np.mean(frames * frames, axis=1))
    usual = float(np.percentile(loudness, 95)) if count else 0.0
    loud = np.flatnonzero(loudness > max(80.0, 0.08 * usual))
    if not loud.size:
        raise BadWavError("the WAV holds no speech")
    breaks = np.flatnonzero(np.diff(loud) > _MIN_GAP_MS // FRAME_MS)
    starts = loud[np.concatenate(([0], breaks + 1))]
    ends = loud[np.concatenate((breaks, [loud.size - 1]))] + 1
    return [
        pcm[
            max(0, start - _PADDING_FRAMES) * samples_per_frame : (end + _PADDING_FRAMES)
            * samples_per_frame
        ]
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
