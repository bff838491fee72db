"""Ears: words alone, names spelled, ten digits and sentences, clean and the first also in babble.

Straight through the recogniser, with no call around: 0.2 s of line before and 0.3 s after, in
mu-law. The cost is the processor time of one reading, beside one without padding and second look.
"""

import asyncio
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from itertools import product

import msgspec
import numpy as np

from media.audio.mulaw import SAMPLE_RATE, Float32, decode_float, encode_float
from media.engines.decoding.grammar import DIGITS
from media.engines.moonshine import Moonshine
from media.engines.moonshine_model import decode, hear, load_model, most_tokens, text_of
from media.engines.threads import Workers
from sandbox.core.channel.sound import FULL_SCALE
from tests.bench.conversation.voices import crowd, has_prompts, prompt, speech
from tests.bench.machine import say
from tests.unit.media.engines.test_hibari_round_trip import SENTENCES, word_errors, words

VOICES = ("heart", "heart-deep", "flite-rms", "festival-slt")
ANSWERS = (
    "yes no stop okay sure maybe never always monday tuesday wednesday thursday friday saturday"
    " sunday hello goodbye thanks right wrong please wait help tomorrow today six nothing"
)
OTHERS = "Bob Anna Marcus tomatoes kitchen bread purple London pizza Jennifer window guitar coffee"
NAMES = (
    "Adams Bishop Carver Dexter Eriksson Franklin Grover Hoffman Irving Jacobs Keller Lambert "
    "Moreno Norris Olsen Porter Ramirez Sanders Turner Ullman Vargas Wagner Young Ziegler Cruz "
    "Pham Rossi Novak Khan Weiss"
)
_BABBLE_DB = 15.0
_NUMBERS = 100

Listen = Callable[[bytes], str]


class Said(msgspec.Struct, frozen=True):
    """What somebody says, and its sound."""

    kind: str
    text: str
    sound: Float32


def report() -> None:
    """Print how many are understood, with N, and what it costs."""
    workers = Workers(threads=1)
    ears, model = Moonshine(workers), load_model()

    def now(sound: bytes) -> str:
        return asyncio.run(ears.recognise(sound))

    def plain(sound: bytes) -> str:
        samples = decode_float(sound)
        heard = hear(model, samples, pad_seconds=0.0)
        limit = most_tokens(samples)
        return text_of(model, decode(model, heard, limit, threading.Event()))

    everything = list(_everything())
    for name, listen in (("plain", plain), ("now", now)):
        for babble in (None, _BABBLE_DB):
            say(f"ears {name} {'clean' if babble is None else f'babble {babble:.0f} dB'}: ")
            _measure(listen, everything, babble)
    workers.close()


def _everything() -> Iterator[Said]:
    for voice in VOICES:
        for word in ANSWERS.split():
            yield Said("answers", word, _samples(speech(f"{word.capitalize()}.", voice)))
        for word in OTHERS.split():
            yield Said("other words", word, _samples(speech(f"{word}.", voice)))
        for sentence in SENTENCES:
            yield Said("sentences", sentence, _samples(speech(sentence, voice)))
    chosen = random.Random(5)
    for number in range(_NUMBERS):
        digits = [chosen.randrange(10) for _ in range(10)]
        voice = (*VOICES, "recorded")[number % 5]
        text = "".join(map(str, digits))
        if voice == "recorded" and has_prompts():
            sound = prompt(*(f"digits/{digit}" for digit in digits), gap_ms=number % 3 * 60)
        else:
            names = [DIGITS[digit] for digit in digits]
            groups = " ".join(names[:3]), " ".join(names[3:6]), " ".join(names[6:])
            sound = speech(f"{', '.join(groups)}.", VOICES[number % 4])
        yield Said("ten digits", text, _samples(sound))
    yield from _spelled()


def _spelled() -> Iterator[Said]:
    """Names by their letters, said with short pauses or as one."""
    voices = (*VOICES, "recorded") if has_prompts() else VOICES
    for number, (name, voice) in enumerate(product(NAMES.split(), voices)):
        if voice == "recorded":
            sound = prompt(*(f"letters/{one}" for one in name.lower()), gap_ms=number % 3 * 60)
        else:
            sound = speech((", ", ". ")[number % 2].join(name.upper()) + ".", voice)
        yield Said(f"names spelled, {voice}", name.lower(), _samples(sound))


def _measure(listen: Listen, everything: list[Said], babble: float | None) -> None:
    seed = np.random.default_rng(3)
    right: dict[str, list[bool]] = {}
    cost: dict[str, list[float]] = {}
    errors = total = 0
    for said in everything:
        if babble is not None and said.kind not in {"answers", "other words"}:
            continue
        sound = encode_float(_on_a_line(said.sound, babble, seed))
        began = time.process_time()
        heard = listen(sound)
        cost.setdefault(said.kind, []).append(time.process_time() - began)
        if said.kind == "sentences":
            errors += word_errors(words(said.text), words(heard))
            total += len(words(said.text))
        else:
            right.setdefault(said.kind, []).append(_is_right(said, heard))
            if said.kind == "ten digits" and not right[said.kind][-1]:
                say(f"    {said.text} was heard as {heard}")
    for kind, results in right.items():
        share = 100 * sum(results) / len(results)
        took = 1000 * float(np.mean(cost[kind]))
        say(f"  {kind}: {sum(results)} of {len(results)} ({share:.0f} %), {took:.0f} ms each")
    if total:
        took = 1000 * float(np.mean(cost["sentences"]))
        say(f"  sentences: {100 * errors / total:.1f} % of {total} words wrong, {took:.0f} ms each")


def _is_right(said: Said, heard: str) -> bool:
    if said.kind == "ten digits":
        names = dict(zip(DIGITS, "01234567890", strict=True))
        found = re.findall(r"[a-z]+|\d", heard.lower())
        return "".join(names.get(word, word) for word in found) == said.text
    if said.kind.startswith("names spelled"):
        return "".join(filter(str.isalpha, heard.lower())) == said.text
    heard = re.sub(r"\b(to|good)-", r"\1", heard.lower()).replace("goodby.", "goodbye")
    return words(heard) == words(said.text) or (words(heard), said.text) == (["6"], "six")


def _samples(mulaw: bytes) -> Float32:
    return decode_float(mulaw)


def _on_a_line(sound: Float32, babble: float | None, seed: np.random.Generator) -> Float32:
    around = np.pad(sound, (SAMPLE_RATE // 5, SAMPLE_RATE * 3 // 10))
    if babble is None:
        return around
    noise = np.zeros(around.size, np.float32)
    for voice in crowd():
        noise += np.resize(np.roll(voice, int(seed.integers(voice.size))), around.size) / FULL_SCALE
    level = np.sqrt(np.mean(np.square(sound)) / np.mean(np.square(noise)))
    mixed: Float32 = (around + noise * level * 10 ** (-babble / 20)).astype(np.float32)
    return mixed
