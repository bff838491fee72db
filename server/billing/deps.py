"""What billing needs of a node, so that a command can do its work beside one."""

from typing import Protocol

from server.core.keyed_locks import KeyedLocks
from server.core.node import Node
from server.vendors.stripe.client import StripeBilling


class BillingDeps(Node, Protocol):
    """`stripe` is None where nothing can be bought; `locks` keep one customer's work apart."""

    @property
    def stripe(self) -> StripeBilling | None: ...

    @property
    def locks(self) -> KeyedLocks: ...
