"""What handlers of HTTP need of a node to know who asks."""

from typing import Protocol

from server.core.auth import Keys
from server.core.node import Node


class HttpDeps(Node, Protocol):
    """`keys` verify access tokens."""

    @property
    def keys(self) -> Keys: ...
