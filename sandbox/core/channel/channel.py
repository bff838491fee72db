"""One line, 20 ms at a time: what the person's end makes of both directions' sound.

It is fed what they hear and answers what is sent of what they say. A perfect line hands on the
very bytes it was given. Knows no sockets, no scripts and no clock: a frame is the only time.
"""

import random
from collections import deque
from collections.abc import Sequence

import numpy as np

from sandbox.core.audio import FRAME_BYTES, FRAME_MS, RATE, SILENCE, decode_mulaw, encode_mulaw
from sandbox.core.channel.codec import Codec, new_codec
from sandbox.core.channel.settings import PERFECT, LineSettings
from sandbox.core.channel.sound import (
    VOICE_DB,
    Samples,
    babble,
    echo_response,
    noise,
    voice_at,
)

_LOOP_SECONDS = 20  # of a background that goes on for as long as the call
_QUIET = np.zeros(FRAME_BYTES, np.float32)


class Channel:
    """Both directions of one person's line."""

    def __init__(
        self,
        settings: LineSettings = PERFECT,
        voices: Sequence[Samples] = (),
        voice_db: float = VOICE_DB,
        seed: int = 1,
    ) -> None:
        """`voices` are others' speech, the first the second talker's, all of them the crowd's;
        `voice_db` is how loud the person speaks. Raises CodecMissingError."""
        self.settings = settings
        self._rng = random.Random(seed)  # noqa: S311 # repeatable, not secret
        self._echo = _Echo(settings, seed) if settings.echo_db is not None else None
        self._background = _background(settings, voices, voice_db, seed)
        self._at = 0
        self._up: Codec | None = new_codec(settings.codec)
        self._down: Codec | None = new_codec(settings.codec)
        self._is_clean_up = self._echo is None and self._background is None and self._up is None
        self._late: deque[tuple[float, bytes]] = deque()
        self._now_ms = 0.0

    def hears(self, mulaw: bytes) -> bytes:
        """The next frame for the person, as it sounds in their ear; comes back as echo."""
        heard = _through(self._down, mulaw)
        if self._echo is not None:
            self._echo.push(heard)
        return heard

    def says(self, mulaw: bytes) -> bytes:
        """The next frame of their voice, as the line carries it to the far end."""
        if not self._is_clean_up:
            mulaw = self._microphone(mulaw)
        lost = self.settings.loss and self._rng.random() < self.settings.loss
        return SILENCE if lost else mulaw

    def arrives(self, mulaw: bytes) -> list[bytes]:
        """The frames that reach the far end during the 20 ms in which this one was sent."""
        jitter = self.settings.jitter_ms
        if not jitter:
            return [mulaw]
        due = self._now_ms + self._rng.uniform(0, jitter)
        self._late.append((max(due, self._late[-1][0]) if self._late else due, mulaw))
        self._now_ms += FRAME_MS
        arrived = []
        while self._late and self._late[0][0] < self._now_ms:
            arrived.append(self._late.popleft()[1])
        return arrived

    def _microphone(self, mulaw: bytes) -> bytes:
        samples = decode_mulaw(mulaw).astype(np.float32)
        if self._echo is not None:
            samples = samples + self._echo.next()
        if self._background is not None:
            samples = samples + self._background[self._at : self._at + FRAME_BYTES]
            self._at = (self._at + FRAME_BYTES) % self._background.size
        pcm = np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
        return encode_mulaw(self._up.pass_through(pcm) if self._up else pcm)


class _Echo:
    """The ear's sound on its way to the microphone: delayed, quieter and with the room in it."""

    def __init__(self, settings: LineSettings, seed: int) -> None:
        self._response = echo_response(settings.echo_db or 0.0, settings.room_ms, seed)
        delay = settings.echo_delay_ms * RATE // 1000
        # What `push` adds is first heard by the next `next`, which is 20 ms on its way already.
        self._coming = np.zeros(delay + self._response.size + FRAME_BYTES, np.float32)
        self._delay = delay - FRAME_BYTES

    def push(self, mulaw: bytes) -> None:
        sound = decode_mulaw(mulaw).astype(np.float32)
        if sound.any():
            echo = np.convolve(sound, self._response)
            self._coming[self._delay : self._delay + echo.size] += echo

    def next(self) -> Samples:
        frame: Samples = self._coming[:FRAME_BYTES].copy()
        self._coming = np.concatenate((self._coming[FRAME_BYTES:], _QUIET))
        return frame


def _through(codec: Codec | None, mulaw: bytes) -> bytes:
    if codec is None:
        return mulaw
    return encode_mulaw(codec.pass_through(decode_mulaw(mulaw)))


def _background(
    settings: LineSettings, voices: Sequence[Samples], voice_db: float, seed: int
) -> Samples | None:
    count = _LOOP_SECONDS * RATE
    parts: list[Samples] = []
    if settings.noise_db is not None:
        parts.append(noise(count, voice_db - settings.noise_db, seed))
    if settings.babble_db is not None:
        parts.append(babble(voices, count, voice_db - settings.babble_db, seed))
    if settings.talker_db is not None:
        talker = voice_at(voices[0], voice_db - settings.talker_db)
        parts.append(np.resize(talker, count))
    return np.sum(parts, axis=0, dtype=np.float32) if parts else None
