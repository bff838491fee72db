"""What handlers of HTTP need of a node."""

from typing import Protocol

from server.audit.refusals import Refusals
from server.core.identity.auth import Keys
from server.core.node import Node
from server.core.rate_limits import Rates
from server.core.units_of_work import UnitsOfWork


class HttpDeps(Node, Protocol):
    """`keys` verify access tokens; `units` finish what a request has begun; `strangers` counts, by
    address, those who could not sign in, `refusals` what they showed."""

    @property
    def keys(self) -> Keys: ...

    @property
    def strangers(self) -> Rates: ...

    @property
    def refusals(self) -> Refusals: ...

    @property
    def units(self) -> UnitsOfWork: ...
