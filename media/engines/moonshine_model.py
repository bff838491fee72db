"""The Moonshine tiny English model: weights, token table and greedy decoding with onnxruntime.

The weights are plain files inside the `moonshine-voice` package, whose own code is never imported.
Everything here blocks, so it runs on worker threads; it knows nothing of calls or mu-law.
"""

import threading
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from media.audio.mulaw import SAMPLE_RATE, Float32
from media.audio.resample import resample
from media.engines.base import EngineError
from media.engines.weights import open_session, package_file

REQUIREMENT = "moonshine-voice==0.0.73"  # later releases carry no weights

_MODEL_RATE = 16_000
_START_TOKEN, _END_TOKEN = 1, 2
_HEADS, _HEAD_SIZE = 8, 36
_TOKENS_PER_SECOND = 6.5  # faster than anyone speaks; past it the decoder is repeating itself
_SPARE_TOKENS = 8
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


def transcribe(model: Model, samples: Float32, abandoned: threading.Event) -> str:
    """Greedy decoding of one 8 kHz segment of speech; stops early once `abandoned` is set."""
    shortfall = int(_SHORTEST_SEGMENT_SECONDS * SAMPLE_RATE) - samples.size
    padded = np.pad(samples, (0, max(0, shortfall)))
    sound = resample(padded, SAMPLE_RATE, _MODEL_RATE)
    limit = int(_TOKENS_PER_SECOND * padded.size / SAMPLE_RATE) + _SPARE_TOKENS
    feeds = _encode(model, sound)
    outputs = ["logits", *map(_present, model.self_cache + model.cross_cache)]
    said: list[bytes] = []
    token = _START_TOKEN
    while len(said) < limit and not abandoned.is_set():
        feeds["input_ids"] = _value(np.array([[token]], np.int64))
        logits, *cache = model.decoder.run_with_ort_values(outputs, feeds, None)
        token = int(logits.numpy()[0, -1].argmax())
        if token == _END_TOKEN:
            break
        said.append(model.tokens[token])
        # After the first step the sound's keys and values are known and only the words' grow.
        feeds.update(zip(model.self_cache + model.cross_cache, cache, strict=False))
        feeds["use_cache_branch"] = _value(np.array([True]))
        outputs = ["logits", *map(_present, model.self_cache)]
    text = b"".join(said).decode(errors="replace")
    return text.replace("\u2581", " ").strip()


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
