"""What giving recordings back needs of a node."""

from typing import Protocol

from server.accounts.deps import AdmissionDeps
from server.calls.deps import CallDeps
from server.http.deps import HttpDeps


class RecordingDeps(AdmissionDeps, HttpDeps, CallDeps, Protocol):
    """Requests, and the calls they are about."""
