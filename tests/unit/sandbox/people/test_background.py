"""A person's line knows how loud they speak."""

import base64

import msgspec
import numpy as np
import pytest

from sandbox.core.audio import SILENCE, decode_mulaw, encode_mulaw, write_wav
from sandbox.core.channel.settings import LineSettings
from sandbox.core.channel.sound import VOICE_DB, Samples, level_db, voice_at, voice_level_db
from sandbox.people.background import open_channel
from sandbox.people.person import PersonSpec, read_person
from sandbox.people.text_to_speech import TextToSpeech
from tests.unit.sandbox.core.channel.test_sound import syllables

NUMBER = "+12025550155"


def written(sound: Samples) -> str:
    return base64.b64encode(write_wav(encode_mulaw(sound.astype(np.int16)))).decode()


@pytest.mark.parametrize("voice_db", [-15.0, -32.0])
async def test_noise_is_below_this_persons_own_voice(voice_db: float) -> None:
    """Whose lines are a recording, so that nothing has to be spoken."""
    spec = PersonSpec(name="x", number=NUMBER, wav=written(voice_at(syllables(3), voice_db)))
    channel = await open_channel(LineSettings(noise_db=12), read_person(spec), TextToSpeech(), 1)
    behind = b"".join(channel.says(SILENCE) for _ in range(200))
    level = level_db(decode_mulaw(behind).astype(np.float32))
    assert level == pytest.approx(voice_db - 12, abs=1)


async def test_somebody_who_says_nothing_has_a_usual_voice() -> None:
    spec = msgspec.convert({"name": "x", "number": NUMBER}, PersonSpec)
    channel = await open_channel(LineSettings(noise_db=12), read_person(spec), TextToSpeech(), 1)
    behind = b"".join(channel.says(SILENCE) for _ in range(200))
    level = voice_level_db(decode_mulaw(behind).astype(np.float32))
    assert level == pytest.approx(VOICE_DB - 12, abs=1)
