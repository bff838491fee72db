"""Forgetting a person: asked for by who may, done once, gone on with after any crash."""

import uuid
from typing import Any

import msgspec
import pytest

from db import retention
from db.accounts import users
from db.billing import subscriptions
from db.consent import contacts
from db.core import sealing
from db.core.keyring import GONE
from db.privacy import erasures
from db.privacy.erasures import ErasureRow
from server.accounts import actions as accounts
from server.calls.unwritten import CarrierFact
from server.cluster import clear_rows
from server.core.errors import AppError, NotYetError
from server.core.identity.auth import Identity
from server.emails import actions as emails
from server.emails import events as email_events
from server.emails.actions import SendEmail
from server.ownership import callbacks
from server.privacy import erasure
from server.texts import actions as texts
from server.texts import inbound as texts_inbound
from server.vendors.sendgrid.events import MailEvent
from server.vendors.twilio import twiml
from tests.integration.server.privacy import seed
from tests.integration.server.privacy.privacy_node import PrivacyNode


async def refusal(asked: Any) -> str:
    with pytest.raises(AppError) as refused:
        await asked
    return refused.value.code


async def user(node: PrivacyNode, number: int) -> tuple[Identity, seed.Canaries]:
    found = seed.canaries(number)
    return await node.sign_up(found.email, found.phone), found


async def test_who_types_their_address_is_forgotten_and_nobody_else(node: PrivacyNode) -> None:
    (who, found), (other, theirs) = await user(node, 10), await user(node, 11)
    for typed in ("", "yes", theirs.email, f"{found.email}x"):
        assert await refusal(erasure.ask(node.deps, who, typed)) == "confirmation_required"
    assert await refusal(erasure.ask_for(node.deps, other, who.user_id, found.email)) == "forbidden"
    begun = await erasure.ask(node.deps, who, f" {found.email.upper()} ")
    assert (begun.state, begun.steps) == ("erasing", ())
    assert (await erasure.ask(node.deps, who, "")).asked_at == begun.asked_at, "asked again"
    await node.work()
    ended = await erasure.ask(node.deps, who, "")
    assert (ended.state, ended.remarks) == ("erased", ())
    assert (await accounts.me(node.deps, other)).email == theirs.email


async def test_an_operator_does_it_for_somebody_and_it_is_written_down(
    node: PrivacyNode,
) -> None:
    who, found = await user(node, 12)
    staff, _ = await user(node, 13)
    admin = msgspec.structs.replace(staff, admin=True)
    assert await refusal(erasure.ask_for(node.deps, admin, who.user_id, found.email)) == "forbidden"
    admin = msgspec.structs.replace(admin, operator=True)
    code = await refusal(erasure.ask_for(node.deps, admin, uuid.uuid4(), found.email))
    assert code == "not_found"
    code = await refusal(erasure.ask_for(node.deps, admin, who.user_id, "me@example.org"))
    assert code == "confirmation_required"
    begun = await erasure.ask_for(node.deps, admin, who.user_id, str(who.user_id))
    assert begun.state == "erasing"
    acts = await node.owner.fetch(
        "select action, actor_kind from app.audit_log where user_id = $1 and actor_id = $2",
        who.user_id, admin.user_id,
    )  # fmt: skip
    assert [tuple(act) for act in acts] == [("person.erasure_asked", "operator")]
    await node.work()
    done = await node.owner.fetch(
        "select action from app.audit_log where user_id = $1 and actor_kind = 'system'",
        who.user_id,
    )
    assert {act["action"] for act in done} >= {"keys.destroyed", "person.erased"}


async def test_nothing_can_be_done_with_the_account_from_then_on(node: PrivacyNode) -> None:
    who, found = await user(node, 14)
    await erasure.ask(node.deps, who, found.email)
    assert await refusal(accounts.admit(node.deps, who)) == "account_closed"
    mail = SendEmail(topic="tea", type="custom", content="Green.")
    assert await refusal(emails.send(node.deps, who, mail, key=None)) == "account_closed"
    request = texts.ConversationRequest("tea", found.friend, "Yes.")
    assert await refusal(texts.start(node.deps, who, request)) == "account_closed"


async def test_who_is_held_is_not_forgotten_before_the_hold_is_lifted(
    node: PrivacyNode,
) -> None:
    who, found = await user(node, 15)
    async with node.deps.pools.as_service() as connection:
        await retention.hold(connection, who.user_id, "a lawsuit", None)
    begun = await erasure.ask(node.deps, who, found.email)
    assert (begun.state, begun.remarks) == ("erasing", ()), "as for anybody"
    assert await node.work() == ["erase"]
    row = await progress(node, who)
    assert (row.steps, row.done_at) == (("calls", "plan"), None), "nobody pays on meanwhile"
    async with node.deps.pools.as_service() as connection:
        kept = await users.get(connection, who.user_id)
        assert kept is not None
        assert kept.email == found.email
        await retention.lift(connection, who.user_id, "over", None)
    assert await node.work() == []
    assert (await progress(node, who)).done_at is not None


async def test_the_plan_ends_at_stripe_at_once_and_nothing_is_charged_any_more(
    node: PrivacyNode,
) -> None:
    who, found = await user(node, 16)
    await seed.buy(node, who)
    async with node.deps.pools.as_service() as connection:
        row = await subscriptions.read(connection, who.user_id)
    assert row is not None
    assert row.plan == "pro"
    await erasure.ask(node.deps, who, found.email)
    await node.work()
    async with node.deps.pools.as_service() as connection:
        after = await subscriptions.read(connection, who.user_id)
        assert (
            await subscriptions.former_owner(connection, str(row.stripe_customer_id)) == who.user_id
        )
    assert after is not None
    assert (after.plan, after.status, after.stripe_customer_id) == ("free", "canceled", None)
    assert await seed.tell(node) > 0, "what Stripe tells of it late"
    later = await node.owner.fetch(
        "select tier, status from public.subscriptions where user_id = $1", who.user_id
    )
    assert {tuple(one) for one in later} == {("free", "canceled")}
    history = await node.owner.fetch(
        "select event_type from public.subscription_events where user_id = $1", who.user_id
    )
    kinds = {one["event_type"] for one in history}
    assert {"registration", "invoice.paid", "account.erased", "customer.deleted"} <= kinds


async def test_what_cannot_be_done_is_said_and_what_must_be_done_is_waited_for(
    node: PrivacyNode,
) -> None:
    who, found = await user(node, 19)
    await seed.buy(node, who)
    await erasure.ask(node.deps, who, found.email)
    poor = node.changed(mail=None, sign_in=None, stripe=None)
    with pytest.raises(NotYetError):  # who pays goes on being charged until Stripe knows
        await erasure.work(poor.deps, str(who.user_id))
    poor = node.changed(mail=None, sign_in=None)
    await erasure.work(poor.deps, str(who.user_id))
    remarks = [remark.partition(":")[0] for remark in (await progress(node, who)).remarks]
    assert remarks == ["mail", "sign_in"]


async def test_what_comes_late_changes_nothing_fails_nothing_and_does_not_stay(
    node: PrivacyNode,
) -> None:
    who, found = await user(node, 20)
    ids = await seed.everything(node, who, found)
    message = await node.owner.fetchrow(
        "select id, twilio_message_sid as sid from public.sms_messages"
        " where user_id = $1 and direction = 'outbound' limit 1", who.user_id,
    )  # fmt: skip
    await erasure.ask(node.deps, who, found.email)
    await node.work()
    sid = f"CA{ids['call'].hex}"
    form = {"CallSid": sid, "CallStatus": "completed", "To": found.friend}
    await callbacks.receive(node.deps, CarrierFact(ids["call"], "status", form))
    amd = {"CallSid": sid, "AnsweredBy": "human", "To": found.friend}
    await callbacks.receive(node.deps, CarrierFact(ids["call"], "amd", amd))
    assert await callbacks.answer(node.deps, ids["call"], sid) == twiml.hang_up()
    await texts_inbound.receive(node.deps, "SM" + "f" * 32, found.friend, found.text, 0, 1, "")
    event = MailEvent(
        id="late", kind="bounce", email_id=ids["email"], message_id="",
        address="friend@example.org", reason=f"550 no {found.friend}",
    )  # fmt: skip
    await email_events.apply(node.deps, [event])
    await seed.tell(node)
    async with node.deps.pools.as_service() as connection:
        await contacts.note_own(connection, who.user_id, [found.phone])  # let in a moment before
    assert message["sid"]
    await erasure.look_again_at_all(node.deps)
    await node.work(1000.0)
    for table in ("public.calls", "public.sms_messages", "public.emails", "app.own_addresses"):
        query = f"select count(*) from {table} where user_id = $1"
        assert await node.owner.fetchval(query, who.user_id) == 0, table
    payloads = await node.owner.fetch("select payload from app.stripe_events")
    assert all(found.email not in str(row["payload"]) for row in payloads)


async def progress(node: PrivacyNode, who: Identity) -> ErasureRow:
    async with node.deps.pools.as_service() as connection:
        row = await erasures.get(connection, who.user_id)
    assert row is not None
    return row


async def test_what_was_sealed_of_the_person_opens_nowhere_and_their_empty_row_is_left_alone(
    node: PrivacyNode,
) -> None:
    who, found = await user(node, 21)
    keyring = node.deps.pools.keyring
    async with node.deps.pools.as_service() as connection:
        assert await erasures.by_email(connection, found.email.upper()) == [who.user_id]
        assert await erasures.by_email(connection, f"x{found.email}") == []
    key = await keyring.of(who.user_id)
    sealed = sealing.seal(key, found.topic.encode(), b"a place")
    await erasure.ask(node.deps, who, found.email)
    await node.work()
    assert (await keyring.with_ids([key.id]))[sealing.key_id_of(sealed) or ""] is GONE
    await clear_rows.seal(node.deps)
    async with node.deps.pools.as_service() as connection:
        kept = await users.get(connection, who.user_id)
        assert await erasures.by_email(connection, found.email) == []
    assert kept is not None
    assert kept.email == f"{who.user_id}@erased.invalid"
