"""Copies and forgetting as clients see them. Knows no requests and no sockets."""

import uuid

import msgspec

from server.core.events import Event


class ExportOut(msgspec.Struct, frozen=True):
    """A copy of everything that is the person's. While `state` is "preparing" there is no `url`;
    once it is "ready", `url` gives a ZIP of JSON and CSV until `expires_at`, to whoever has it.
    `counts` is how many there were of each kind."""

    id: uuid.UUID
    state: str
    asked_at: str | None
    ready_at: str | None
    expires_at: str | None
    url: str | None
    counts: dict[str, int]


class ErasureOut(msgspec.Struct, frozen=True):
    """The forgetting of a person. `state` is "erasing" or "erased"; `steps` are those done, in
    order; `remarks` is what could not be done for them."""

    user_id: uuid.UUID
    state: str
    asked_at: str | None
    done_at: str | None
    steps: tuple[str, ...]
    remarks: tuple[str, ...]


class ExportReady(Event, frozen=True):
    """Where it is, GET /v1/me/export says."""

    type, tells = "export.ready", "A copy of one's data that was asked for can be had"
    schema = "ExportReadyData"

    id: uuid.UUID
    expires_at: str | None


class AccountErasing(Event, frozen=True):
    """Sign out: nothing can be done with this account any more."""

    type, tells = "account.erasing", "The account is being deleted, with all that is its person's"
    schema = "AccountErasingData"

    asked_at: str


class AccountErased(Event, frozen=True):
    """The last event of an account."""

    type, tells = "account.erased", "Nothing is left of the account but an id, plans and dates"
    schema = "AccountErasedData"

    done_at: str
