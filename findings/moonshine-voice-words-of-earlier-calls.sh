#!/usr/bin/env bash
# moonshine-voice 0.0.73: transcribe_without_streaming gives different words for the same samples.
#
# Each call of Transcriber.transcribe_without_streaming takes whole audio and should depend on it
# alone. By default the speech detector keeps its state from one call to the next, so that the same
# samples give other words, or none at all, the second time; a Transcriber that is new gives the
# first words again. With the option vad_threshold "0.0", which leaves the detector out, all calls
# give the same words. The input is generated: six vowel-like sounds of a second and a half.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "moonshine-voice==0.0.73" "numpy==2.4.6" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
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


def words(transcriber: Transcriber, samples: list[float]) -> str:
    lines = transcriber.transcribe_without_streaming(samples, RATE).lines
    return " | ".join(line.text.strip() for line in lines)


def heard(options: dict[str, str], samples: list[float]) -> list[str]:
    transcriber = Transcriber(str(get_model_path("tiny-en")), ModelArch.TINY, options=options)
    return [words(transcriber, samples) for _ in range(3)]


differ = 0
for seed in range(6):
    samples = vowels(seed)
    by_default, again, without = heard({}, samples), heard({}, samples), heard({"vad_threshold": "0.0"}, samples)
    assert by_default[0] == again[0], "a new Transcriber does not repeat itself either"
    assert len(set(without)) == 1, without
    if len(set(by_default)) > 1:
        differ += 1
        print(f"sound {seed}: by default {by_default}, with vad_threshold 0.0 {without}")
assert differ, "the same samples gave the same words each time: the behaviour has changed"
print(f"{differ} of 6 generated sounds gave different words on a later call")
PYTHON
