"""What giving and forgetting need of a node: nearly all, as a person's data is everywhere."""

from typing import Protocol

from server.accounts.deps import AdmissionDeps
from server.billing.deps import BillingDeps
from server.calls.deps import CallDeps
from server.calls.registry import CallRegistry
from server.core.bus import Bus
from server.emails.deps import EmailDeps
from server.live.hub import Hub
from server.texts.deps import TextDeps
from server.vendors.supabase import SupabaseAdmin


class PrivacyDeps(AdmissionDeps, BillingDeps, CallDeps, TextDeps, EmailDeps, Protocol):
    """`sign_in` is None where we may not delete anybody at the sign-in service."""

    @property
    def hub(self) -> Hub: ...

    @property
    def bus(self) -> Bus: ...

    @property
    def live(self) -> CallRegistry: ...

    @property
    def sign_in(self) -> SupabaseAdmin | None: ...
