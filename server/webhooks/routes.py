"""REST for webhooks of one's own: parse, act, reply."""

import uuid
from typing import Annotated

import msgspec
from msgspec import Meta

from db.webhook_deliveries import State
from db.webhooks import WebhookRow
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.settings.building import OverlapHours
from server.http.paging import PageQuery, next_cursor, read_cursor
from server.http.routing import Deleted, Nothing, Route
from server.webhooks import actions
from server.webhooks.addresses import MOST_CHARACTERS
from server.webhooks.wire import (
    DeliveryOut,
    EventType,
    WebhookOut,
    WebhookShown,
    delivery_out,
    webhook_out,
)

ALL = "/v1/webhooks"
ONE = f"{ALL}/<uuid:webhook_id>"
Address = Annotated[
    str, Meta(min_length=1, max_length=MOST_CHARACTERS, examples=["https://example.com/hooks"])
]
Types = Annotated[tuple[EventType, ...], Meta(max_length=100)]


class MakeWebhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to send what; no `types`: everything."""

    url: Address
    types: Types = ()


class ChangeWebhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be another; what is not there stays."""

    url: Address | None = None
    types: Types | None = None
    enabled: bool | None = None


class RotateSecret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long both secrets sign."""

    overlap_hours: OverlapHours | None = None


class DeliveryQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """Those in this state, or all."""

    state: State | None = None


class Webhooks(msgspec.Struct, frozen=True):
    """All of them, oldest first."""

    webhooks: list[WebhookOut]


class Deliveries(msgspec.Struct, frozen=True):
    """Newest first; `cursor` is null on the last page."""

    deliveries: list[DeliveryOut]
    cursor: str | None


def _shown(row: WebhookRow, secret: str) -> WebhookShown:
    return WebhookShown(**msgspec.structs.asdict(webhook_out(row)), secret=secret)


async def _list(deps: Node, who: Identity) -> Webhooks:
    return Webhooks([webhook_out(row) for row in await actions.mine(deps, who)])


async def _make(deps: Node, who: Identity, body: MakeWebhook) -> WebhookShown:
    return _shown(*await actions.make(deps, who, body.url, body.types))


async def _get(deps: Node, who: Identity, webhook_id: uuid.UUID) -> WebhookOut:
    return webhook_out(await actions.read(deps, who, webhook_id))


async def _change(
    deps: Node, who: Identity, webhook_id: uuid.UUID, body: ChangeWebhook
) -> WebhookOut:
    return webhook_out(
        await actions.change(
            deps, who, webhook_id, url=body.url, types=body.types, enabled=body.enabled
        )
    )


async def _delete(deps: Node, who: Identity, webhook_id: uuid.UUID) -> Deleted:
    await actions.delete(deps, who, webhook_id)
    return Deleted(webhook_id)


async def _rotate(
    deps: Node, who: Identity, webhook_id: uuid.UUID, body: RotateSecret
) -> WebhookShown:
    return _shown(*await actions.rotate(deps, who, webhook_id, body.overlap_hours))


async def _test(deps: Node, who: Identity, webhook_id: uuid.UUID, body: Nothing) -> DeliveryOut:  # noqa: ARG001
    return delivery_out(await actions.test(deps, who, webhook_id))


async def _deliveries(
    deps: Node, who: Identity, webhook_id: uuid.UUID, query: DeliveryQuery
) -> Deliveries:
    rows = await actions.sent(deps, who, webhook_id, query.limit, read_cursor(query), query.state)
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    place = None if last is None else (last.created_at, last.id)
    shown = [delivery_out(row) for row in rows[: query.limit]]
    return Deliveries(shown, next_cursor(place, query))


async def _resend(
    deps: Node, who: Identity, webhook_id: uuid.UUID, delivery_id: uuid.UUID,
    body: Nothing,  # noqa: ARG001
) -> DeliveryOut:  # fmt: skip
    return delivery_out(await actions.resend(deps, who, webhook_id, delivery_id))


ROUTES = (
    Route("GET", ALL, _list, Webhooks, "The user's webhooks"),
    Route("POST", ALL, _make, WebhookShown, "Have events sent to an address", MakeWebhook,
          status=201, shown_once=("secret",)),
    Route("GET", ONE, _get, WebhookOut, "One webhook"),
    Route("PATCH", ONE, _change, WebhookOut, "Another address or other types; on or off",
          ChangeWebhook),
    Route("DELETE", ONE, _delete, Deleted, "Delete a webhook and its log"),
    Route("POST", f"{ONE}/rotate", _rotate, WebhookShown, "Another secret, both sign for a while",
          RotateSecret, shown_once=("secret",)),
    Route("POST", f"{ONE}/test", _test, DeliveryOut, "Send a test event", Nothing, status=201),
    Route("GET", f"{ONE}/deliveries", _deliveries, Deliveries, "What was sent and what came back",
          query=DeliveryQuery),
    Route("POST", f"{ONE}/deliveries/<uuid:delivery_id>/resend", _resend, DeliveryOut,
          "Send one once more", Nothing),
)  # fmt: skip
