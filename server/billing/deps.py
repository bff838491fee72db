"""What billing needs of a node, so that a command can do its work beside one."""

from typing import Protocol

from server.billing.turns import Turns
from server.core.node import Node
from server.vendors.stripe.client import StripeBilling


class BillingDeps(Node, Protocol):
    """`stripe` is None where nothing can be bought; `turns` keep one customer's work apart."""

    @property
    def stripe(self) -> StripeBilling | None: ...

    @property
    def turns(self) -> Turns: ...
