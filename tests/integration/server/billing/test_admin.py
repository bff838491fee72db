"""What administrators see over REST's handlers, page by page, and nobody else does."""

import uuid

import msgspec
import pytest

from db.audit import Filters
from server.admin import actions as admin
from server.audit import acts
from server.audit.acts import Origin, by
from server.billing import actions as billing
from server.billing.actions import PlanAsk
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.http.paging import PageQuery, read_cursor, write_cursor
from tests.integration.server.billing.billing_node import BillingNode
from tests.integration.server.billing.test_stories import subscribe


def an_admin(*, really: bool = True) -> Identity:
    user_id = uuid.uuid4()
    claims = {
        "sub": str(user_id), "role": "authenticated",
        "app_metadata": {"role": "admin"} if really else {},
    }  # fmt: skip
    return Identity(user_id, None, None, True, 0.0, claims)


async def test_an_administrator_pages_through_everybody_once(node: BillingNode) -> None:
    people = {(await node.sign_up()).user_id for _ in range(5)}
    seen = []
    place = None
    while rows := await admin.users(node.deps, an_admin(), 2, place):
        seen += [row.id for row in rows]
        place = read_cursor(PageQuery(2, write_cursor(rows[-1].created_at, rows[-1].id)))
    assert len(seen) == 5
    assert set(seen) == people


async def test_the_audit_trail_begins_with_what_is_newest(node: BillingNode) -> None:
    who = await subscribe(node)
    rows = await admin.audit(node.deps, an_admin(), 100, None)
    assert rows[-1].event_type == "registration"
    assert {row.user_id for row in rows} == {who.user_id}
    assert "invoice.paid" in {row.event_type for row in rows}


async def test_nobody_else_may_look(node: BillingNode) -> None:
    who = await node.sign_up()
    for look in (admin.users, admin.audit):
        with pytest.raises(AppError) as refused:
            await look(node.deps, who, 10, None)
        assert refused.value.code == "forbidden"


async def test_without_the_claim_the_database_shows_nothing_even_so(
    node: BillingNode,
) -> None:
    await node.sign_up()
    assert await admin.users(node.deps, an_admin(really=False), 10, None) == []


def test_a_cursor_of_somebodys_own_making_is_refused() -> None:
    for cursor in ("nonsense", "bm9wZQ==", msgspec.json.encode({}).hex()):
        with pytest.raises(AppError):
            read_cursor(PageQuery(2, cursor))


async def test_a_plans_change_is_in_the_audit_log(node: BillingNode) -> None:
    who = await subscribe(node)
    rows = await admin.acts(node.deps, an_admin(), 100, None, Filters(user_id=who.user_id))
    # Newest first. The database signs people up in its own month, not in the node's clock's.
    changed, requested, *_ = rows
    assert (requested.action, requested.data["to"]) == ("plan.requested", "pro")
    assert (changed.action, changed.actor_kind, changed.actor_name) == (
        "plan.changed", "provider", "stripe",
    )  # fmt: skip
    assert changed.data["plan"] == ["free", "pro"]
    acts.begin(Origin("r", None, by(who)))
    await billing.change(node.deps, who, PlanAsk("premium"))
    rows = await admin.acts(node.deps, an_admin(), 2, None, Filters(user_id=who.user_id))
    assert [(row.action, row.actor_id, row.request_id) for row in rows] == [
        ("plan.changed", who.user_id, "r"), ("plan.requested", who.user_id, "r"),
    ]  # fmt: skip
