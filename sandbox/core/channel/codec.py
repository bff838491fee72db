"""The speech codecs of mobile networks, a 20 ms frame at a time: GSM full rate and AMR.

They are the C libraries that sox uses, where the system has them (Debian: libgsm1 and
libopencore-amrnb0); nothing is compiled and nothing fetched.
"""

import ctypes
import ctypes.util
import weakref
from typing import Protocol

import numpy as np

from sandbox.core.audio import Pcm
from sandbox.core.channel.settings import CodecName

_LIBRARIES = {"gsm": ("gsm", "libgsm1"), "amr": ("opencore-amrnb", "libopencore-amrnb0")}
_FRAME_SAMPLES = 160
_GSM_BYTES, _AMR_BYTES = 33, 64
_AMR_12_2 = 7  # the mode's number: 12.2 kbit/s, the usual one


class CodecMissingError(Exception):
    """The system has no such codec; the message says what to install."""


class Codec(Protocol):
    """One direction of one call."""

    def pass_through(self, pcm: Pcm) -> Pcm:
        """What 160 samples sound like at the other end."""


def new_codec(name: CodecName) -> Codec | None:
    """The codec, or None for no codec at all. Raises CodecMissingError."""
    if not name:
        return None
    return _Gsm(_library(name)) if name == "gsm" else _Amr(_library(name))


def _library(name: str) -> ctypes.CDLL:
    stem, package = _LIBRARIES[name]
    path = ctypes.util.find_library(stem)
    if path is None:
        raise CodecMissingError(f"no {name} codec here: apt-get install {package}")
    return ctypes.CDLL(path)


class _Gsm:
    def __init__(self, library: ctypes.CDLL) -> None:
        self._encode, self._decode = library.gsm_encode, library.gsm_decode
        library.gsm_create.restype = ctypes.c_void_p
        self._states = [ctypes.c_void_p(library.gsm_create()) for _ in range(2)]
        for state in self._states:
            weakref.finalize(self, library.gsm_destroy, state)

    def pass_through(self, pcm: Pcm) -> Pcm:
        coded = ctypes.create_string_buffer(_GSM_BYTES)
        sound, out = np.ascontiguousarray(pcm, np.int16), np.zeros(_FRAME_SAMPLES, np.int16)
        self._encode(self._states[0], _pointer(sound), coded)
        self._decode(self._states[1], coded, _pointer(out))
        return out


class _Amr:
    def __init__(self, library: ctypes.CDLL) -> None:
        self._encode = library.Encoder_Interface_Encode
        self._decode = library.Decoder_Interface_Decode
        library.Encoder_Interface_init.restype = ctypes.c_void_p
        library.Decoder_Interface_init.restype = ctypes.c_void_p
        self._encoder = ctypes.c_void_p(library.Encoder_Interface_init(0))
        self._decoder = ctypes.c_void_p(library.Decoder_Interface_init())
        weakref.finalize(self, library.Encoder_Interface_exit, self._encoder)
        weakref.finalize(self, library.Decoder_Interface_exit, self._decoder)

    def pass_through(self, pcm: Pcm) -> Pcm:
        coded = ctypes.create_string_buffer(_AMR_BYTES)
        sound, out = np.ascontiguousarray(pcm, np.int16), np.zeros(_FRAME_SAMPLES, np.int16)
        self._encode(self._encoder, _AMR_12_2, _pointer(sound), coded, 0)
        self._decode(self._decoder, coded, _pointer(out), 0)
        return out


def _pointer(samples: Pcm) -> ctypes.c_void_p:
    return samples.ctypes.data_as(ctypes.c_void_p)
