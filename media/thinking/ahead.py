"""An answer that is thought of before it is known whether it is wanted.

While silence decides whether the caller's turn is over, what comes of the language model waits
here, outside the call: nothing of it is journalled, published or spoken. If the same is asked in
earnest it is posted, and goes on; else it is dropped without a trace. One that failed is none, so
that asking in earnest tries again. It knows facts and prompts; nothing of tasks.
"""

from collections.abc import Callable

from msgspec.structs import replace

from media.dialogue import Prompt
from media.events import EngineFailed, Event, GenerationFinished, Sentence, ToolCalled


class Ahead:
    """One such answer. `first` takes its first sentence, to have the sound made as well."""

    def __init__(self, prompt: Prompt, first: Callable[[str], None]) -> None:
        self._prompt = prompt
        self._first = first
        self._waiting: list[Event] = []
        self._failed = False
        self._turn = 0
        self._post: Callable[[Event], None] | None = None

    def take(self, event: Event) -> None:
        """The language model gave this."""
        if self._post is not None:
            self._post(_of_turn(event, self._turn))
            return
        if isinstance(event, EngineFailed):
            self._failed = True
        if isinstance(event, Sentence) and not self._waiting:
            self._first(event.text)
        self._waiting.append(event)

    def release(self, prompt: Prompt, turn: int, post: Callable[[Event], None]) -> bool:
        """Whether this answers `prompt`; if so all of it, now and later, is posted for `turn`."""
        if self._failed or self._post is not None or _words(prompt) != _words(self._prompt):
            return False
        self._turn, self._post = turn, post
        for event in self._waiting:
            post(_of_turn(event, turn))
        return True


def _words(prompt: Prompt) -> Prompt:
    """Without the times of what was said, which no language model is told."""
    return replace(prompt, turns=tuple(replace(turn, at=0.0) for turn in prompt.turns))


def _of_turn(event: Event, turn: int) -> Event:
    match event:
        case Sentence() | ToolCalled() | GenerationFinished():
            return replace(event, turn=turn)
        case EngineFailed():
            return replace(event, ref=turn)
        case _:
            return event
