"""One question to a model that speaks itself: its words are posted, its sound is kept for playback.

The turn is never lost with the session: what it leaves unsaid another voice says, and where it said
nothing whole, the language model is asked. It knows nothing of turns beyond their number.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from media.dialogue import Prompt, split_sentences
from media.engines import guard
from media.engines.base import EngineError, SpeechSession
from media.engines.speakable import speakable
from media.events import Event, GenerationFinished, Sentence, ToolCalled
from media.speech_to_speech.reply import SpokenReply
from media.tools import ToolCall

Post: TypeAlias = Callable[[Event], None]
AskOther: TypeAlias = Callable[[], Awaitable[None]]
_ENDS = frozenset(".?!")


async def answer(
    session: SpeechSession,
    prompt: Prompt,
    reply: SpokenReply,
    patience_seconds: float,
    post: Post,
    ask_other: AskOther,
) -> None:
    """The reply's words as Sentence, the first as soon as there is sound, its calls of tools as
    ToolCalled, and GenerationFinished.

    `ask_other` has the language model answer instead, or go on. Events are of turn 0: who posts
    them knows the turn. A session has limits of its own; one that hangs is waited for so long.
    """
    words, calls = _Words(reply, post), list[ToolCall]()
    time = asyncio.get_running_loop().time
    try:
        async with asyncio.timeout(patience_seconds) as timeout:
            async for piece in guard.replied(session, prompt):
                if isinstance(piece, ToolCall):
                    calls.append(piece)
                    continue
                if piece.mulaw:
                    reply.sound(piece.mulaw)
                words.take(piece.text)
                timeout.reschedule(time() + patience_seconds + reply.seconds)
        words.end()
        reply.end()
    except (EngineError, TimeoutError):  # whoever made the session knows of it
        is_said = words.break_off()
        reply.end(is_broken=True)
        if not is_said:
            await ask_other()
            return
    except asyncio.CancelledError:
        reply.end(is_broken=True)
        raise
    if words.is_empty and not calls:
        await ask_other()
        return
    for call in calls:
        post(ToolCalled(0, call))
    post(GenerationFinished(0))


class _Words:
    """The words of a reply as they come. Playback knows each at once; the call is told pieces: the
    first ones with their sound, then whole sentences, and all of them when playback is stopped."""

    def __init__(self, reply: SpokenReply, post: Post) -> None:
        self._reply = reply
        self._post = post
        self._all = ""
        self._told = 0  # characters of them, in one line
        reply.on_stop = self._flush

    @property
    def is_empty(self) -> bool:
        """Whether none were told."""
        return not self._told

    def take(self, text: str) -> None:
        """More of them, cut anywhere; told once there is sound."""
        self._all += text
        if not self._reply.seconds:
            return
        whole, _, _ = self._all.rpartition(" ")
        self._reply.text = _in_one_line(whole)
        if self.is_empty:
            self._flush()
        line = _in_one_line(self._all)
        sentences, _ = split_sentences(line[self._told :].lstrip())
        for sentence in sentences:
            self._tell(line, line.index(sentence, self._told) + len(sentence))

    def end(self) -> None:
        """That was all; words without any sound are said by another voice."""
        self._keep(_in_one_line(self._all))

    def break_off(self) -> bool:
        """No more come: half a sentence at the end is not said, if there is a whole one before;
        whether there is."""
        line = _in_one_line(self._all)
        _, rest = split_sentences(line)
        if line[-1:] not in _ENDS:
            line = line.removesuffix(rest).rstrip()
        whole = line if self._reply.seconds else ""
        if whole:
            self._keep(whole)
        return bool(whole)

    def _keep(self, text: str) -> None:
        if self._reply.seconds:
            self._reply.text = text
        self._tell(text, len(text))

    def _flush(self) -> None:
        self._tell(self._reply.text, len(self._reply.text))

    def _tell(self, line: str, end: int) -> None:
        """The words of a line up to there, as far as they were not told."""
        text = line[self._told : end].strip()
        has_sound = self._reply.seconds > 0
        if not (text if has_sound else guard.aloud(speakable, text)):
            return
        if has_sound:
            self._reply.told.append(text)
        self._told = end
        self._post(Sentence(0, text))


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
