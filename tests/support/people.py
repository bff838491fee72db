"""People who pick up in tests: somebody new for one call, and recordings nobody made for us.

Knows the sandbox's `POST /people` and nothing of the product.
"""

import base64
import io
import itertools
import re
import wave
from difflib import SequenceMatcher
from typing import Any

import numpy as np
import soxr

from media.engines.moonshine_model import REQUIREMENT
from media.engines.weights import package_file

_numbers = itertools.count(200)


def new_number() -> str:
    """A number of its own for somebody; none of the sandbox's own people has it."""
    return f"+1212555{next(_numbers):04d}"


def says(text: str) -> dict[str, Any]:
    return {"say": text}


def waits(**patience: int) -> dict[str, Any]:
    return {"wait_for_agent": True, **patience}


def after(milliseconds: int) -> dict[str, Any]:
    return {"after_ms": milliseconds}


HANGS_UP: dict[str, Any] = {"hang_up": True}


def human(*steps: dict[str, Any], verdict_ms: int = 1500, **fields: Any) -> dict[str, Any]:
    """Somebody with these steps who rings briefly and is soon known to be human."""
    verdict = {"answered_by": "human", "after_ms": verdict_ms}
    person = {
        "name": "somebody",
        "number": new_number(),
        "rings_seconds": 0.3,
        "amd": {"enable": verdict, "detect_message_end": verdict},
        **fields,
    }
    return {**person, "steps": list(steps)} if steps else person


def brief(lines: int = 1) -> dict[str, Any]:
    """Somebody who says hello, a line or more, and goodbye: a whole conversation, quickly."""
    said = [says("Yes, I would like to talk about that."), waits(quiet_ms=700)] * lines
    return human(
        after(300), says("Hello?"), waits(quiet_ms=700), *said,
        says("Thank you, that is all. Goodbye!"), waits(patience_ms=6000), HANGS_UP,
    )  # fmt: skip


def patient(milliseconds: int = 120_000) -> dict[str, Any]:
    """Somebody who says hello and then only listens."""
    return human(after(300), says("Hello?"), after(milliseconds), HANGS_UP)


def recording(name: str, hertz: int, start: float = 0.0, end: float | None = None) -> str:
    """A recording that came with a library, cut (seconds), as base64 WAV (16-bit mono)."""
    path = package_file("moonshine_voice", f"assets/{name}", REQUIREMENT)
    with wave.open(str(path)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        raw = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    mono = raw.reshape(-1, channels)[:, 0]
    chosen = mono[int(rate * start) : None if end is None else int(rate * end)]
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(hertz)
        file.writeframes(soxr.resample(chosen, rate, hertz).astype("<i2").tobytes())
    return base64.b64encode(out.getvalue()).decode()


def words(text: str) -> list[str]:
    """The words of a text as they sound: lower case, without punctuation."""
    return re.findall(r"[a-z0-9']+", text.lower().replace("’", "'"))


def share_heard(expected: str, heard: str) -> float:
    """How much of `expected` (0 to 1, in words and in order) is in `heard`."""
    wanted = words(expected)
    matcher = SequenceMatcher(None, wanted, words(heard), autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / len(wanted)
