#!/usr/bin/env bash
# wavefile 11.0.0 (npm): a mu-law file of an odd number of samples ends in the loudest one there is.
#
# A chunk of a WAV file that has an odd size is followed by a zero octet that its size leaves out. The
# package reads the size rightly and takes the zero for one sample more. In mu-law a zero is the most
# negative sample of all, -32124 of 32768, so silence ends in a click; in A-law it is -5504, and in
# unsigned 8-bit samples the lowest. PyAV 18.1.0 (FFmpeg) writes such files, and libsndfile, by
# soundfile 0.14.0, reads them as long as they are. Files with an even number are the same for both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "av==18.1.0" "soundfile==0.14.0" "numpy==2.4.6" 2>/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" "wavefile@11.0.0"
cat > "$folder/read.cjs" <<'JAVASCRIPT'
const { readFileSync } = require("fs");
const { WaveFile } = require("wavefile");
const wave = new WaveFile(readFileSync(process.argv[2]));
const size = wave.data.chunkSize;
if (wave.bitDepth === "8m") wave.fromMuLaw();
if (wave.bitDepth === "8a") wave.fromALaw();
console.log(JSON.stringify([size, Array.from(wave.getSamples())]));
JAVASCRIPT
FOLDER="$folder" "$folder/venv/bin/python" - <<'PYTHON'
import json
import os
import subprocess

import av
import numpy as np
import soundfile

FOLDER = os.environ["FOLDER"]


def written(codec: str, silence: np.ndarray) -> str:
    path = f"{FOLDER}/{codec}-{silence.shape[1]}.wav"
    kind = "u8" if silence.dtype == np.uint8 else "s16"
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(silence, format=kind, layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


ZERO, MIDDLE = np.zeros((1, 801), np.int16), np.full((1, 801), 128, np.uint8)
for codec, silence, zero in (
    ("pcm_mulaw", ZERO, -32124),
    ("pcm_alaw", ZERO, -5504),
    ("pcm_u8", MIDDLE, 0),
):
    for count in (800, 801):
        path = written(codec, silence[:, :count])
        theirs = len(soundfile.read(path, dtype="int16")[0])
        read = subprocess.check_output(["node", f"{FOLDER}/read.cjs", path])
        size, samples = json.loads(read)
        print(f"{codec}, {count}: size {size}, libsndfile {theirs}, wavefile {len(samples)}, "
              f"its last three {samples[-3:]}")
        assert size == theirs == count and len(set(samples[:count])) == 1, "others have changed"
        if samples[count:] != [zero] * (count % 2):
            raise SystemExit("another end is read: the behaviour has changed")
PYTHON
