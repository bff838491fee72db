"""Somebody who used everything, and whose data can be told from everybody else's."""

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import msgspec

from db import annotations, calls, recordings
from db.accounts import tokens, users
from db.accounts.users import Profile
from db.calls import CallChange, NewCall
from db.cluster import idempotency, inbox
from db.consent import contacts
from db.consent.contacts import NewConsent
from db.core.pool import Pools
from db.history import journal
from db.history.journal import JournalEntry
from db.privacy import numbers
from db.recordings import NewPiece, RecordingRow
from sandbox.core.settings import STRIPE_KEY
from server.billing import actions as billing
from server.billing import checkout
from server.billing import events as billing_events
from server.billing.actions import PlanAsk
from server.core.identity.auth import Identity
from server.core.times import utc
from server.emails import actions as emails
from server.emails.actions import SendEmail
from server.scheduled_calls import actions as scheduled_calls
from server.scheduled_calls.keeping import Asked
from server.texts import actions as texts
from server.texts import inbound as texts_inbound
from tests.integration.server.privacy.privacy_node import PrivacyNode

JOURNAL = Path(__file__).parents[3] / "architecture" / "names" / "journals" / "takeover.jsonl"


class Canaries(msgspec.Struct, frozen=True):
    """What must be found nowhere once its person is forgotten, a kind each."""

    email: str
    phone: str
    name: str
    topic: str
    said: str
    operator_said: str
    text: str
    mail: str
    consent: str
    tag: str
    note: str
    friend: str  # a number they called and texted

    def all(self) -> list[bytes]:
        return [str(value).encode() for value in msgspec.structs.astuple(self)]


def canaries(seed: int) -> Canaries:
    """Those of one person."""
    mark = uuid.uuid4().hex[:10].translate(str.maketrans("0123456789", "ghijklmnop"))
    return Canaries(
        email=f"canary-{mark}@example.org",
        phone=f"+1202557{seed:04d}",
        name=f"Nora {mark}n",
        topic=f"topic {mark}t",
        said=f"With my {mark}s.",
        operator_said=f"operator {mark}o",
        text=f"texted {mark}x",
        mail=f"mailed {mark}m",
        consent=f"agreed {mark}c",
        tag=f"tagged {mark}g",
        note=f"noted {mark}e",
        friend=f"+1202558{seed:04d}",
    )


async def call(pools: Pools, user_id: uuid.UUID, found: Canaries) -> uuid.UUID:
    """A call that is over, in which an operator took over, with its journal."""
    call_id = uuid.uuid4()
    lines = JOURNAL.read_text()
    for old, new in (
        ("gardening", found.topic), ("With my roses.", found.said),
        ("I am Anna. How can I help?", found.operator_said),
        ("CA00000000000000000000000000000001", f"CA{call_id.hex}"),
    ):  # fmt: skip
        assert old in lines
        lines = lines.replace(old, new)
    events = [msgspec.json.decode(line) for line in lines.splitlines()]
    async with pools.as_service() as connection:
        new_call = NewCall(call_id, user_id, found.friend, found.topic, "a", 60)
        row = await calls.insert_call(connection, new_call)
        entries = [
            JournalEntry(call_id, user_id, row.lease_epoch, seq, utc(one["at"]), one["event"])
            for seq, one in enumerate(events)
        ]
        await journal.append(connection, entries)
        now = dt.datetime.now(dt.UTC)  # noqa: TID251 - the database's time
        over = CallChange(
            "ended", f"CA{call_id.hex}", answered_time=now, ended_time=now, duration_seconds=13
        )
        await calls.apply_change(connection, call_id, over, row.lease_epoch)
        payload = {"To": found.friend, "CallSid": f"CA{call_id.hex}"}
        await inbox.record(
            connection, provider="twilio", key=f"CA{call_id.hex}:status:completed", kind="status",
            payload=payload, call_id=call_id,
        )  # fmt: skip
        agreed = RecordingRow(
            call_id, user_id, utc(events[1]["at"]), f"May I record? {found.consent}", "", 0, ""
        )
        await recordings.agree(connection, agreed)
        sound = found.said.encode().ljust(160, b"\xff")
        piece = NewPiece(call_id, user_id, row.lease_epoch, 0, agreed.agreed_at, 80, sound)
        await recordings.add(connection, piece)
        await annotations.tag(connection, call_id, user_id, found.tag)
        await annotations.add_note(connection, call_id, user_id, user_id, found.note)
    return call_id


async def buy(node: PrivacyNode, who: Identity) -> None:
    """A plan paid for, and what Stripe tells of it worked on."""
    link = await checkout.checkout(node.deps, who, PlanAsk("pro"))
    async with node.http.post(
        link.url, data={"card": "pm_card_visa"}, allow_redirects=False
    ) as page:
        assert page.status == 303, await page.text()
    await tell(node)


async def tell(node: PrivacyNode) -> int:
    """Let everything arrive that Stripe has to tell; how much was new."""
    new = 0
    key = {"Authorization": f"Bearer {STRIPE_KEY}"}
    async with node.http.get(f"{node.url}/v1/events?limit=100", headers=key) as answer:
        told = await answer.json()
    for payload in reversed(told["data"]):
        new += await billing_events.keep(node.deps, billing_events.read_event(payload))
    await billing_events.attend_all(node.deps)
    return new


async def everything(node: PrivacyNode, who: Identity, found: Canaries) -> dict[str, Any]:
    """Use every part of the product; the ids of what was made."""
    deps, pools = node.deps, node.deps.pools
    async with pools.as_service() as connection:
        said = Profile(found.name, "en", "America/Denver")
        await users.state(connection, who.user_id, said)
        await contacts.note_own(connection, who.user_id, [found.phone, found.email])
        await numbers.prefer(connection, who.user_id, found.phone)
        await contacts.begin_proof(connection, who.user_id, found.phone, "000000", 600)
        claim = await idempotency.claim(connection, who.user_id, "key", "print", 60)
        body = found.mail.encode()
        await idempotency.finish(
            connection, who.user_id, "key", claim.holder, status=200, body=body
        )
        claims = {**who.claims, "email": found.email, "phone": found.phone}
        await tokens.mint_ticket(connection, who.user_id, claims, lifetime_seconds=30)
        agreed = NewConsent(who.user_id, "calls", found.friend, found.consent, "told by user")
        await contacts.give_consent(connection, agreed)
    call_id = await call(pools, who.user_id, found)
    request = texts.ConversationRequest(found.topic, found.friend, found.consent)
    conversation = await texts.start(deps, who, request)
    await node.work()
    await texts_inbound.receive(deps, f"SM{uuid.uuid4().hex}", found.friend, found.text, 0, 1, "")
    await texts.say(deps, who, conversation.id, found.text, key=None, cause=None)
    asked = Asked(found.topic, found.friend, utc(deps.clock() + 3600))
    await scheduled_calls.schedule(deps, who, asked)
    mail = SendEmail(
        topic=found.topic, type="custom", subject=found.topic, content=found.mail,
        recipient_email=f"friend-{found.friend[1:]}@example.org",
    )  # fmt: skip
    email = await emails.send(deps, who, mail, key=None)
    await node.work()
    await buy(node, who)
    await billing.read(deps, who)
    return {"call": call_id, "conversation": conversation.id, "email": email.id}
