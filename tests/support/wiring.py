"""Parts of a node for tests: one without rooms, and engines that follow a script."""

from collections.abc import Callable

from db.core.pool import Pools
from media.engines.base import Engines
from media.engines.scripted import (
    ScriptedDetector,
    ScriptedLanguageModel,
    ScriptedSpeechToText,
    ScriptedTextToSpeech,
)
from server.core.config import load
from server.core.node import NodeParts
from server.core.times import steady_clock
from server.live.hub import Hub
from tests.support.unbounded import UNBOUNDED


def bare_node(
    pools: Pools, hub: Hub | None = None, clock: Callable[[], float] | None = None
) -> NodeParts:
    """A node with the default configuration, and no bounds on whom its users reach."""
    settings = {"TWILIO__AUTH_TOKEN": "5a4db0c5a4db0c5a4db0c5a4db0c5a4d", **UNBOUNDED}
    return NodeParts(
        config=load(None, {f"TALKING_{key}": value for key, value in settings.items()}),
        pools=pools,
        clock=clock or steady_clock(),
        hub=hub or Hub(),
    )


def scripted_engines(llm: ScriptedLanguageModel) -> Engines:
    """Engines that need no model: this language model, and nothing to hear."""
    return Engines(ScriptedSpeechToText([]), ScriptedTextToSpeech(), llm, ScriptedDetector)
