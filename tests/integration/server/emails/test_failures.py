"""Misfortunes one step at a time: lost answers without events, dead nodes, refusals, silence."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from db.consent import contacts
from db.core.pool import Pools
from media.engines.scripted import Behaviour
from server.core.errors import AppError, NotYetError
from server.emails import delivery as emails_delivery
from server.emails import events as emails_events
from server.vendors.sendgrid.events import MailEvent
from tests.integration.server.emails.email_node import SETTLE_SECONDS, EmailNode, open_email_node
from tests.integration.server.emails.post import until
from tests.support.processes import free_port


@pytest.fixture
async def node(pools: Pools, owner: asyncpg.Connection, tmp_path: Path) -> AsyncIterator[EmailNode]:
    async with open_email_node(pools, owner, tmp_path) as opened:
        yield opened


def event_of(row_id: object, kind: str, number: int = 1) -> MailEvent:
    """An event about our e-mail."""
    return MailEvent(f"{kind}-{number}", kind, "x@example.org", row_id, "", None)  # type: ignore[arg-type]


async def test_without_an_answer_or_an_event_it_is_sent_again_only_after_a_while(
    node: EmailNode,
) -> None:
    row = await node.ask()
    await node.faults(mail_send="500")
    assert await node.work(row) == ""
    assert (await node.now(row)).state == "unknown"
    assert max(await node.due(row)) == pytest.approx(SETTLE_SECONDS, abs=5)
    assert await node.work(row) == ""
    assert (await node.now(row)).state == "unknown"
    assert await node.mails() == []
    await node.later(row, SETTLE_SECONDS)
    await node.work(row)
    now = await node.now(row)
    assert (now.state, now.status, len(await node.mails())) == ("accepted", "sent", 1)
    assert await node.reserved() == (1, 0)
    await node.work(row)
    assert len(await node.mails()) == 1


async def test_a_late_event_is_enough_to_know(node: EmailNode) -> None:
    row = await node.ask()
    await node.faults(mail_send="500_after_commit")
    await node.work(row)
    await emails_events.apply(node.deps, [event_of(row.id, "processed")])
    await node.later(row, 2 * SETTLE_SECONDS)
    await node.work(row)
    assert (len(await node.mails()), await node.reserved()) == (1, (1, 0))
    assert await node.told() == ["email.queued", "email.sent"]


async def test_where_no_event_would_come_an_unknown_outcome_stays_unknown(
    node: EmailNode,
) -> None:
    node.configured(SENDGRID__PUBLIC_KEY="")
    row = await node.ask()
    await node.faults(mail_send="500_after_commit")
    await node.work(row)
    await node.later(row, SETTLE_SECONDS)
    await node.work(row)
    now = await node.now(row)
    assert (now.status, now.error, len(await node.mails())) == (
        "failed",
        "outcome_unknown",
        1,
    )
    assert await node.reserved() == (0, 0)
    assert await node.told() == ["email.queued", "email.failed"]
    await node.work(row)
    assert len(await node.mails()) == 1


async def test_what_a_dead_node_was_sending_is_left_alone_for_a_while(
    node: EmailNode,
) -> None:
    row = await node.ask()
    await node.put(row, "sending")
    await node.work(row)
    assert (await node.mails(), (await node.now(row)).state) == ([], "sending")
    assert max(await node.due(row)) == pytest.approx(SETTLE_SECONDS, abs=5)
    await node.later(row, SETTLE_SECONDS)
    await asyncio.gather(*(node.work(row) for _ in range(5)))
    assert (len(await node.mails()), (await node.now(row)).state) == (1, "accepted")


async def test_a_database_that_fails_before_it_was_asked_leaves_it_to_be_sent(
    node: EmailNode,
) -> None:
    row = await node.ask()
    await node.owner.execute("alter table app.profiles rename to profiles_away")
    with pytest.raises(asyncpg.UndefinedTableError):
        await node.work(row)
    assert (await node.now(row)).state == "queued"
    await node.owner.execute("alter table app.profiles_away rename to profiles")
    await node.work(row)
    assert (len(await node.mails()), (await node.now(row)).state) == (1, "accepted")


async def test_a_mail_company_that_is_away_or_busy_was_never_asked(node: EmailNode) -> None:
    row = await node.ask()
    away = f"http://127.0.0.1:{free_port()}"
    node.configured(SENDGRID__BASE_URL=away)
    assert await node.work(row) != ""
    assert (await node.now(row)).state == "queued"
    node.configured()
    await node.faults(mail_send="429", mail_send_times=2)
    assert [bool(await node.work(row)) for _ in range(3)] == [True, True, False]
    assert (len(await node.mails()), (await node.now(row)).status) == (1, "sent")


async def test_a_refusal_ends_it_with_the_companys_words_and_costs_nothing(
    node: EmailNode,
) -> None:
    node.configured(EMAIL__FROM_EMAIL="somebody-else@example.com")
    row = await node.ask()
    assert await node.work(row) == ""
    now = await node.now(row)
    assert (now.state, now.status, await node.reserved()) == ("refused", "failed", (0, 0))
    assert "verified Sender Identity" in str(now.error)
    assert await node.told() == ["email.queued", "email.failed"]
    node.configured()
    secret = await node.ask(content="SG.abcdef.ghijkl is my key")
    await node.work(secret)
    assert ((await node.now(secret)).state, await node.mails()) == ("refused", [])


async def test_who_said_stop_meanwhile_gets_nothing(node: EmailNode) -> None:
    row = await node.ask(recipient_email="Ann@Example.org")
    async with node.deps.pools.as_service() as connection:
        await contacts.opt_out(connection, "ann@example.org", "unsubscribe")
    await node.work(row)
    now = await node.now(row)
    assert (now.state, now.status, now.error) == ("dropped", "failed", "opted_out")
    assert (await node.mails(), await node.reserved()) == ([], (0, 0))
    with pytest.raises(AppError, match="opted_out"):
        await node.ask(recipient_email="ann@example.org")


async def test_a_mind_that_fails_is_asked_again_and_in_the_end_it_costs_nothing(
    node: EmailNode,
) -> None:
    row = await node.ask(content=None)
    node.llm.behaviour = Behaviour(fails=True)
    for _ in range(4):
        with pytest.raises(NotYetError):
            await emails_delivery.write(node.deps, str(row.id))
    await emails_delivery.write(node.deps, str(row.id))
    now = await node.now(row)
    assert (now.state, now.status, now.error) == ("dropped", "failed", "not_written")
    assert await node.reserved() == (0, 0)
    node.llm.behaviour = Behaviour()
    second = await node.ask(content=None)
    await asyncio.gather(*(emails_delivery.write(node.deps, str(second.id)) for _ in range(3)))
    assert (await node.now(second)).content == "A letter."
    assert len(node.llm.prompts) == 6
    assert node.llm.prompts[-1].form == "letter"


async def test_without_an_account_there_is_no_mail(node: EmailNode) -> None:
    node.deps = msgspec.structs.replace(node.deps, mail=None)
    with pytest.raises(AppError, match="email_unavailable"):
        await node.ask()


async def test_no_order_of_events_leads_back(node: EmailNode) -> None:
    row = await node.ask()
    await node.work(row)
    order = ["delivered", "processed", "bounce", "deferred", "delivered", "spamreport"]
    seen = []
    for number, kind in enumerate(order):
        await emails_events.apply(node.deps, [event_of(row.id, kind, number)])
        now = await node.now(row)
        seen.append((now.delivery, now.status))
    assert seen == [("delivered", "sent")] * 2 + [("bounce", "failed")] * 4
    same = [event_of(row.id, kind, number) for number, kind in enumerate(order)]
    before = await node.now(row)
    await asyncio.gather(*(emails_events.apply(node.deps, same) for _ in range(3)))
    assert await node.now(row) == before


async def test_whom_the_company_sends_nothing_any_more_we_do_not_ask_it_to_mail(
    node: EmailNode,
) -> None:
    row = await node.ask(recipient_email="ann@example.org")
    await node.work(row)
    dropped = MailEvent("d1", "dropped", "", row.id, "", "Spam Reporting Address")
    await emails_events.apply(node.deps, [dropped])
    async with node.deps.pools.as_service() as connection:
        wish = await contacts.opted_out(connection, ["ann@example.org"])
    assert wish is not None
    assert wish.reason == "complaint"


async def test_an_event_that_comes_before_the_answer_is_believed_more(
    node: EmailNode,
) -> None:
    row = await node.ask()
    node.configured(SENDGRID__TIMEOUT_SECONDS="0.5")
    await node.faults(mail_send="timeout_after_commit", mail_send_hold_ms=2000)
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(node.work(row))
        await until(node.mails, bool)
        await emails_events.apply(node.deps, [event_of(row.id, "bounce")])
        assert not sending.done()
    now = await node.now(row)
    assert (now.state, now.status, now.delivery) == ("accepted", "failed", "bounce")
    assert await node.due(row) == [pytest.approx(0, abs=5)]  # the first job, and none to look again
