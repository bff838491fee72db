"""How a caller's words can end, for whom it tells how long a silence makes them a turn."""

from typing import Literal, TypeAlias

Ending: TypeAlias = Literal[
    "dictation", "dictated", "dangling", "unfinished", "announced", "short", "question", "finished"
]
