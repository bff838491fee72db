"""A person's line made ready: how loud they speak, and who else is heard behind them.

The others speak with the offline voice, as the people do. Knows no calls.
"""

import numpy as np

from sandbox.core.audio import decode_mulaw
from sandbox.core.channel.channel import Channel
from sandbox.core.channel.settings import LineSettings
from sandbox.core.channel.sound import VOICE_DB, Samples, voice_level_db
from sandbox.people.person import Person, Play, Say
from sandbox.people.text_to_speech import TextToSpeech

_OTHERS = (
    (0.82, "And now the weather. It stays dry in the north today, with some sun in the afternoon. "
           "In the south there will be showers, and the wind gets stronger towards the evening."),
    (1.08, "I told him that the train would be late again, so we walked along the river and had "
           "something to eat on the way."),
    (0.92, "We could move the table over there and put the two green chairs by the window."),
    (1.2, "My sister called yesterday and asked about the garden and the old car in the yard."),
    (0.74, "They are building a new bridge now, which takes longer than anyone had thought."),
)  # fmt: skip


async def open_channel(
    settings: LineSettings, person: Person, text_to_speech: TextToSpeech, seed: int
) -> Channel:
    """The line that this person talks on. Raises CodecMissingError."""
    others: list[Samples] = []
    if settings.needs_voices:
        spoken = [await text_to_speech.speak(text, pitch) for pitch, text in _OTHERS]
        others = [_samples(mulaw) for mulaw in spoken]
    said = b""
    if settings.needs_level:
        said = await _said(person, text_to_speech)
    return Channel(settings, others, voice_level_db(_samples(said)) if said else VOICE_DB, seed)


async def _said(person: Person, text_to_speech: TextToSpeech) -> bytes:
    """All that they say in their script."""
    said = b""
    for step in person.script:
        match step:
            case Say(text):
                said += await text_to_speech.speak(text, person.spec.pitch)
            case Play(mulaw):
                said += mulaw
            case _:
                pass
    return said


def _samples(mulaw: bytes) -> Samples:
    return decode_mulaw(mulaw).astype(np.float32)
