"""When others would end a turn: a silence timer, the rules before these, Smart Turn as pipecat.

Each is played on the pauses that the product's own detector finds, so that only the decision
differs. Of pipecat 1.14: the model is asked after 200 ms without speech, what it calls complete is
a turn at once, and 3 s of silence are one in any case.
"""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias

import msgspec

from media.audio.mulaw import FRAME_BYTES
from media.engines import guard
from media.engines.base import SpeechDetector, SpeechToText, TurnEndModel, text_of
from media.events import SpeechPaused
from media.listening import Listening
from media.settings import SpeechSettings

_FINISHED = re.compile(r"[.!?][\"')\]]*$")
_RECOGNISED_MS, _JUDGED_MS = 380.0, 250.0  # asked at 300 and 200 ms, and answered


class Pause(msgspec.Struct, frozen=True):
    """Silence from `began` on; `sound` is of the turn until it was noticed, and what is said next
    was noticed at `ended`, if anything was."""

    began: float
    ended: float | None
    sound: bytes


Policy: TypeAlias = Callable[[Pause], Awaitable[float]]  # how many ms of it make a turn


def pauses(mulaw: bytes, detector: SpeechDetector, pause_ms: int) -> list[Pause]:
    """The silences of so many ms at least after speech."""
    ears = Listening(detector, SpeechSettings(pause_ms=pause_ms))
    found: list[Pause] = []
    for at in range(0, len(mulaw) - FRAME_BYTES + 1, FRAME_BYTES):
        now = (at + FRAME_BYTES) / 8000
        for fact in ears.push(mulaw[at : at + FRAME_BYTES], now):
            if isinstance(fact, SpeechPaused):
                found.append(Pause(fact.ended_at, None, ears.sound(fact.utterance)))
            elif found:
                found[-1] = msgspec.structs.replace(found[-1], ended=now)
    return found


async def ends(found: list[Pause], policy: Policy) -> float | None:
    """When the first turn is taken; None if never."""
    for pause in found:
        at = pause.began + await policy(pause) / 1000
        if pause.ended is None or at < pause.ended:
            return at
    return None


async def silence(milliseconds: float, _pause: Pause) -> float:
    """A timer."""
    return milliseconds


async def former_rules(speech_to_text: SpeechToText, pause: Pause) -> float:
    """700 ms after a text that ends with a mark and has two words, 1,200 after any other."""
    text = text_of(await guard.recognised(speech_to_text, pause.sound))
    is_finished = bool(_FINISHED.search(text.strip())) and len(text.split()) > 1
    return max(_RECOGNISED_MS, 700 if is_finished else 1200)


async def as_pipecat(model: TurnEndModel, pause: Pause) -> float:
    """The model's verdict."""
    probability = await model.complete(pause.sound)
    return _JUDGED_MS if probability is not None and probability > 0.5 else 3000.0


def policies(
    speech_to_text: SpeechToText, model: TurnEndModel | None
) -> dict[str, tuple[int, Policy]]:
    """Each policy with the pause after which it is asked."""
    made: dict[str, tuple[int, Policy]] = {
        "silence of 700 ms": (200, partial(silence, 700)),
        "rules before (700 and 1,200 ms)": (300, partial(former_rules, speech_to_text)),
    }
    if model is not None:
        made["Smart Turn as pipecat uses it"] = (200, partial(as_pipecat, model))
    return made
