"""Server-sent events, read: bytes of a response in, the data of its events out.

Events that carry nothing (comments, pings, empty ones) are dropped. Also reads what servers send in
their place: events without the empty line between them, an object a line, or one object as a whole.
It knows no vendor, and of JSON only that no object follows another without a comma.
"""

import codecs
import re
from collections.abc import AsyncGenerator, AsyncIterator

from media.engines.base import EngineError

_LINE_END = re.compile(r"\r\n|\n|\r(?!\Z)")  # the rest of one that ends a chunk may be in the next


async def data_of(chunks: AsyncIterator[bytes]) -> AsyncGenerator[str, None]:
    """Data of each event in order, its lines joined; also of a last event that no blank line ends.

    Raises EngineError when an event is an error; whatever `chunks` raises passes through.
    """
    data: list[str] = []
    name = ""
    is_bare = False
    async for line in _lines(chunks):
        if is_bare or (not data and line.lstrip().startswith("{")):
            is_bare = is_bare or not line.rstrip().endswith("}")
            data.append(line)
            if is_bare:
                continue
            line = ""  # a whole object, as if an event ended
        field, _, value = line.partition(":")
        value = value.strip()
        if field == "data":
            if data and data[-1].endswith("}") and value.startswith(("{", "[")):
                yield "\n".join(data)
                data = []
            data.append(value)
        elif field == "event":
            name = value
        elif not line:
            if any(data) and name != "ping":
                yield "\n".join(data)
            if name == "error":
                raise EngineError("the model failed with an error in its reply")
            data, name = [], ""
    if any(data) and name != "ping":
        yield "\n".join(data)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncGenerator[str, None]:
    """Lines as events have them, whatever else Unicode takes for the end of one; then "" ."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    rest = ""
    async for chunk in chunks:
        *lines, rest = _LINE_END.split(rest + decoder.decode(chunk))
        for line in lines:
            yield line
    yield (rest + decoder.decode(b"", final=True)).rstrip("\r")
