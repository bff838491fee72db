"""What is consumed of services that are paid for, counted where it is handed to them.

Whoever wants to know what a piece of work consumes has it done inside `metered`: the work, and
every task that it starts, count into that one counter. Counted once a message to a service or once
a reply, in whole numbers: milliseconds of sound, characters, tokens. Knows no prices and no calls.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

Consumed: TypeAlias = Mapping[str, int]
"""How much of each, by name: the service, its kind, and what of it ("openai.llm.input")."""

_counter: ContextVar[Counter[str] | None] = ContextVar("consumed", default=None)


@contextmanager
def metered(counter: Counter[str]) -> Iterator[None]:
    """What is consumed meanwhile is counted here."""
    token = _counter.set(counter)
    try:
        yield
    finally:
        _counter.reset(token)


def consumed(name: str, count: int) -> None:
    """So much was consumed just now; work that nobody asked to be counted counts nowhere."""
    counter = _counter.get()
    if counter is not None and count > 0:
        counter[name] += count


@contextmanager
def told_as_it_grows() -> Iterator[dict[str, int]]:
    """Counts that a service tells again as they grow: what it told last is consumed, however the
    work ends, also where another answers in its place."""
    counter, told = _counter.get(), dict[str, int]()
    try:
        yield told
    finally:
        if counter is not None:
            counter.update(told)


def consumed_sound(name: str, mulaw_bytes: int) -> None:
    """The same of telephone sound, which is counted in milliseconds."""
    consumed(name, mulaw_bytes // 8)
