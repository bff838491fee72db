"""What scheduling calls needs of a node."""

from typing import Protocol

from server.accounts.deps import AdmissionDeps
from server.calls.deps import CallDeps


class SchedulingDeps(AdmissionDeps, CallDeps, Protocol):
    """Requests, and the calls that they lead to."""
