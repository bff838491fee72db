"""Server-sent events, read: lines of a response in, the data of its events out.

Events that carry nothing (comments, pings, empty ones) are dropped. It knows no vendor and no JSON.
"""

from collections.abc import AsyncGenerator, AsyncIterator


async def data_of(lines: AsyncIterator[str]) -> AsyncGenerator[str, None]:
    """Data of each event in order, its lines joined; also of a last event that no blank line ends.

    Whatever `lines` raises passes through.
    """
    data: list[str] = []
    name = ""
    async for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            name = value
        elif not line:
            if any(data) and name != "ping":
                yield "\n".join(data)
            data, name = [], ""
    if any(data) and name != "ping":
        yield "\n".join(data)
