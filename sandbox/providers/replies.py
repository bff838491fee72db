"""What a language model in here answers: a short script that goes by the last thing that was said.

Pure; knows no wire.
"""

import re
from collections.abc import Sequence

_REPLIES = (
    "I see. What matters most to you about that?",
    "That makes sense. How did it begin?",
    "Thank you for telling me. What would you like to happen next?",
    "Interesting. Who else is part of it?",
)
_GOODBYE = re.compile(r"\b(?:bye|goodbye|hang up)\b", re.IGNORECASE)
_WORD = re.compile(r"\S+\s*")


def reply(said: Sequence[str]) -> str:
    """An answer to the last of what the person said."""
    if said and _GOODBYE.search(said[-1]):
        return "It was good to talk. Goodbye."
    return _REPLIES[len(said) % len(_REPLIES)]


def pieces(text: str) -> list[str]:
    """A word at a time, with the space after it."""
    return _WORD.findall(text)
