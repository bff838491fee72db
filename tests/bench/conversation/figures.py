"""Which figures there are, and how each is printed: a module of this package with `report()`."""

import importlib
import logging
from collections.abc import Sequence
from importlib.util import find_spec

import structlog

from tests.bench.conversation.voices import missing
from tests.bench.machine import say

_PLACES = ("line", "turns", "guard", "court", "ears", "slow")
NAMES = tuple(name for name in _PLACES if find_spec(f"tests.bench.conversation.{name}"))


def report(names: Sequence[str]) -> None:
    """Print the figures of these names, in the order of `NAMES`."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    if absent := missing():
        say(absent)
    for name in NAMES:
        if name in names:
            say()
            importlib.import_module(f"tests.bench.conversation.{name}").report()
