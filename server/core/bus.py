"""The bus between nodes as every room knows it, and what stands in its place on a single node.

It carries only hints and passing things: PostgreSQL holds the truth, and losing every message may
cost freshness, never facts. Knows no product behind it and no message by name.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

Answerer: TypeAlias = Callable[[bytes], Awaitable[bytes]]
Follower: TypeAlias = Callable[[bytes], None]

ANSWER_SECONDS = 0.3


class Bus(Protocol):
    """The way to other nodes, each known by its name. What a node tells does not come back to it.

    A subject is words of letters, digits, - and _ between dots; a followed one may have `*` in
    place of a word and `>` in place of all further ones.
    """

    @property
    def is_connected(self) -> bool:
        """Whether anything can reach anybody just now."""

    async def request(
        self, node: str, name: str, body: bytes, *, seconds: float = ANSWER_SECONDS
    ) -> bytes | None:
        """Ask another node; None when it does not answer in time (or there is no bus). Never raises
        for that. It may have done what it was asked for all the same."""

    def answer(self, name: str, handler: Answerer) -> None:
        """How this node answers requests called `name`; set before `run`."""

    def tell(self, subject: str, body: bytes) -> None:
        """Tell whoever follows the subject; may be lost, doubled, late or out of order."""

    def follow(self, subject: str, handler: Follower) -> Callable[[], None]:
        """From now on; call the result to stop, twice if you like."""

    async def run(self) -> None:
        """For ever: connect, reconnect; a supervised service."""


class NoBus:
    """A single node's: there is nobody to reach."""

    is_connected = False

    async def request(
        self, node: str, name: str, body: bytes, *, seconds: float = ANSWER_SECONDS
    ) -> bytes | None:
        """Nobody answers."""

    def answer(self, name: str, handler: Answerer) -> None:
        """Nobody will ask."""

    def tell(self, subject: str, body: bytes) -> None:
        """Nobody follows."""

    def follow(self, subject: str, handler: Follower) -> Callable[[], None]:  # noqa: ARG002
        """Nobody tells anything."""
        return _nothing

    async def run(self) -> None:
        """Nothing to do, for ever."""
        await asyncio.Event().wait()


def _nothing() -> None:
    pass
