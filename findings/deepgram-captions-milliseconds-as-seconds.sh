#!/usr/bin/env bash
# deepgram-captions 2.0.0: captions of an AssemblyAI transcript run a thousand times too slowly.
#
# AssemblyAI tells the start and the end of a word in milliseconds, Deepgram in seconds. The package
# has a converter for each, and its README hands AssemblyAI's answer as it comes to the first. That
# one renames the keys and leaves the numbers, which are then taken for seconds: what was said after
# a quarter of a second is shown after four minutes, and the clock begins anew every 86.4 seconds, as
# hours beyond 23 are left out. Nothing is raised, and the captions are valid WebVTT and SRT.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "deepgram-captions==2.0.0" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
from deepgram_captions import AssemblyAIConverter, DeepgramConverter, srt, webvtt

WORDS = (("Hello", 250, 650), ("there.", 730, 1022))
LATE = (("Goodbye.", 90_000, 90_400),)


def cue(words: tuple[tuple[str, int, int], ...], captions=webvtt) -> list[str]:
    """The times of the captions for what AssemblyAI answers."""
    answer = {
        "words": [
            {"text": text, "start": start, "end": end, "confidence": 0.9, "speaker": None}
            for text, start, end in words
        ]
    }
    return [line for line in captions(AssemblyAIConverter(answer)).splitlines() if "-->" in line]


alternative = {
    "transcript": "Hello there.",
    "words": [{"word": text, "start": a / 1000, "end": b / 1000} for text, a, b in WORDS],
}
answer = {"results": {"channels": [{"alternatives": [alternative]}]}}
[right] = [line for line in webvtt(DeepgramConverter(answer)).splitlines() if "-->" in line]
assert right == "00:00:00.250 --> 00:00:01.022", "Deepgram's own are told otherwise"

seen = [cue(WORDS), cue(WORDS, srt), cue(LATE)]
print(f"0.250 s to 1.022 s, from Deepgram's answer: {right}")
print(f"the same from AssemblyAI's: {seen[0][0]} (WebVTT), {seen[1][0]} (SRT)")
print(f"90 s to 90.4 s from AssemblyAI's: {seen[2][0]}")
if seen != [
    ["00:04:10.000 --> 00:17:02.000"],
    ["00:04:10,000 --> 00:17:02,000"],
    ["01:00:00.000 --> 01:06:40.000"],
]:
    raise SystemExit("the times are told otherwise: the behaviour has changed")
PYTHON
