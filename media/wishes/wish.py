"""What an answer, or whatever else somebody says, comes to."""

from typing import Literal, TypeAlias

Wish: TypeAlias = Literal["yes", "no", "unsure"]
