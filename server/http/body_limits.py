"""How large a request's body may be where that is not as everywhere. Knows no provider."""

from collections.abc import Mapping
from typing import Any

from quart import Request


def request_class(most_bytes: Mapping[str, int]) -> type[Request]:
    """Requests as usual, but for the caps on these addresses: Quart fixes them before routing."""

    class CappedRequest(Request):
        def __init__(
            self, method: str, scheme: str, path: str, *args: Any,
            max_content_length: int | None = None, **more: Any,
        ) -> None:  # fmt: skip
            most = most_bytes.get(path, max_content_length)
            super().__init__(method, scheme, path, *args, max_content_length=most, **more)

    return CappedRequest
