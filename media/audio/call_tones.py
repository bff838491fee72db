"""Tones that tell who or what picked up: a mailbox's beep, fax, ringback, busy, intercept; music.

Every 20 ms the last 40 ms are looked at: a tone is what has nearly all of its energy around one or
two frequencies, and it counts from 120 ms on. What is quiet is not looked at. It knows nothing of
calls, clocks and of what a tone means for them.
"""

from typing import Literal, TypeAlias

import msgspec
import numpy as np

from media.audio import cadence
from media.audio.cadence import Low
from media.audio.mulaw import FRAME_BYTES, SAMPLE_RATE, Float32, decode_float, steps
from media.audio.music import MusicDetector

FRAME_MS = 20
LEAST_MS = 120
TOLD_AFTER_MS = 500  # a fax or a network's tone is told then, though it goes on

ToneKind: TypeAlias = Literal["beep", "fax", "ringback", "busy", "intercept", "music"]

_QUIET_STEPS = 5 * FRAME_BYTES  # about -52 dBFS
_HERTZ_PER_BIN = SAMPLE_RATE / (2 * FRAME_BYTES)
_LOWEST, _HIGHEST = (round(hz / _HERTZ_PER_BIN) for hz in (395, 2200))
_LOBE = 2  # bins to each side that a pure tone fills in this window
_CLOSE_PAIR = 20  # up to this bin a peak may be two frequencies, and then wanders by two bins
_PURE = 0.92
_MISSES = 2  # windows that one lost frame spoils
_WINDOW: Float32 = np.hanning(2 * FRAME_BYTES).astype(np.float32)
_FINE = 8192  # points of the spectrum in which two close frequencies are told apart
_NEAR_HZ = 12.0
_FAX_HZ = ((1100.0, 39.0), (2100.0, 16.0))  # calling and called, ITU-T T.30, what may be off, 1 Hz
_PAIRS: dict[ToneKind, tuple[tuple[float, float], ...]] = {
    "ringback": ((440.0, 480.0), (400.0, 450.0)),
    "busy": ((480.0, 620.0),),
}
# ITU-T E.180: three tones in a row, each of two frequencies in use
_INTERCEPT_HZ = ((890.0, 1010.0), (1345.0, 1455.0), (1740.0, 1855.0))


class Tone(msgspec.Struct, frozen=True):
    """A tone of this length and strongest frequency; its last sound was `ended_ms` ago, 0 while it
    goes on."""

    kind: ToneKind
    hz: int
    ms: int
    ended_ms: int = 0


class _Run:
    """Frames of one tone so far."""

    __slots__ = ("bin", "frames", "told")

    def __init__(self, strongest: int, frames: list[Float32]) -> None:
        self.bin = strongest
        self.frames = frames
        self.told = False

    @property
    def ms(self) -> int:
        return len(self.frames) * FRAME_MS


class ToneDetector:
    """Listens to one call; about 3 us a frame of silence and 30 us of sound."""

    def __init__(self) -> None:
        self._rest = b""
        self._last: Float32 | None = None
        self._runs: list[_Run] = []  # those that followed each other without a pause
        self._misses = 0
        self._frames = 0
        self._low: Low | None = None
        self._music = MusicDetector()

    def push(self, mulaw: bytes) -> Tone | None:
        """Take sound of any length; the latest tone that it ended or made certain, if any."""
        data = self._rest + mulaw
        whole = len(data) - len(data) % FRAME_BYTES
        self._rest = data[whole:]
        found = None
        for at in range(0, whole, FRAME_BYTES):
            frame = data[at : at + FRAME_BYTES]
            is_quiet = steps(frame) < _QUIET_STEPS
            found = self._frame(frame, is_quiet=is_quiet) or found
            is_tone = bool(self._runs) and not self._misses
            music_ms = self._music.push(frame, is_quiet=is_quiet, is_tone=is_tone)
            if music_ms is not None:
                found = found or Tone("music", 0, music_ms)
        return found

    def _frame(self, mulaw: bytes, *, is_quiet: bool) -> Tone | None:
        self._frames += 1
        if is_quiet:
            self._last = None
            return self._missed()
        frame, before = decode_float(mulaw), self._last
        self._last = frame
        if before is None:
            return self._missed()
        strongest = _strongest(np.concatenate((before, frame)))
        if strongest is None:
            return self._missed()
        self._misses = 0
        run = self._runs[-1] if self._runs else None
        if run is None or abs(run.bin - strongest) > 1 + (strongest <= _CLOSE_PAIR):
            self._runs.append(_Run(strongest, [before, frame]))
            return None
        run.frames.append(frame)
        if run.told or run.ms < TOLD_AFTER_MS or len(self._tones()) > 1:
            return None
        run.told = True
        kind, hz = _kind(run)
        return None if kind == "beep" else Tone(kind, hz, run.ms)

    def _tones(self) -> list[_Run]:
        return [run for run in self._runs if run.ms >= LEAST_MS]

    def _missed(self) -> Tone | None:
        if not self._runs:
            return None
        self._misses += 1
        if self._misses <= _MISSES:
            return None
        tones = self._tones()
        self._runs = []
        ended_ms = self._misses * FRAME_MS
        self._misses = 0
        if len(tones) == len(_INTERCEPT_HZ):
            heard = [_peaks(run.frames)[0] for run in tones]
            if all(low <= hz <= high for hz, (low, high) in zip(heard, _INTERCEPT_HZ, strict=True)):
                return Tone("intercept", round(heard[0]), sum(run.ms for run in tones), ended_ms)
        if len(tones) != 1:  # a melody, or nothing
            return None
        kind, hz = _kind(tones[0])
        if kind == "beep":
            kind = self._by_rhythm(hz, tones[0].ms, ended_ms)
        elif tones[0].told:
            return None
        return Tone(kind, hz, tones[0].ms, ended_ms)

    def _by_rhythm(self, hz: int, ms: int, ended_ms: int) -> ToneKind:
        last = self._low
        self._low = cadence.after(last, hz, ms, self._frames * FRAME_MS - ended_ms)
        return "beep" if self._low is None else cadence.meaning(last, self._low) or "beep"


def _strongest(window: Float32) -> int | None:
    """The bin that holds a tone's strongest frequency, None when this is no tone."""
    power = np.square(np.abs(np.fft.rfft((window - window.mean()) * _WINDOW)))
    strongest = int(power.argmax())
    if not _LOWEST <= strongest <= _HIGHEST:
        return None
    total = float(power[2:].sum())
    lobe = _LOBE + (strongest <= _CLOSE_PAIR)
    low = strongest - lobe
    pure = float(power[low : strongest + lobe + 1].sum())
    if pure >= _PURE * total or _is_clipped(power, strongest, pure, total):
        return strongest
    power[low : strongest + lobe + 1] = 0.0
    second = int(power.argmax())
    if second < _LOWEST or max(second, strongest) * _HERTZ_PER_BIN > 700:  # of a network's pairs
        return None
    pure += float(power[second - _LOBE : second + _LOBE + 1].sum())
    return min(strongest, second) if pure >= _PURE * total else None


def _is_clipped(power: Float32, strongest: int, pure: float, total: float) -> bool:
    """Whether it is a beep too loud for its line, which has the third harmonic beside it."""
    if strongest <= _CLOSE_PAIR or pure < 0.8 * total:
        return False
    third = 3 * strongest
    clipped = float(power[third - _LOBE - 1 : third + _LOBE + 2].sum())
    return pure + clipped >= _PURE * total


def _kind(run: _Run) -> tuple[ToneKind, int]:
    peaks = _peaks(run.frames)
    hz = round(peaks[0])
    if len(peaks) > 1:
        low, high = sorted(peaks[:2])
        for kind, pairs in _PAIRS.items():
            if any(abs(low - a) < _NEAR_HZ and abs(high - b) < _NEAR_HZ for a, b in pairs):
                return kind, hz
    if run.ms >= 400 and any(abs(peaks[0] - at) <= off for at, off in _FAX_HZ):
        return "fax", hz
    return "beep", hz


def _peaks(frames: list[Float32]) -> list[float]:
    """Frequencies of this sound, strongest first: those with a tenth of the strongest one's power,
    of close ones the strongest."""
    sound = np.concatenate(frames)[-SAMPLE_RATE // 2 :]
    power = np.square(np.abs(np.fft.rfft(sound * np.hanning(sound.size), _FINE)))
    lobe = max(2, round(2.0 * _FINE / sound.size))
    found: list[float] = []
    loudest = float(power.max())
    while len(found) < 3:
        at = int(power.argmax())
        if float(power[at]) < loudest / 10:
            break
        found.append(at * SAMPLE_RATE / _FINE)
        power[max(0, at - lobe) : at + lobe + 1] = 0.0
    return found
