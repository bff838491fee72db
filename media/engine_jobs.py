"""One question to an engine under its time limit: the answer, or its failure, posted as facts.

Each runs as a task of the call and is cancelled when nobody wants the answer any more. It knows
nothing of turns and of what anybody does about a fact.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import structlog

from media.dialogue import split_sentences
from media.effects import Think
from media.engines import guard
from media.engines.base import EngineError, LanguageModel
from media.engines.speakable import speakable
from media.events import EngineFailed, Event, GenerationFinished, Sentence, ToolCalled
from media.settings import SpeechSettings
from media.tools import ToolCall

log = structlog.get_logger(__name__)
Post: TypeAlias = Callable[[Event], None]


async def think(llm: LanguageModel, effect: Think, settings: SpeechSettings, post: Post) -> None:
    """An answer, sentence by sentence as it comes, then the tools it calls; what came before a
    failure stays posted.

    What the voice cannot say is no sentence, and an answer without any, or a call, is a failure.
    """
    buffer, said = "", False
    calls: list[ToolCall] = []
    time = asyncio.get_running_loop().time
    sentence_by: float | None = None
    try:
        async with asyncio.timeout(settings.think_timeout_seconds) as timeout:
            async for piece in guard.thought(llm, effect.prompt):
                if isinstance(piece, ToolCall):
                    calls.append(piece)
                    continue
                buffer += piece
                split = partial(split_sentences, buffer, effect.prompt.language)
                unsplit: tuple[list[str], str] = ([], buffer)
                sentences, buffer = guard.told(split, unsplit, "segmenter")
                for sentence in filter(_can_be_said, sentences):
                    said = True
                    post(Sentence(effect.turn, sentence))
                if (
                    sentences or sentence_by is None
                ):  # words that trickle in for ever must not renew it
                    sentence_by = time() + settings.think_timeout_seconds
                timeout.reschedule(min(sentence_by, time() + settings.think_gap_seconds))
    except (EngineError, TimeoutError) as error:
        log.warning("engine_failed", engine="thinker", error=type(error).__name__)
        post(EngineFailed("thinker", effect.turn))
        return
    if _can_be_said(buffer):
        said = True
        post(Sentence(effect.turn, buffer.strip()))
    for call in calls:
        post(ToolCalled(effect.turn, call))
    if not said and not calls:  # emoji, or a script that the voice cannot read
        log.warning("engine_failed", engine="thinker", error="unspeakable")
        post(EngineFailed("thinker", effect.turn))
        return
    post(GenerationFinished(effect.turn))


def _can_be_said(text: str) -> bool:
    return bool(guard.aloud(speakable, text))
