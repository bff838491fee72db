"""What settings may be: the types that sections of the configuration have in common."""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

Seconds: TypeAlias = Annotated[float, Meta(gt=0)]
Count: TypeAlias = Annotated[int, Meta(ge=1)]
Hour: TypeAlias = Annotated[int, Meta(ge=0, le=24)]
Sentence: TypeAlias = Annotated[str, Meta(min_length=1, max_length=300)]
Prefix: TypeAlias = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{0,14}$")]
Port: TypeAlias = Annotated[int, Meta(ge=1, le=65535)]
HttpUrl: TypeAlias = Annotated[str, Meta(pattern=r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]+[^\s?#]*$")]

NoOrHttpUrl: TypeAlias = Annotated[
    str, Meta(pattern=r"^$|^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]+[^\s?#]*$")
]


class Section(msgspec.Struct, frozen=True):
    """What every section of the file has in common."""
