"""Signed events of forms that Stripe has or may have, and such as only a mistake makes."""

from typing import Any

import asyncpg
import pytest
from quart.typing import TestClientProtocol as Client

from server.billing import events as stripe_events
from tests.integration.server.billing.billing_node import BillingNode
from tests.integration.server.billing.test_stories import subscribe
from tests.integration.server.billing.test_webhook import EVENT, client, failed, kept, send

__all__ = ["client"]

THIN = {
    "id": "evt_thin", "object": "v2.core.event", "type": "v1.customer.updated",
    "created": "2026-11-10T12:00:00.000Z", "livemode": True,
    "related_object": {"id": "cus_9", "type": "customer", "url": "/v1/customers/cus_9"},
}  # fmt: skip
DEEP = b'{"id": "evt_d", "type": "a.b", "created": 1, "data": %s}' % (b"[" * 400 + b"]" * 400)


def of(subject: Any, **more: Any) -> dict[str, Any]:
    return {**EVENT, "data": {"object": subject}, **more}


async def test_whatever_an_event_is_about_it_is_kept_and_hinders_no_other(
    node: BillingNode, client: Client, owner: asyncpg.Connection
) -> None:
    given: list[dict[str, Any]] = [
        {**EVENT, "data": None}, {**EVENT, "data": []}, of(None), of([]),
        of({"object": "product", "name": "a\0b", "c\0": 1}),
        of({"object": "customer", "id": "cus_\0"}), {**EVENT, "type": "a\0b"},
        of({"object": "invoice", "customer": "cus_1", "currency": 5, "amount_paid": "12"}),
    ]  # fmt: skip
    odd = [{**one, "id": f"evt_{number}\0"} for number, one in enumerate(given)]
    assert {await send(client, one) for one in (*odd, THIN)} == {200}
    assert await send(client, None, body=DEEP) == 200
    assert await kept(owner) == len(odd) + 2
    await stripe_events.attend_all(node.deps)
    strange = await failed(node)
    assert {one.error for one in strange} == {"unknown_user"}
    assert {one.customer_id for one in strange} == {"cus_", "cus_1", "cus_9"}


@pytest.mark.parametrize(
    "odd",
    [
        {"created": 10**13}, {"created": -1}, {"created": 10**18}, {"created": "yesterday"},
        {"created": "2026-11-10T12:00:00"}, {"id": "evt_" + "x" * 300}, {"type": "x" * 300},
        {"id": ""}, {"api_version": 5},
    ],
)  # fmt: skip
async def test_what_no_row_can_hold_is_a_bad_request(client: Client, odd: dict[str, Any]) -> None:
    assert await send(client, {**EVENT, **odd}) == 400


async def test_what_stripe_does_not_know_of_is_set_aside_after_days_like_a_stranger(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    refund = of({"object": "refund", "id": "re_1", "charge": "ch_of_nobody"}, type="refund.created")
    await node.deliver([refund])
    await owner.execute("update app.stripe_events set received_at = now() - interval '4 days'")
    node.advance(hours=2)
    await node.deliver([])
    (waits,) = await failed(node)
    assert (waits.error, waits.set_aside_at is None) == ("resource_missing", False)


async def test_a_thin_event_has_its_customer_looked_at(node: BillingNode) -> None:
    who = await subscribe(node)
    (held,) = node.service.account.all("subscription")
    await node.admin.v1.subscriptions.cancel_async(held["id"])
    about = {"id": held["customer"], "type": "customer"}
    await node.deliver([{**THIN, "related_object": about}])
    assert await node.entitlement(who) == ("free", "active", None)
