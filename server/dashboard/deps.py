"""What the live channel needs of a node: its own parts, and all that its commands reach."""

from typing import Protocol

from server.accounts.deps import AdmissionDeps
from server.calls.deps import CallDeps
from server.calls.registry import CallRegistry
from server.emails.deps import EmailDeps
from server.http.deps import HttpDeps
from server.live.hub import Hub
from server.live.meters import Meters
from server.texts.deps import TextDeps


class DashboardDeps(AdmissionDeps, HttpDeps, CallDeps, TextDeps, EmailDeps, Protocol):
    """`hub` is where listeners are, `meters` count what they get."""

    @property
    def hub(self) -> Hub: ...

    @property
    def live(self) -> CallRegistry: ...

    @property
    def meters(self) -> Meters: ...
