#!/usr/bin/env bash
# moonshine-voice 0.0.73: transcribe_without_streaming gives different words for the same samples.
#
# Each call of Transcriber.transcribe_without_streaming takes whole audio and should depend on it
# alone. By default the speech detector keeps its state from one call to the next: after three
# seconds of a recording that comes with the package, the same generated sound (six vowel-like
# sounds in a second and a half) is given other words the first time than the second, and the
# recording itself other lines. With the option vad_threshold "0.0", which leaves the detector out,
# all calls give the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "moonshine-voice==0.0.73" "numpy==2.4.6" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import wave

import numpy as np
from moonshine_voice import ModelArch, Transcriber
from moonshine_voice.utils import get_model_path

RATE = 16_000


def vowels(seed: int) -> list[float]:
    chance, parts = np.random.default_rng(seed), []
    for _ in range(6):
        size = int(RATE * chance.uniform(0.15, 0.35))
        times, pitch = np.arange(size) / RATE, 110 + 20 * chance.standard_normal()
        first, second = chance.uniform(300, 800), chance.uniform(900, 2200)
        sound = np.zeros(size)
        for hertz in pitch * np.arange(1, 30):
            formants = ((first, 80), (second, 120), (2500, 160))
            level = sum(1 / (1 + ((hertz - at) / width) ** 2) for at, width in formants)
            sound += level * np.sin(2 * np.pi * hertz * times)
        sound *= np.hanning(size)
        parts += [0.4 * sound / np.abs(sound).max(), np.zeros(int(RATE * chance.uniform(0.02, 0.12)))]
    return np.concatenate(parts).astype(np.float32).tolist()


def recording() -> list[float]:
    with wave.open(str(get_model_path("tiny-en").with_name("beckett.wav"))) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        raw = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    mono = raw.reshape(-1, channels)[:, 0].astype(np.float32) / 32768
    picked = np.arange(0, len(mono), rate / RATE).astype(int)
    return mono[picked[picked < len(mono)]][: 3 * RATE].tolist()


def heard(options: dict[str, str], *sounds: list[float]) -> list[str]:
    transcriber = Transcriber(str(get_model_path("tiny-en")), ModelArch.TINY, options=options)
    results = [transcriber.transcribe_without_streaming(sound, RATE) for sound in sounds]
    return [" | ".join(line.text.strip() for line in result.lines) for result in results]


speech, generated = recording(), vowels(0)
for options in ({}, {"vad_threshold": "0.0"}):
    _, first, second = heard(options, speech, generated, generated)
    one, two = heard(options, speech, speech)
    print(f"options {options}: {first!r}, then {second!r}; the recording {one!r}, then {two!r}")
    if options:
        assert (first, one) == (second, two), "the option does not help any more"
    else:
        assert first != second, "the same samples gave the same words: the behaviour has changed"
PYTHON
