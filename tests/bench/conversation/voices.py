"""Who speaks in the bench: the offline voice and its resampled kin, recorded prompts, and machines.

Recordings and other voices are the system's packages, read where they lie and never copied; what is
absent is left out, and `missing()` says what to install. All voices come at one level.
"""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hibari import SAMPLE_RATE, Hibari

from sandbox.core.audio import RATE, Pcm, encode_mulaw, read_wav, resample
from sandbox.core.channel.sound import VOICE_DB, Samples, voice_at

PROMPTS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
MUSIC = Path("/usr/share/asterisk/moh")
HIBARI_VOICES = {"heart": 1.0, "heart-deep": 0.85, "heart-deeper": 0.78, "heart-high": 1.12}
FLITE_VOICES = {"flite-slt": "slt", "flite-rms": "rms", "flite-awb": "awb"}
_FESTIVAL, _ESPEAK = "festival-slt", "espeak"
_MORE_FLITE = {"flite-kal": "kal16"}
_MORE_ESPEAK = {
    "espeak-woman": "en-us+f3",
    "espeak-british": "en-gb+m4",
    "espeak-scots": "en-gb-scotland+f2",
}
# other voices of the same programs, for sets of answerers
_PITCHED = {
    "heart-low": ("heart", 0.92),
    "heart-bright": ("heart", 1.06),
    "heart-lower": ("heart", 0.88),
    "heart-brighter": ("heart", 1.09),
    "festival-deep": (_FESTIVAL, 0.87),
    "festival-high": (_FESTIVAL, 1.08),
    "flite-awb-high": ("flite-awb", 1.12),
    "flite-rms-low": ("flite-rms", 0.93),
    "flite-slt-low": ("flite-slt", 0.9),
}
_OTHER_FLITE = {"flite-kal8": "kal"}
_OTHER_ESPEAK = {
    "espeak-received": "en-gb-x-rp+f4",
    "espeak-new-york": "en-us-nyc+m3",
    "espeak-caribbean": "en-029+f2",
    "espeak-young": "en-us+f5",
    "espeak-lancaster": "en-gb-x-gbclan+m2",
}
_FRESH = "heart-low heart-bright flite-kal8 flite-awb-high festival-deep espeak-received espeak-new-york espeak-caribbean"  # noqa: E501
_UNSEEN = "heart-lower flite-rms-low espeak-young heart-brighter festival-high flite-slt-low espeak-lancaster"  # noqa: E501
_PACKAGES = "asterisk-core-sounds-en-wav asterisk-moh-opsound-wav flite festival festvox-us-slt-hts espeak-ng libgsm1 libopencore-amrnb0"  # noqa: E501
_KEPT = Path(tempfile.gettempdir(), "talking-bench-voices")


def missing() -> str:
    """One line on what is not installed, or ""."""
    absent = [
        what
        for what, is_there in (
            ("recorded prompts", PROMPTS.is_dir()),
            ("hold music", MUSIC.is_dir()),
            ("flite", bool(shutil.which("flite"))),
            ("festival", bool(shutil.which("text2wave"))),
            ("espeak", bool(shutil.which("espeak-ng"))),
        )
        if not is_there
    ]
    return f"absent: {', '.join(absent)}; apt-get install -y {_PACKAGES}" if absent else ""


def voices() -> list[str]:
    """The names of the voices that can speak here, the offline one first."""
    found = list(HIBARI_VOICES)
    if shutil.which("flite"):
        found += FLITE_VOICES
    if shutil.which("text2wave"):
        found.append(_FESTIVAL)
    if shutil.which("espeak-ng"):
        found.append(_ESPEAK)
    return found


def more_voices() -> list[str]:
    """Those, and other ones of the same programs."""
    found = voices()
    if shutil.which("flite"):
        found += _MORE_FLITE
    if shutil.which("espeak-ng"):
        found += _MORE_ESPEAK
    return found


def fresh_voices() -> list[str]:
    """None of those, but further ones of the same programs."""
    return [voice for voice in _FRESH.split() if _is_able(voice)]


def unseen_voices() -> list[str]:
    """None of those either."""
    return [voice for voice in _UNSEEN.split() if _is_able(voice)]


def _is_able(voice: str) -> bool:
    commands = {"flite": "flite", "festival": "text2wave", "espeak": "espeak-ng"}
    program = voice.split("-")[0]
    return program not in commands or bool(shutil.which(commands[program]))


def speech(text: str, voice: str = "heart") -> bytes:
    """Mu-law of a text at the telephone's level; made once and kept outside the repository."""
    key = hashlib.sha256(f"{voice}\n{text}".encode()).hexdigest()[:24]
    kept = _KEPT / f"{key}.ul"
    if not kept.is_file():
        _KEPT.mkdir(exist_ok=True)
        kept.write_bytes(mulaw(trimmed(_spoken(text, voice))))
    return kept.read_bytes()


def speech_samples(text: str, voice: str = "heart") -> Samples:
    """The same as samples, before mu-law."""
    return trimmed(_spoken(text, voice))


def prompt(*names: str, gap_ms: int = 0) -> bytes:
    """Recorded prompts one after another (`vm-intro`, `digits/7`), at the telephone's level.

    Raises FileNotFoundError where the package is not installed; ask `has_prompts()` first.
    """
    gap = np.zeros(gap_ms * RATE // 1000, np.float32)
    parts: list[Samples] = []
    for name in names:
        parts += [recording(PROMPTS / f"{name}.wav"), gap]
    return mulaw(np.concatenate(parts[:-1]))


def has_prompts() -> bool:
    """Whether the recorded prompts are installed."""
    return PROMPTS.is_dir()


def has_music() -> bool:
    """Whether hold music is installed."""
    return MUSIC.is_dir()


def music(seconds: float, start_seconds: float = 0.0, piece: int = 0) -> bytes:
    """Hold music, one of the pieces that are installed; raises IndexError without it."""
    sound = recording(sorted(MUSIC.glob("*.wav"))[piece])
    return mulaw(sound[int(start_seconds * RATE) :][: int(seconds * RATE)])


def recording(path: Path) -> Samples:
    """A WAV of the system."""
    return read_wav(path.read_bytes()).astype(np.float32)


def mulaw(samples: Samples) -> bytes:
    """At the telephone's level, in whole frames."""
    levelled = voice_at(samples, VOICE_DB)
    pcm: Pcm = np.clip(np.rint(levelled), -32768, 32767).astype(np.int16)
    sound = encode_mulaw(pcm)
    return sound + b"\xff" * (-len(sound) % 160)


def trimmed(samples: Samples) -> Samples:
    """Without the silence before and after, so that a time said is the voice's."""
    loud = np.flatnonzero(np.abs(samples) > 0.01 * float(np.abs(samples).max(initial=1.0)))
    return samples[loud[0] : loud[-1] + 1] if loud.size else samples


def crowd(count: int = 6) -> Sequence[Samples]:
    """Different voices saying different things, for babble; the first is a second talker."""
    able = voices()
    texts = (
        "And then he told me that the train would be late again, so we walked along the river.",
        "I have never seen so many people in that shop, and everything was sold by the evening.",
        "The weather should be fine on Sunday, but take a coat with you in any case.",
        "My sister called yesterday and asked about the garden and the old car in the yard.",
        "We could move the table over there and put the two green chairs by the window.",
        "They are building a new bridge now, which takes longer than anyone had thought.",
    )
    return [speech_samples(texts[n % 6], able[(n + 1) % len(able)]) for n in range(count)]


def _spoken(text: str, voice: str) -> Samples:
    if voice in _PITCHED:
        other, pitch = _PITCHED[voice]
        return _at_pitch(_spoken(text, other), pitch)
    if voice in HIBARI_VOICES:
        return _hibari_speaks(text, HIBARI_VOICES[voice])
    if flite := (FLITE_VOICES | _MORE_FLITE | _OTHER_FLITE).get(voice):
        return _command(text, "flite", "-voice", flite, "-f", "IN", "-o", "OUT")
    if voice == _FESTIVAL:
        slt = "(voice_cmu_us_slt_arctic_hts)"
        return _command(text, "text2wave", "-F", "16000", "-o", "OUT", "-eval", slt, "IN")
    if voice == _ESPEAK:
        return _command(text, "espeak-ng", "-f", "IN", "-w", "OUT")
    if name := (_MORE_ESPEAK | _OTHER_ESPEAK).get(voice):
        return _command(text, "espeak-ng", "-v", name, "-f", "IN", "-w", "OUT")
    raise ValueError(f"no voice {voice!r}")


def _at_pitch(samples: Samples, pitch: float) -> Samples:
    """Faster and higher, or slower and lower."""
    return resample(samples, RATE * pitch, RATE).astype(np.float32)


@cache
def _hibari() -> Any:
    return Hibari(threads=1)


def _hibari_speaks(text: str, pitch: float) -> Samples:
    parts: list[Samples] = list(_hibari().stream(text, speed=1 / pitch, seed=1))
    return resample(np.concatenate(parts), SAMPLE_RATE * pitch, RATE).astype(np.float32)


def _command(text: str, *command: str) -> Samples:
    """A program that reads text from a file IN and writes a WAV to a file OUT."""
    with tempfile.TemporaryDirectory() as folder:
        names = {"IN": f"{folder}/in.txt", "OUT": f"{folder}/out.wav"}
        Path(names["IN"]).write_text(text)
        subprocess.run([names.get(word, word) for word in command], check=True, capture_output=True)
        return _any_rate(Path(names["OUT"]).read_bytes())


def _any_rate(wav: bytes) -> Samples:
    """Mono 16-bit at whatever rate its header says."""
    rate = int.from_bytes(wav[24:28], "little")
    pcm = np.frombuffer(wav[44 : 44 + (len(wav) - 44) // 2 * 2], "<i2")
    return resample(pcm.astype(np.float32), rate, RATE).astype(np.float32)
