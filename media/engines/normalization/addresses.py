"""Links, e-mail addresses, hosts and telephone numbers, found in a text and read out sign by sign.

What the signs are called is told by whoever knows the language. Pure.
"""

import re
from collections.abc import Mapping

_ENDINGS = r"com|org|net|edu|gov|info|biz|io|app|dev|ai|co\.uk|uk|de|es|fr|ch|eu|ca|tv"
ADDRESS = re.compile(
    r"\b(?:mailto:)?[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+\b"
    r"|\b(?:(?:https?|ftp)://|www\.)[^\s<>\"')\]|]+"
    rf"|(?<![\w@./-])(?:[a-z\d][a-z\d-]*\.)+(?:{_ENDINGS})\b(?![.-]\w)(?:/[^\s<>\"')\]|]*)?"
    r"|(?<![\w@./-])(?:[a-z\d][a-z\d-]*\.)+[a-z]{2,3}/[^\s<>\"')\]|]+"
    r"|(?<![\w.,$€£-])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.]?\d)",
    re.IGNORECASE,
)
INTERNATIONAL = r"(?=(?:\D{0,3}\d){7})\+\d+(?:(?: / |[ ./-])?\(\d+\)\d*|(?: / |[ ./-])\d+){0,15}"
_TRUNK = re.compile(r"\(0\)")  # dialled within the country only
_SCHEME = re.compile(r"^(?:(?:https?|ftp)://|mailto:)?(?:www\.)?", re.IGNORECASE)
_GROUP = re.compile(r"[A-Za-z\d]+")


def address_aloud(address: str, signs: Mapping[str, str]) -> str:
    """An address with its signs in words, without scheme and query; a stop after it stays."""
    bare = address.rstrip(".,;:!?")
    spoken = re.split(r"[?#]", _SCHEME.sub("", bare))[0].rstrip("/")
    said = "".join(f" {signs[one]} " if one in signs else one for one in spoken)
    return " ".join(said.split()) + address[len(bare) :]


def by_digits(code: str) -> str:
    """A number or code figure by figure, its groups apart."""
    return ", ".join(" ".join(group) for group in _GROUP.findall(_TRUNK.sub(" ", code)))
