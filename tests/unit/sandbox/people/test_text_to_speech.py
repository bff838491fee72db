"""The people's voices."""

import numpy as np

from sandbox.core.audio import Pcm, decode_mulaw, split_lines
from sandbox.people.text_to_speech import TextToSpeech


def pitch_hertz(pcm: Pcm) -> float:
    """The strongest repetition between 80 and 300 Hz."""
    centred = pcm.astype(np.float64) - pcm.mean()
    spectrum = np.fft.rfft(centred, 2 * len(centred))
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[: len(centred)]
    shortest, longest = 8000 // 300, 8000 // 80
    return 8000 / (shortest + int(np.argmax(correlation[shortest:longest])))


async def test_sentences_follow_each_other_as_in_speech() -> None:
    text_to_speech = TextToSpeech()
    try:
        spoken = await text_to_speech.speak("That sounds good. Tell me more about it.", 0.85)
    finally:
        text_to_speech.close()
    pcm = decode_mulaw(spoken)
    assert len(split_lines(pcm)) == 1
    assert np.max(np.abs(pcm)) > 15_000


async def test_a_deeper_speaker_says_the_same_in_about_the_same_time() -> None:
    text_to_speech = TextToSpeech()
    try:
        own = decode_mulaw(await text_to_speech.speak("Tell me more about it.", 1.0))
        deep = decode_mulaw(await text_to_speech.speak("Tell me more about it.", 0.82))
        again = decode_mulaw(await text_to_speech.speak("Tell me more about it.", 0.82))
    finally:
        text_to_speech.close()
    assert 0.75 < len(deep) / len(own) < 1.3
    assert pitch_hertz(deep) < 0.93 * pitch_hertz(own)
    assert np.array_equal(deep, again)
