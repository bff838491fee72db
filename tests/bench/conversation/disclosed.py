"""Whoever picks up and speaks over the greeting: are they told that a machine speaks?"""

from functools import partial
from itertools import product

from media.settings import Settings
from tests.bench.conversation.call import a_call, phrases
from tests.bench.conversation.clock import run
from tests.bench.conversation.engines import Models
from tests.bench.conversation.voices import speech
from tests.bench.machine import say

_SAID = ("Hello?", "Who is this?", "Yes, hello?")
_VOICES = ("heart-deep", "heart-high", "flite-rms", "flite-slt")
_AT_SECONDS = (0.3, 1.0, 2.0)


def report() -> None:
    """One call each."""
    models = Models()
    try:
        told = [
            run(partial(_one, models, text, voice, at))
            for text, voice, at in product(_SAID, _VOICES, _AT_SECONDS)
        ]
    finally:
        models.close()
    say(f"disclosed spoken to over the greeting: told in {sum(told)}, N = {len(told)} calls")


async def _one(models: Models, text: str, voice: str, at: float) -> bool:
    engines = models.engines()
    async with a_call(engines, prepared=await phrases(engines, Settings())) as call:
        await call.phone.agent_speaks()
        await call.phone.pause(at)
        await call.phone.say(speech(text, voice))
        await call.phone.agent_finishes(quiet=2.5)
        words = Settings().conversation.disclosure_words
        return any(words in heard for heard in call.log.heard("agent"))
