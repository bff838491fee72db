"""REST for API keys: parse, act, reply. Only people have them made and revoked, never a key."""

import uuid
from typing import Annotated

import msgspec
from msgspec import Meta

from db.accounts.api_keys import KeyRow
from server.accounts import api_keys
from server.accounts.api_keys import MOST_NAME_CHARACTERS, KeyRequest
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.settings.building import OverlapHours
from server.core.times import rfc3339
from server.http.routing import Route
from server.http.scopes import Scope

ONE = "/v1/keys/<uuid:key_id>"


class MakeKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the key is for, and what it may do."""

    name: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=MOST_NAME_CHARACTERS,
            examples=["Reports"],
            extra_json_schema={"pattern": r"^[!-~]([ -~]{0,58}[!-~])?$"},
        ),
    ]
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=20, examples=[["read"]])]
    requests_per_minute: Annotated[int, Meta(ge=1, le=100_000, examples=[60])] | None = None
    expires_in_days: Annotated[int, Meta(ge=1, le=3650)] | None = None  # fmt: skip


class RotateKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long both are good."""

    overlap_hours: OverlapHours | None = None


class KeyOut(msgspec.Struct, frozen=True):
    """An API key without the key: `hint` are its last characters; `last_used_at` is to the minute;
    one that was replaced names its `successor_id` and ends at `expires_at`."""

    id: uuid.UUID
    name: str
    hint: str
    scopes: list[str]
    requests_per_minute: int
    created_at: str | None
    last_used_at: str | None
    expires_at: str | None
    revoked_at: str | None
    successor_id: uuid.UUID | None


class KeyShown(KeyOut, frozen=True):
    """A key just made, with the key itself: it is shown now and never again, also not to whoever
    repeats the request."""

    key: str | None


class Keys(msgspec.Struct, frozen=True):
    """Those in force first, each newest first."""

    keys: list[KeyOut]


def key_out(row: KeyRow) -> KeyOut:
    """A key as its owner sees it."""
    return KeyOut(
        row.id, row.name, row.hint, row.scopes, row.requests_per_minute, rfc3339(row.created_at),
        rfc3339(row.last_used_at), rfc3339(row.expires_at), rfc3339(row.revoked_at),
        row.successor_id,
    )  # fmt: skip


def _shown(row: KeyRow, text: str) -> KeyShown:
    return KeyShown(**msgspec.structs.asdict(key_out(row)), key=text)


async def _list(deps: Node, who: Identity) -> Keys:
    return Keys([key_out(row) for row in await api_keys.mine(deps, who)])


async def _make(deps: Node, who: Identity, body: MakeKey) -> KeyShown:
    return _shown(*await api_keys.make(deps, who, KeyRequest(**msgspec.structs.asdict(body))))


async def _rotate(deps: Node, who: Identity, key_id: uuid.UUID, body: RotateKey) -> KeyShown:
    return _shown(*await api_keys.rotate(deps, who, key_id, body.overlap_hours))


async def _revoke(deps: Node, who: Identity, key_id: uuid.UUID) -> KeyOut:
    return key_out(await api_keys.revoke(deps, who, key_id))


ROUTES = (
    Route("GET", "/v1/keys", _list, Keys, "The user's API keys"),
    Route("POST", "/v1/keys", _make, KeyShown, "Make an API key, shown this once", MakeKey,
          status=201, shown_once=("key",)),
    Route("POST", f"{ONE}/rotate", _rotate, KeyShown, "Replace a key, both good for a while",
          RotateKey, status=201, shown_once=("key",)),
    Route("DELETE", ONE, _revoke, KeyOut, "Revoke a key"),
)  # fmt: skip
