"""Sound of texts said before, so that greetings and prompts are computed once for all calls.

Bounded in bytes; what was not said for longest goes first. It knows no voice.
"""

from collections import OrderedDict

Chunks = tuple[bytes, ...]


class SaidBefore:
    """Chunks of sound by text, at most so many bytes of them."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._chunks: OrderedDict[str, Chunks] = OrderedDict()

    def get(self, text: str) -> Chunks | None:
        """The sound of this text, if it is still kept."""
        if text in self._chunks:
            self._chunks.move_to_end(text)
        return self._chunks.get(text)

    def keep(self, text: str, chunks: Chunks) -> None:
        """Keep the whole sound of a text, in place of what was not asked for longest."""
        size = _size(text, chunks)
        if size > self._most_bytes // 2 or text in self._chunks:
            return
        self._chunks[text] = chunks
        self._bytes += size
        while self._bytes > self._most_bytes:
            self._bytes -= _size(*self._chunks.popitem(last=False))


def _size(text: str, chunks: Chunks) -> int:
    return len(text.encode()) + sum(map(len, chunks))
