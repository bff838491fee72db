"""G.711 mu-law, the form the carrier speaks: one byte a sample, 8000 samples a second, mono.

Two tables built at import and looked up with numpy, because `audioop` is gone from Python 3.13.
It knows samples only: nothing of frames on a socket, of other rates or of calls.
"""

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 8000
FRAME_BYTES = 160  # 20 ms, the size Twilio sends on a media stream
SILENCE = 0xFF  # the code of sample 0; a frame of silence is bytes([SILENCE]) * FRAME_BYTES

_BIAS = 33  # of the 14-bit magnitude, so that every segment starts at a power of two
_CLIP = 8158  # the largest 14-bit magnitude that still has a code
_SCALE = 32768.0  # int16 to float in -1..1

Int16 = npt.NDArray[np.int16]
Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]


def _decoding_table() -> Int16:
    """The 16-bit sample of each of the 256 codes (ITU-T G.711, table 2)."""
    code = ~np.arange(256, dtype=np.uint8)
    segment, step = (code >> 4 & 7).astype(np.int32), (code & 15).astype(np.int32)
    magnitude = (((step << 1) + _BIAS) << segment) - _BIAS << 2
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _encoding_table() -> UInt8:
    """The code of each 16-bit sample, indexed by the sample's bits read as unsigned."""
    sample = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(sample) >> 2, _CLIP) + _BIAS
    segment = np.floor(np.log2(magnitude)).astype(np.int32) - 5
    code = segment << 4 | (magnitude >> (segment + 1) & 15)
    table: UInt8 = (code ^ np.where(sample < 0, 0x7F, 0xFF)).astype(np.uint8)
    return table


# Distance of each code from silence, 0 to 127 steps: a loudness that needs no decoding.
_STEPS = bytes(127 - (code & 0x7F) for code in range(256))
MOST_STEPS = 127

_DECODE = _decoding_table()
_DECODE_FLOAT: Float32 = (_DECODE / _SCALE).astype(np.float32)
_ENCODE = _encoding_table()


def decode(mulaw: bytes) -> Int16:
    """Samples of mu-law bytes, as int16."""
    return _DECODE[np.frombuffer(mulaw, np.uint8)]


def decode_float(mulaw: bytes) -> Float32:
    """Samples of mu-law bytes, as float32 from -1 to 1."""
    return _DECODE_FLOAT[np.frombuffer(mulaw, np.uint8)]


def encode(samples: Int16) -> bytes:
    """Mu-law bytes of int16 samples."""
    return _ENCODE[samples.view(np.uint16)].tobytes()


def encode_float(samples: Float32) -> bytes:
    """Mu-law bytes of float samples; what lies outside -1..1 is clipped, never wrapped."""
    return encode(np.clip(np.rint(samples * _SCALE), -32768, 32767).astype(np.int16))


def steps(mulaw: bytes) -> int:
    """How far from silence these samples are, summed up; at most `MOST_STEPS` each."""
    return sum(mulaw.translate(_STEPS))
