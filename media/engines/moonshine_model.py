"""The Moonshine tiny English model: weights, token table and decoding with onnxruntime.

The weights are plain files inside the `moonshine-voice` package, whose own code is never imported.
Everything here blocks, so it runs on worker threads; it knows nothing of calls or mu-law.
"""

import threading
from operator import itemgetter
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from media.audio.mulaw import SAMPLE_RATE, Float32
from media.audio.resample import resample
from media.engines.base import EngineError
from media.engines.decoding.grammar import Graph
from media.engines.decoding.repetition import repeats
from media.engines.weights import open_session, package_file

REQUIREMENT = "moonshine-voice==0.0.73"  # later releases carry no weights

_MODEL_RATE = 16_000
_START_TOKEN, _END_TOKEN = 1, 2
_HEADS, _HEAD_SIZE = 8, 36
_TOKENS_PER_SECOND = 6.5  # faster than anyone speaks; past it the decoder is repeating itself
_SPARE_TOKENS = 8
_PAD_SECONDS = 0.25  # of silence on each side: the model was trained on words that stand free
_PAD_OF_LONG_SECONDS = 0.1  # 6 of 340 words in sentences are wrong; 11 without, 16 with more
_SHORT_SECONDS = 1.8
_BEAM = 6
_SHORTEST_SEGMENT_SECONDS = 0.5  # shorter ones are padded with silence

Feeds = dict[str, ort.OrtValue]


class Model(msgspec.Struct, frozen=True):
    """Sessions and tables, loaded once and shared by all worker threads."""

    encoder: ort.InferenceSession
    decoder: ort.InferenceSession
    tokens: tuple[bytes, ...]
    self_cache: tuple[str, ...]  # decoder inputs that grow by one token a step
    cross_cache: tuple[str, ...]  # decoder inputs computed from the sound at the first step


def load_model() -> Model:
    """Open the sessions and read the tokens. Takes about 0.2 s; EngineError without weights."""
    names = ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin")
    encoder, decoder, tokens = (_weights(name) for name in names)
    decoder_session = open_session(decoder)
    cache = [i.name for i in decoder_session.get_inputs() if i.name.startswith("past_key_values")]
    return Model(
        encoder=open_session(encoder),
        decoder=decoder_session,
        tokens=read_tokens(tokens.read_bytes()),
        self_cache=tuple(name for name in cache if ".decoder." in name),
        cross_cache=tuple(name for name in cache if ".encoder." in name),
    )


def _weights(name: str) -> Path:
    return package_file("moonshine_voice", f"assets/tiny-en/{name}", REQUIREMENT)


def read_tokens(table: bytes) -> tuple[bytes, ...]:
    """Tokens of a `tokenizer.bin`: in order of id, each a length and that many UTF-8 bytes.

    A length under 128 is one byte; a longer one is two, low seven bits first.
    """
    tokens: list[bytes] = []
    at = 0
    while at < len(table):
        length = table[at]
        at += 1
        if length >= 128:
            length += (table[at] - 1) * 128
            at += 1
        if at + length > len(table):
            raise EngineError("the tokeniser file is cut short")
        tokens.append(table[at : at + length])
        at += length
    return tuple(tokens)


class Decoded(msgspec.Struct, frozen=True):
    """Tokens without the last, and the logarithm of their probability."""

    tokens: tuple[int, ...]
    score: float
    repeats: bool = False


def hear(model: Model, samples: Float32, pad_seconds: float | None = None) -> Feeds:
    """Encode one 8 kHz segment with silence around it: what `decode` and `choose` go by."""
    if pad_seconds is None:
        is_short = samples.size < _SHORT_SECONDS * SAMPLE_RATE
        pad_seconds = _PAD_SECONDS if is_short else _PAD_OF_LONG_SECONDS
    pad = int(pad_seconds * SAMPLE_RATE)
    shortfall = int(_SHORTEST_SEGMENT_SECONDS * SAMPLE_RATE) - samples.size
    padded = np.pad(samples, (pad, pad + max(0, shortfall)))
    return _encode(model, resample(padded, SAMPLE_RATE, _MODEL_RATE))


def most_tokens(samples: Float32) -> int:
    """More than anybody says in so much sound."""
    return int(_TOKENS_PER_SECOND * samples.size / SAMPLE_RATE) + _SPARE_TOKENS


def decode(model: Model, heard: Feeds, limit: int, abandoned: threading.Event) -> Decoded:
    """The likeliest token after each; stops early when it repeats itself or is `abandoned`."""
    feeds, said, score = dict(heard), [_START_TOKEN], 0.0
    outputs = ["logits", *map(_present, model.self_cache + model.cross_cache)]
    while len(said) <= limit and not abandoned.is_set():
        feeds["input_ids"] = _value(np.array([said[-1:]], np.int64))
        logits, *cache = model.decoder.run_with_ort_values(outputs, feeds, None)
        chances = logits.numpy()[0, -1]
        token = int(chances.argmax())
        score += float(_log_softmax(chances)[token])
        if token == _END_TOKEN:
            break
        said.append(token)
        if repeats(said):
            return Decoded(tuple(said[1:]), score, repeats=True)
        # After the first step the sound's keys and values are known and only the words' grow.
        feeds.update(zip(model.self_cache + model.cross_cache, cache, strict=False))
        feeds["use_cache_branch"] = _value(np.array([True]))
        outputs = ["logits", *map(_present, model.self_cache)]
    return Decoded(tuple(said[1:]), score, repeats=len(said) > limit)


def choose(
    model: Model,
    heard: Feeds,
    grammar: Graph,
    limit: int,
    abandoned: threading.Event,
    *,
    by_length: float = 0.0,
    width: int = _BEAM,
) -> Decoded | None:
    """The likeliest of what the grammar allows, by a beam; None when nothing came to its end.

    Scores are divided by the length to this power: 1 is the mean of each token, where a long one
    must not lose to its own beginning, and less where it must not go on for ever either.
    """
    beam: list[tuple[float, list[int], Graph]] = [(0.0, [_START_TOKEN], grammar)]
    best: Decoded | None = None
    feeds = dict(heard)
    outputs = ["logits", *map(_present, model.self_cache + model.cross_cache)]
    names = model.self_cache + model.cross_cache
    for step in range(limit):
        if abandoned.is_set():
            break
        feeds["input_ids"] = _value(np.array([said[-1:] for _, said, _ in beam], np.int64))
        logits, *cache = model.decoder.run_with_ort_values(outputs, feeds, None)
        chances = _log_softmax(logits.numpy()[:, -1])
        further: list[tuple[float, int, list[int], Graph]] = []
        for row, (score, said, node) in enumerate(beam):
            if node.ends:
                ended = score + node.weight + float(chances[row, _END_TOKEN])
                ended /= len(said) ** by_length
                if best is None or ended > best.score:
                    best = Decoded(tuple(said[1:]), ended)
            further += [
                (score + float(chances[row, token]), row, [*said, token], after)
                for token, after in node.following.items()
            ]
        further = sorted(further, key=itemgetter(0), reverse=True)[:width]
        if not further or (best and not by_length and further[0][0] < best.score):
            break
        rows = np.array([row for _, row, _, _ in further])
        feeds.update(
            (name, _value(value.numpy()[rows])) for name, value in zip(names, cache, strict=False)
        )
        if step == 0 or rows.size != len(beam):
            _repeat_sound(model, feeds, heard, rows.size, with_cache=step > 0)
        feeds["use_cache_branch"] = _value(np.array([True]))
        outputs = ["logits", *map(_present, model.self_cache)]
        names = model.self_cache
        beam = [(score, said, node) for score, _, said, node in further]
    return best


def _repeat_sound(model: Model, feeds: Feeds, heard: Feeds, rows: int, *, with_cache: bool) -> None:
    """The sound once for each row of the beam."""
    names = ["encoder_hidden_states", "encoder_attention_mask"]
    for name in names:
        feeds[name] = _value(np.repeat(heard[name].numpy(), rows, axis=0))
    if with_cache:
        for name in model.cross_cache:
            feeds[name] = _value(np.repeat(feeds[name].numpy()[:1], rows, axis=0))


def transcribe(model: Model, samples: Float32, abandoned: threading.Event) -> str:
    """One reading of an 8 kHz segment of speech; stops early once `abandoned` is set."""
    return text_of(model, decode(model, hear(model, samples), most_tokens(samples), abandoned))


def text_of(model: Model, decoded: Decoded) -> str:
    """The tokens as words."""
    text = b"".join(model.tokens[token] for token in decoded.tokens).decode(errors="replace")
    return text.replace("\u2581", " ").strip()


def _log_softmax(logits: Float32) -> Float32:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    normal: Float32 = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normal


def _encode(model: Model, sound: Float32) -> Feeds:
    """Run the encoder; returns the decoder's inputs for the first step, without the token."""
    mask = _value(np.ones((1, sound.size), np.int64))
    [states] = model.encoder.run_with_ort_values(
        ["last_hidden_state"], {"input_values": _value(sound[None]), "attention_mask": mask}, None
    )
    length = states.shape()[1]
    no_words = _value(np.zeros((1, _HEADS, 0, _HEAD_SIZE), np.float32))
    no_sound = _value(np.zeros((1, _HEADS, length, _HEAD_SIZE), np.float32))
    return {
        "encoder_hidden_states": states,
        "encoder_attention_mask": mask,
        "use_cache_branch": _value(np.array([False])),
        **dict.fromkeys(model.self_cache, no_words),
        **dict.fromkeys(model.cross_cache, no_sound),
    }


def _present(past: str) -> str:
    return past.replace("past_key_values", "present")


def _value(array: npt.NDArray[np.generic]) -> ort.OrtValue:
    return ort.OrtValue.ortvalue_from_numpy(array)
