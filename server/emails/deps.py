"""What e-mails need of a node."""

from typing import Protocol

from media.engines.base import Engines
from server.core.keyed_locks import KeyedLocks
from server.core.node import Draining, Node
from server.vendors.sendgrid.client import SendgridMail


class EmailDeps(Node, Protocol):
    """`mail` is None where no e-mail can be sent; `locks` keep what concerns one e-mail apart."""

    @property
    def live(self) -> Draining: ...

    @property
    def mail(self) -> SendgridMail | None: ...

    @property
    def engines(self) -> Engines: ...

    @property
    def locks(self) -> KeyedLocks: ...
