"""Misfortunes one step at a time: lost answers without events, dead nodes, refusals, silence."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from db import contacts
from db.core.pool import Pools
from media.engines.scripted import Behaviour
from server.core.errors import AppError, NotYetError
from server.emails import delivery as emails_delivery
from server.emails import events as emails_events
from server.vendors.sendgrid.events import MailEvent
from tests.integration.server.emails.desk import SETTLE_SECONDS, Desk, open_desk
from tests.integration.server.emails.post import until
from tests.support.processes import free_port


@pytest.fixture
async def desk(pools: Pools, owner: asyncpg.Connection, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(pools, owner, tmp_path) as opened:
        yield opened


def event_of(row_id: object, kind: str, number: int = 1) -> MailEvent:
    """An event about our e-mail."""
    return MailEvent(f"{kind}-{number}", kind, "x@example.org", row_id, "", None)  # type: ignore[arg-type]


async def test_without_an_answer_or_an_event_it_is_sent_again_only_after_a_while(
    desk: Desk,
) -> None:
    row = await desk.ask()
    await desk.faults(mail_send="500")
    assert await desk.work(row) == ""
    assert (await desk.now(row)).state == "unknown"
    assert max(await desk.due(row)) == pytest.approx(SETTLE_SECONDS, abs=5)
    assert await desk.work(row) == ""
    assert (await desk.now(row)).state == "unknown"
    assert await desk.mails() == []
    await desk.later(row, SETTLE_SECONDS)
    await desk.work(row)
    now = await desk.now(row)
    assert (now.state, now.status, len(await desk.mails())) == ("accepted", "sent", 1)
    assert await desk.reserved() == (1, 0)
    await desk.work(row)
    assert len(await desk.mails()) == 1


async def test_a_late_event_is_enough_to_know(desk: Desk) -> None:
    row = await desk.ask()
    await desk.faults(mail_send="500_after_commit")
    await desk.work(row)
    await emails_events.apply(desk.deps, [event_of(row.id, "processed")])
    await desk.later(row, 2 * SETTLE_SECONDS)
    await desk.work(row)
    assert (len(await desk.mails()), await desk.reserved()) == (1, (1, 0))
    assert await desk.told() == ["email.queued", "email.sent"]


async def test_where_no_event_would_come_an_unknown_outcome_stays_unknown(desk: Desk) -> None:
    desk.configured(SENDGRID__PUBLIC_KEY="")
    row = await desk.ask()
    await desk.faults(mail_send="500_after_commit")
    await desk.work(row)
    await desk.later(row, SETTLE_SECONDS)
    await desk.work(row)
    now = await desk.now(row)
    assert (now.status, now.error, len(await desk.mails())) == ("failed", "outcome_unknown", 1)
    assert await desk.reserved() == (0, 0)
    assert await desk.told() == ["email.queued", "email.failed"]
    await desk.work(row)
    assert len(await desk.mails()) == 1


async def test_what_a_dead_node_was_sending_is_left_alone_for_a_while(desk: Desk) -> None:
    row = await desk.ask()
    await desk.put(row, "sending")
    await desk.work(row)
    assert (await desk.mails(), (await desk.now(row)).state) == ([], "sending")
    assert max(await desk.due(row)) == pytest.approx(SETTLE_SECONDS, abs=5)
    await desk.later(row, SETTLE_SECONDS)
    await asyncio.gather(*(desk.work(row) for _ in range(5)))
    assert (len(await desk.mails()), (await desk.now(row)).state) == (1, "accepted")


async def test_a_mail_company_that_is_away_or_busy_was_never_asked(desk: Desk) -> None:
    row = await desk.ask()
    away = f"http://127.0.0.1:{free_port()}"
    desk.configured(SENDGRID__BASE_URL=away)
    assert await desk.work(row) != ""
    assert (await desk.now(row)).state == "queued"
    desk.configured()
    await desk.faults(mail_send="429", mail_send_times=2)
    assert [bool(await desk.work(row)) for _ in range(3)] == [True, True, False]
    assert (len(await desk.mails()), (await desk.now(row)).status) == (1, "sent")


async def test_a_refusal_ends_it_with_the_companys_words_and_costs_nothing(desk: Desk) -> None:
    desk.configured(EMAIL__FROM_EMAIL="somebody-else@example.com")
    row = await desk.ask()
    assert await desk.work(row) == ""
    now = await desk.now(row)
    assert (now.state, now.status, await desk.reserved()) == ("refused", "failed", (0, 0))
    assert "verified Sender Identity" in str(now.error)
    assert await desk.told() == ["email.queued", "email.failed"]
    desk.configured()
    secret = await desk.ask(content="SG.abcdef.ghijkl is my key")
    await desk.work(secret)
    assert ((await desk.now(secret)).state, await desk.mails()) == ("refused", [])


async def test_who_said_stop_meanwhile_gets_nothing(desk: Desk) -> None:
    row = await desk.ask(recipient_email="Ann@Example.org")
    async with desk.deps.pools.as_service() as connection:
        await contacts.opt_out(connection, "ann@example.org", "unsubscribe")
    await desk.work(row)
    now = await desk.now(row)
    assert (now.state, now.status, now.error) == ("dropped", "failed", "opted_out")
    assert (await desk.mails(), await desk.reserved()) == ([], (0, 0))
    with pytest.raises(AppError, match="opted_out"):
        await desk.ask(recipient_email="ann@example.org")


async def test_a_mind_that_fails_is_asked_again_and_in_the_end_it_costs_nothing(
    desk: Desk,
) -> None:
    row = await desk.ask(content=None)
    desk.llm.behaviour = Behaviour(fails=True)
    for _ in range(4):
        with pytest.raises(NotYetError):
            await emails_delivery.write(desk.deps, str(row.id))
    await emails_delivery.write(desk.deps, str(row.id))
    now = await desk.now(row)
    assert (now.state, now.status, now.error) == ("dropped", "failed", "not_written")
    assert await desk.reserved() == (0, 0)
    desk.llm.behaviour = Behaviour()
    second = await desk.ask(content=None)
    await asyncio.gather(*(emails_delivery.write(desk.deps, str(second.id)) for _ in range(3)))
    assert (await desk.now(second)).content == "A letter."
    assert len(desk.llm.prompts) == 6
    assert desk.llm.prompts[-1].form == "letter"


async def test_without_an_account_there_is_no_mail(desk: Desk) -> None:
    desk.deps = msgspec.structs.replace(desk.deps, mail=None)
    with pytest.raises(AppError, match="email_unavailable"):
        await desk.ask()


async def test_no_order_of_events_leads_back(desk: Desk) -> None:
    row = await desk.ask()
    await desk.work(row)
    order = ["delivered", "processed", "bounce", "deferred", "delivered", "spamreport"]
    seen = []
    for number, kind in enumerate(order):
        await emails_events.apply(desk.deps, [event_of(row.id, kind, number)])
        now = await desk.now(row)
        seen.append((now.delivery, now.status))
    assert seen == [("delivered", "sent")] * 2 + [("bounce", "failed")] * 4
    same = [event_of(row.id, kind, number) for number, kind in enumerate(order)]
    before = await desk.now(row)
    await asyncio.gather(*(emails_events.apply(desk.deps, same) for _ in range(3)))
    assert await desk.now(row) == before


async def test_whom_the_company_sends_nothing_any_more_we_do_not_ask_it_to_mail(
    desk: Desk,
) -> None:
    row = await desk.ask(recipient_email="ann@example.org")
    await desk.work(row)
    dropped = MailEvent("d1", "dropped", "", row.id, "", "Spam Reporting Address")
    await emails_events.apply(desk.deps, [dropped])
    async with desk.deps.pools.as_service() as connection:
        wish = await contacts.opted_out(connection, ["ann@example.org"])
    assert wish is not None
    assert wish.reason == "complaint"


async def test_an_event_that_comes_before_the_answer_is_believed_more(desk: Desk) -> None:
    row = await desk.ask()
    await desk.faults(mail_send="timeout_after_commit", mail_send_hold_ms=2000)
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(desk.work(row))
        await until(desk.mails, bool)
        await emails_events.apply(desk.deps, [event_of(row.id, "bounce")])
        assert not sending.done()
    now = await desk.now(row)
    assert (now.state, now.status, now.delivery) == ("accepted", "failed", "bounce")
    assert await desk.due(row) == [pytest.approx(0, abs=5)]  # the first job, and none to look again
