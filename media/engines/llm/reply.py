"""A reply as it comes over the wire, whoever's model it is: its words, what it calls, and whether
it is one.

Knows no vendor: pieces come in, each with text, parts of tool calls, or that it is the last.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping

import msgspec

from media.engines.base import EngineError
from media.engines.llm.reply_filter import ReplyFilter
from media.tools import ToolCall

MOST_ARGUMENTS_CHARACTERS = 8000
_AFTERWARDS_SECONDS = 0.3


class CallPart(msgspec.Struct, frozen=True):
    """More of the tool call that has this place in the reply: cut anywhere, to be put together."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


class Piece(msgspec.Struct, frozen=True):
    """One piece of the stream; an empty one says nothing."""

    text: str = ""
    is_last: bool = False
    calls: tuple[CallPart, ...] = ()


def tokens(usage: object, names: Mapping[str, str]) -> dict[str, int]:
    """Of what a service tells to be used: tokens, by the names that they are counted under."""
    told = usage if isinstance(usage, dict) else {}
    found = {name: told.get(field) for field, name in names.items()}
    return {name: count for name, count in found.items() if isinstance(count, int) and count > 0}


def calls_of(parts: list[CallPart]) -> list[ToolCall]:
    """The tool calls that these parts make, in order. One without a name is none, one without an id
    gets its place for it. Some endpoints number none, or tell the name with every part: another id
    begins another call, and so does another name after arguments, or the same after whole ones."""
    found: list[ToolCall] = []
    place: dict[int, int] = {}
    for part in parts:
        at = place.get(part.index)
        before = found[at] if at is not None else ToolCall("", "", "")
        is_other = part.id and before.id and part.id != before.id
        is_next = before.arguments and part.name not in {"", before.name}
        is_again = part.name and part.arguments[:1] == "{" and before.arguments[-1:] == "}"
        if at is None or is_other or is_next or is_again:
            at = place[part.index] = len(found)
            found.append(ToolCall("", "", ""))
        call = found[at]
        found[at] = ToolCall(
            call.id or part.id,
            call.name + ("" if call.name == part.name else part.name),
            call.arguments + part.arguments,
        )
    named = enumerate(call for call in found if call.name)
    return [
        ToolCall(call.id or f"call_{at}", call.name.removeprefix("functions."), call.arguments)
        for at, call in named
    ]


class MisreadError(EngineError):
    """What was taken for the reply was reasoning before it, or the other way round."""


async def _until_told(pieces: AsyncIterator[Piece]) -> AsyncGenerator[Piece, None]:
    """Pieces as they come. After the last only its cost may follow: that is waited for shortly,
    and whatever goes wrong with it is no matter."""
    ended = False
    while True:
        try:
            async with asyncio.timeout(_AFTERWARDS_SECONDS if ended else None):
                piece = await anext(pieces, None)
        except Exception:
            if ended:
                return
            raise
        if piece is None:
            return
        ended = ended or piece.is_last
        yield piece


async def words_of(
    pieces: AsyncIterator[Piece], *, begins_thinking: bool = False
) -> AsyncGenerator[str | ToolCall, None]:
    """What of it is to be said, in order, then the tools it calls. "" says that more is coming.
    With `begins_thinking` nothing is before a tag that closes.

    Raises EngineError when it ends without a last piece, says and calls nothing, or goes on about
    tools without measure; MisreadError where `begins_thinking` is wrong.
    """
    ended = said = False
    reply = ReplyFilter(begins_thinking=begins_thinking)
    parts: list[CallPart] = []
    characters = 0
    async for piece in _until_told(pieces):
        ended = ended or piece.is_last
        words = reply.feed(piece.text)
        if reply.began_thinking:
            raise MisreadError("the model thought aloud")
        if words:
            said = said or bool(words.strip())
            yield words
        if piece.calls:
            parts += piece.calls
            characters += sum(len(part.name) + len(part.arguments) for part in piece.calls)
            if characters > MOST_ARGUMENTS_CHARACTERS:
                raise EngineError("the model's tool calls are too long")
            yield ""
    if not ended:
        raise EngineError("the model's reply broke off")
    if words := reply.end():
        said = said or bool(words.strip())
        yield words
    calls = calls_of(parts)
    if not said and not calls:
        raise (MisreadError if begins_thinking else EngineError)("the model answered nothing")
    for call in calls:
        yield call
