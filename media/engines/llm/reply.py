"""A reply as it comes over the wire, whoever's model it is: its words, and whether it is one.

Knows no vendor: pieces of text come in, each with whether it is the last.
"""

from collections.abc import AsyncGenerator, AsyncIterator

from media.engines.base import EngineError
from media.engines.llm.reply_filter import ReplyFilter


async def words_of(pieces: AsyncIterator[tuple[str, bool]]) -> AsyncGenerator[str, None]:
    """What of it is to be said, in order.

    Raises EngineError when it ends without a last piece, or said nothing.
    """
    ended = said = False
    reply = ReplyFilter()
    async for text, is_last in pieces:
        ended = ended or is_last
        if words := reply.feed(text):
            said = said or bool(words.strip())
            yield words
    if not ended:
        raise EngineError("the model's reply broke off")
    if words := reply.end():
        said = said or bool(words.strip())
        yield words
    if not said:
        raise EngineError("the model answered nothing")
