"""What it needs to admit somebody's request."""

from typing import Protocol

from server.core.node import Node
from server.core.rate_limits import Admitted, Rates


class AdmissionDeps(Node, Protocol):
    """`rates` limits requests; `admitted` are the users whose rows are known to be there."""

    @property
    def rates(self) -> Rates: ...

    @property
    def admitted(self) -> Admitted: ...
