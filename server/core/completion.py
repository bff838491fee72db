"""Words of the mind that are written, not spoken: texts, letters, summaries.

Nobody listens meanwhile, so the whole of them is waited for, within a limit. Knows no channel.
"""

import asyncio

from media.dialogue import Prompt
from media.engines import guard
from media.engines.base import EngineError, LanguageModel


async def complete(llm: LanguageModel, prompt: Prompt, timeout_seconds: float) -> str:
    """All the mind has to say to this. Raises EngineError, also when it takes too long."""
    try:
        async with asyncio.timeout(timeout_seconds):
            text = "".join([piece async for piece in guard.thought(llm, prompt)]).strip()
    except TimeoutError:
        raise EngineError("the mind took too long") from None
    if not text:
        raise EngineError("the mind had nothing to say")
    return text
