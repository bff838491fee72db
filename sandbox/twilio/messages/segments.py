"""How many segments a text takes on the air.

Pure, by GSM 03.38: seven-bit characters, some of which cost two, or else UTF-16. A part of a long
text loses room to the header that joins the parts, and no character is torn between two.
"""

from collections.abc import Sequence

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("^{}\\[~]|€\f")


def count_segments(text: str) -> int:
    """Segments of a text; 1 for an empty one."""
    if set(text) <= _BASIC | _EXTENSION:
        return _count([2 if character in _EXTENSION else 1 for character in text], 160, 153)
    return _count([2 if ord(character) > 0xFFFF else 1 for character in text], 70, 67)


def _count(costs: Sequence[int], single: int, part: int) -> int:
    if sum(costs) <= single:
        return 1
    segments, room = 1, part
    for cost in costs:
        if cost > room:
            segments, room = segments + 1, part
        room -= cost
    return segments
