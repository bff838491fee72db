"""Language model output that is written, not spoken: texts, e-mails, summaries.

Nobody listens meanwhile, so the whole of them is waited for, within a limit. Knows no channel.
"""

import asyncio

from media.dialogue import Prompt
from media.engines import guard
from media.engines.base import EngineError, LanguageModel


async def complete(llm: LanguageModel, prompt: Prompt, timeout_seconds: float) -> str:
    """The model's whole answer to this prompt. Raises EngineError, also when it takes too long."""
    try:
        async with asyncio.timeout(timeout_seconds):
            pieces = [piece async for piece in guard.thought(llm, prompt)]
    except TimeoutError:
        raise EngineError("the language model took too long") from None
    text = "".join(piece for piece in pieces if isinstance(piece, str)).strip()
    if not text:
        raise EngineError("the language model gave no text")
    return text
