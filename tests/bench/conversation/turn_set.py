"""What callers say to find out when a turn ends: 341 turns of eight kinds, as data.

A turn is the agent's last question, the parts that are said, and the pauses between them in ms. A
part is text for a voice, or `@` and the names of recorded prompts (`asterisk-core-sounds-en-wav` of
Debian, CC-BY-SA 3.0: used where installed, never copied). Every third turn of a kind is held out:
rules are made without looking at it.
"""

import random
from collections.abc import Iterator

import msgspec

from tests.bench.conversation import turn_readings
from tests.bench.conversation import turn_texts as texts

VOICES = ("heart", "heart-deep", "heart-high", "flite-slt")  # of what was not recorded
KINDS = (
    "grouped digits", "single digits", "spelling", "unfinished", "goes on", "long prompt",
    "sentence", "short answer",
)  # fmt: skip


class Said(msgspec.Struct, frozen=True):
    """One turn: all of it is said, whatever anybody takes it for meanwhile."""

    kind: str
    asked: str
    parts: tuple[str, ...]
    pauses_ms: tuple[int, ...]
    voice: str
    held_out: bool


def turns() -> list[Said]:
    """The whole set, always the same."""
    chance = random.Random(12)
    said: list[Said] = []
    for kind, rows, lengths in (
        ("grouped digits", _grouped(), (300, 800)),
        ("single digits", _single(), (250, 600)),
        ("spelling", texts.SPELLINGS, (250, 700)),
        ("unfinished", texts.UNFINISHED, (400, 1300)),
        ("goes on", texts.GOES_ON, (400, 1200)),
        ("long prompt", _prompts(), (0, 0)),
        ("sentence", texts.SENTENCES, (0, 0)),
        ("short answer", texts.SHORT, (0, 0)),
    ):
        for number, (asked, *parts) in enumerate(rows):
            pauses = tuple(chance.randrange(*lengths) for _ in parts[1:])
            voice = VOICES[number % len(VOICES)]
            said.append(Said(kind, asked, tuple(parts), pauses, voice, number % 3 == 2))
    return said


def readings() -> list[Said]:
    """Long things read out or told, in sentences with pauses: a set of its own, all held out."""
    chance = random.Random(14)
    said = [
        Said("reading", "What would you like to tell me?", (f"@{name}",), (), "", held_out=True)
        for name in turn_readings.RECORDED
    ]
    voices = (*VOICES, "festival-slt", "flite-rms")
    for number, (asked, *parts) in enumerate(turn_readings.TEXTS):
        pauses = tuple(chance.randrange(300, 1000) for _ in parts[1:])
        said += [
            Said("reading", asked, tuple(parts), pauses, voice, held_out=True)
            for voice in (voices[number % 6], voices[(number + 3) % 6])
        ]
    return said


def _grouped() -> Iterator[tuple[str, ...]]:
    """Numbers in groups, the first 26 recorded digits."""
    for number, (asked, groups) in enumerate(texts.NUMBERS):
        if number < 26:
            yield (asked, *("@" + " ".join(f"digits/{d}" for d in g) for g in groups.split("-")))
        else:
            yield (asked, *(" ".join(texts.DIGITS[int(d)] for d in g) for g in groups.split("-")))


def _single() -> Iterator[tuple[str, ...]]:
    """Digits one by one, then answers that are one number."""
    for asked, digits in texts.ONE_BY_ONE:
        yield (asked, *(f"@digits/{digit}" for digit in digits))
    yield from texts.ONE_NUMBER


def _prompts() -> Iterator[tuple[str, ...]]:
    for name in texts.PROMPTS:
        yield ("What would you like to tell me?", f"@{name}")
