"""A line does to sound what its settings say: measured, to a decibel and 20 ms."""

import numpy as np
import pytest

from sandbox.core.audio import FRAME_BYTES, RATE, SILENCE, decode_mulaw, encode_mulaw
from sandbox.core.channel.channel import Channel
from sandbox.core.channel.codec import CodecMissingError, new_codec
from sandbox.core.channel.settings import CodecName, LineSettings
from sandbox.core.channel.sound import VOICE_DB, Samples, level_db, voice_at, voice_level_db
from tests.unit.sandbox.core.channel.test_sound import syllables


def frames(samples: Samples) -> list[bytes]:
    mulaw = encode_mulaw(samples.astype(np.int16))
    return [mulaw[at : at + FRAME_BYTES] for at in range(0, len(mulaw), FRAME_BYTES)]


def samples(mulaw: bytes) -> Samples:
    return decode_mulaw(mulaw).astype(np.float32)


VOICE = voice_at(syllables(4), VOICE_DB)
HEARD = frames(VOICE)


def echo_of(settings: LineSettings) -> Samples:
    """What a silent person's microphone sends while the agent speaks."""
    channel, sent = Channel(settings), b""
    for frame in HEARD:
        sent += channel.says(SILENCE)
        channel.hears(frame)
    return samples(sent)


def test_a_perfect_line_hands_on_the_very_bytes() -> None:
    channel = Channel()
    assert [channel.says(frame) for frame in HEARD] == HEARD
    assert [channel.hears(frame) for frame in HEARD] == HEARD
    assert [channel.arrives(frame) for frame in HEARD] == [[frame] for frame in HEARD]


@pytest.mark.parametrize("echo_db", [-10.0, -25.0, -40.0])
@pytest.mark.parametrize(("delay_ms", "room_ms"), [(50, 0), (200, 0), (400, 0), (200, 300)])
def test_an_echo_comes_back_so_late_and_so_loud(
    echo_db: float, delay_ms: int, room_ms: int
) -> None:
    echo = echo_of(LineSettings(echo_db=echo_db, echo_delay_ms=delay_ms, room_ms=room_ms))
    late = delay_ms * RATE // 1000
    came, gone = echo[late:], VOICE[: VOICE.size - late]
    assert level_db(came) - level_db(gone) == pytest.approx(echo_db, abs=1)
    likeness = np.correlate(echo, VOICE[: VOICE.size // 2], "valid")
    assert int(np.argmax(np.abs(likeness))) / RATE * 1000 == pytest.approx(delay_ms, abs=20)
    assert not echo[: late - FRAME_BYTES].any(), "nothing comes back before"


@pytest.mark.parametrize("below", [5.0, 15.0, 30.0])
def test_noise_babble_and_a_talker_are_so_far_below_the_voice(below: float) -> None:
    others = [syllables(3, hertz, seed) for seed, hertz in enumerate((120.0, 180.0, 230.0))]
    for settings, level in (
        (LineSettings(noise_db=below), level_db),
        (LineSettings(babble_db=below), voice_level_db),
        (LineSettings(talker_db=below), voice_level_db),
    ):
        channel = Channel(settings, others)
        behind = samples(b"".join(channel.says(SILENCE) for _ in range(500)))
        assert VOICE_DB - level(behind) == pytest.approx(below, abs=1), settings
        said = samples(b"".join(channel.says(frame) for frame in HEARD))
        assert level_db(said) >= level_db(VOICE) - 0.5, "the voice is there as well"


def test_so_many_frames_are_lost_and_the_same_ones_each_time() -> None:
    def lost(seed: int) -> list[int]:
        channel = Channel(LineSettings(loss=0.1), seed=seed)
        loud = b"\x20" * FRAME_BYTES
        return [number for number in range(2000) if channel.says(loud) == SILENCE]

    assert len(lost(1)) == pytest.approx(200, abs=50)
    assert lost(1) == lost(1) != lost(2)


def test_jitter_delays_and_keeps_order() -> None:
    channel = Channel(LineSettings(jitter_ms=200))
    sent = [bytes([number]) * FRAME_BYTES for number in range(200)]
    arrived: list[bytes] = []
    late: list[int] = []
    for number, frame in enumerate(sent):
        for came in channel.arrives(frame):
            late.append(number - came[0])
            arrived.append(came)
    assert arrived == sent[: len(arrived)]
    assert len(arrived) >= 200 - 10
    assert min(late) >= 0
    assert 5 <= max(late) <= 10, "up to 200 ms"


@pytest.mark.parametrize("name", ["gsm", "amr"])
def test_a_mobile_network_changes_every_sample_and_keeps_the_voice(name: CodecName) -> None:
    try:
        new_codec(name)
    except CodecMissingError as error:
        pytest.skip(str(error))
    channel = Channel(LineSettings(codec=name))
    out = b"".join(channel.says(frame) for frame in HEARD)
    assert out != b"".join(HEARD)
    assert voice_level_db(samples(out)) == pytest.approx(VOICE_DB, abs=2)
    likeness = np.correlate(samples(out), VOICE[: VOICE.size // 2], "valid")
    assert int(np.argmax(likeness)) / RATE * 1000 <= 20
    assert len(b"".join(channel.hears(frame) for frame in HEARD)) == len(out)


def test_no_codec_is_none() -> None:
    assert new_codec("") is None
