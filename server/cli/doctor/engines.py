"""Each engine that is configured, asked by itself as in a call, with how long it took.

In a call they stand in for each other, which would hide one that is broken.
"""

import asyncio
import os

import msgspec

from media.dialogue import Prompt
from media.engines import guard
from media.engines.base import EngineError, SpeechToSpeech, TextToSpeech, text_of
from media.engines.speakable import speakable
from media.engines.threads import Workers
from media.providers.registry import PROVIDERS, Kind
from media.tools import ToolCall
from server import engines
from server.cli.doctor.findings import Finding, failed, ok
from server.cli.doctor.looked import Looked
from server.core.config import Config

_ANSWER_SECONDS = 20.0
_BYTES_PER_SECOND = 8000
_SENTENCE = "Hello, this is a test."
_SILENCE = b"\xff" * _BYTES_PER_SECOND


async def speech(looked: Looked) -> list[Finding]:
    """Every voice says a sentence; every recogniser hears what the first of them said."""
    config = looked.config
    workers = Workers(config.speech.threads or os.cpu_count() or 1)
    found, sound = [], b""
    try:
        for name in config.speech.voice:
            spoken, said = await _voice(name, config, workers)
            found.append(said)
            sound = sound or spoken
        found += [
            await _recogniser(name, config, workers, sound) for name in config.speech.recogniser
        ]
    finally:
        workers.close()
    return found


async def _voice(name: str, config: Config, workers: Workers) -> tuple[bytes, Finding]:
    check = f"voice {name}"
    try:
        voice = await engines.one_text_to_speech(name, config, workers)
        try:
            sound, first, all_of_it = await _spoken(voice)
        finally:
            await voice.close()
    except (EngineError, TimeoutError) as error:
        return b"", failed(check, _fault(error), _do("speech.voice", name))
    if not sound:
        return b"", failed(check, "it made no sound", _do("speech.voice", name))
    seconds = len(sound) / _BYTES_PER_SECOND
    took = f"first sound after {first:.2f} s, all after {all_of_it:.2f} s"
    return sound, ok(check, f"spoke {seconds:.1f} s; {took}{_can('text_to_speech', name)}")


async def _spoken(voice: TextToSpeech) -> tuple[bytes, float, float]:
    time = asyncio.get_running_loop().time
    asked_at, first, sound = time(), 0.0, b""
    async with asyncio.timeout(_ANSWER_SECONDS):
        async for chunk in guard.spoken(voice, _SENTENCE):
            first = first or time() - asked_at
            sound += chunk
    return sound, first, time() - asked_at


async def _recogniser(name: str, config: Config, workers: Workers, sound: bytes) -> Finding:
    check = f"recogniser {name}"
    time = asyncio.get_running_loop().time
    try:
        recogniser = await engines.one_speech_to_text(name, config, workers)
        asked_at = time()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                heard = text_of(await guard.recognised(recogniser, sound or _SILENCE))
        finally:
            await recogniser.close()
    except (EngineError, TimeoutError) as error:
        return failed(check, _fault(error), _do("speech.recogniser", name))
    took = f"after {time() - asked_at:.2f} s{_can('speech_to_text', name)}"
    if not sound:
        return Finding(check, "unknown", f"answered {took}", "mend a voice: none spoke to it")
    if not heard:
        return failed(check, f"understood nothing, {took}", _do("speech.recogniser", name))
    return ok(check, f"understood {heard!r} {took}")


async def thinkers(looked: Looked) -> list[Finding]:
    """Every language model is asked, and what it answers must be sayable."""
    config = looked.config
    return [await _thinker(name, config) for name in config.thinker.engine]


async def _thinker(name: str, config: Config) -> Finding:
    check = f"thinker {name}"
    time = asyncio.get_running_loop().time
    llm = engines.one_language_model(name, config)
    asked_at, answer, first_after = time(), "", 0.0
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            async for piece in guard.thought(llm, Prompt("whether you can hear me", ())):
                first_after = first_after or time() - asked_at
                answer += piece if isinstance(piece, str) else ""
    except (EngineError, TimeoutError) as error:
        return failed(check, _fault(error), _do("thinker.engine", name))
    finally:
        await llm.close()
    if not speakable(answer):
        do = _do("thinker.engine", name)
        return failed(check, f"it answered {answer!r}, which the voice cannot say", do)
    model = f"{config.thinker.model} at {config.thinker.base_url} " if name == "openai" else ""
    took = f"first words after {first_after:.2f} s, all after {time() - asked_at:.2f} s"
    return ok(check, f"{model}said {answer.strip()!r}; {took}")


async def realtime(looked: Looked) -> list[Finding]:
    """Every model that hears and speaks itself has a session, and says something in it."""
    config = looked.config
    return [await _session(name, config) for name in config.speech.realtime]


async def _session(name: str, config: Config) -> Finding:
    check, do = f"realtime {name}", _do("speech.realtime", name)
    engine, said, fault = engines.one_speech_to_speech(name, config), _Said(), None
    try:
        async with asyncio.timeout(_ANSWER_SECONDS), asyncio.TaskGroup() as group:
            await _talk(engine, group, said)
    except* (EngineError, TimeoutError) as failures:
        fault = failures.exceptions[0]
    finally:
        await engine.close()
    if fault is not None:
        return failed(check, _fault(fault), do)
    if not said.sound_bytes:
        return failed(check, f"it made no sound, and said {said.words.strip()!r}", do)
    return ok(
        check,
        f"said {said.words.strip()!r}, {said.sound_bytes / _BYTES_PER_SECOND:.1f} s of sound;"
        f" connected and heard after {said.first_after:.2f} s",
    )


class _Said(msgspec.Struct):
    words: str = ""
    sound_bytes: int = 0
    first_after: float = 0.0


async def _talk(engine: SpeechToSpeech, group: asyncio.TaskGroup, said: _Said) -> None:
    """One reply in a session of its own. Raises EngineError."""
    time = asyncio.get_running_loop().time
    prompt, session, began_at = Prompt("whether you can hear me", ()), engine.open(), time()
    if session is None:
        raise EngineError("it opens no session")
    running = group.create_task(guard.connected(session, prompt))
    async for piece in guard.replied(session, prompt):
        if isinstance(piece, ToolCall):  # none was offered
            continue
        if piece.mulaw and not said.sound_bytes:
            said.first_after = time() - began_at
        said.words += piece.text
        said.sound_bytes += len(piece.mulaw)
    running.cancel()


def _fault(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"no whole answer within {_ANSWER_SECONDS:.0f} s"
    return str(error)


def _do(key: str, name: str) -> str:
    return (
        f"check [{name}] in the configuration, its key and what the vendor says of its health,"
        f" or take {name} out of {key}"
    )


def _can(kind: Kind, name: str) -> str:
    """What a service can do beyond what all can."""
    provider = PROVIDERS[kind].get(name)
    if provider is None:
        return ""
    can = [
        *(["takes sound while it is said"] if provider.is_streaming else []),
        *(["tells when a turn ends"] if provider.ends_turns else []),
    ]
    return f"; {', '.join(can)}" if can else ""
