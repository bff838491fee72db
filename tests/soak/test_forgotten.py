"""Nothing of somebody who was forgotten is left: in a dump, in the data files, in what was logged;
whatever crashes in between, and however many nodes do it.

Someone else who used everything, too, keeps all of it.
"""

import asyncio
import subprocess

import asyncpg
import pytest

from db import calls
from db.consent import contacts
from db.privacy import erasures
from db.privacy.erasures import ErasureRow
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.keyed_locks import KeyedLocks
from server.emails import actions as emails
from server.emails.actions import SendEmail
from server.privacy import erasure, erasure_steps
from server.privacy.deps import PrivacyDeps
from server.privacy.erasure import Step
from tests.integration.db.schema import program
from tests.integration.server.privacy import seed
from tests.integration.server.privacy.conftest import node
from tests.integration.server.privacy.privacy_node import PrivacyNode
from tests.support.database import Database

__all__ = ["node"]


def dumped(database: Database) -> bytes:
    """The whole database as SQL."""
    made = subprocess.run(
        [program(), "--inserts", database.owner_dsn], capture_output=True, check=True
    )
    return made.stdout


async def data_files(owner: asyncpg.Connection) -> bytes:
    """All files of this database, with what is in memory written to them."""
    await owner.execute("checkpoint")
    found = await owner.fetch(
        "select pg_read_binary_file(folder || '/' || name) as data"
        " from (select 'base/' || oid as folder from pg_database"
        " where datname = current_database()) d, pg_ls_dir(folder) as name"
        " where name !~ 'init|fsm|vm'"
    )
    return b"".join(row["data"] for row in found)


async def test_nothing_is_left_of_somebody_and_everything_of_somebody_else(
    node: PrivacyNode, owner: asyncpg.Connection, database: Database,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    node.deps.pools.keyring.mode = "none"  # so that what is left can be read
    gone, there = seed.canaries(30), seed.canaries(31)
    who = await node.sign_up(gone.email, gone.phone)
    other = await node.sign_up(there.email, there.phone)
    await seed.everything(node, who, gone)
    await seed.everything(node, other, there)
    async with node.deps.pools.as_service() as connection:
        await contacts.opt_out(connection, gone.email, "unsubscribe")
        await contacts.ask_whether_to_stop(connection, gone.phone)
    before = dumped(database)
    assert [mark for mark in gone.all() if mark not in before] == []

    await erasure.ask(node.deps, who, gone.email)
    await node.work()
    await seed.tell(node)
    await node.work(1000.0)
    after = dumped(database)
    assert [mark for mark in gone.all() if mark in after] == []
    assert [mark for mark in there.all() if mark not in after] == []
    assert str(who.user_id).encode() in after, "an id, plans and dates stay"

    await owner.execute("vacuum full")
    files = await data_files(owner)
    assert [mark for mark in gone.all() if mark in files] == []
    assert there.topic.encode() in files
    logged = "".join(capfd.readouterr()).encode()
    assert [mark for mark in (*gone.all(), *there.all()) if mark in logged] == []

    mail = SendEmail(topic="tea", type="custom", content="Hi", recipient_email=gone.email)
    with pytest.raises(AppError) as refused:  # whoever said stop is not written to by anybody
        await emails.send(node.deps, other, mail, key=None)
    assert refused.value.code == "opted_out"


class CrashError(Exception):
    """The process is gone."""


def crashing(step: Step, *, after: bool) -> Step:
    """The step on a node that dies before it, or after it and before that is written down."""

    async def crash(deps: PrivacyDeps, row: ErasureRow) -> str | None:
        if after:
            await step(deps, row)
        raise CrashError

    return crash


async def test_a_crash_at_any_step_is_gone_on_after_and_the_last_mail_comes_once(
    node: PrivacyNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, found = await user(node, 17)
    ids = await seed.everything(node, who, found)
    await erasure.ask(node.deps, who, found.email)
    steps = erasure.STEPS
    for at, (name, step) in enumerate(steps):
        for after in (False, True):
            broken = (*steps[:at], (name, crashing(step, after=after)))
            monkeypatch.setattr(erasure, "STEPS", broken)
            with pytest.raises(CrashError):
                await erasure.work(node.deps, str(who.user_id))
            row = await progress(node, who)
            assert (row.done_at, name in row.steps) == (None, False)
    monkeypatch.setattr(erasure, "STEPS", steps)
    await erasure.work(node.deps, str(who.user_id))
    assert (await progress(node, who)).done_at is not None
    mails = [mail for mail in await node.ask("GET", "/world/mails") if found.email in mail["to"]]
    assert [mail["subject"] for mail in mails] == [erasure_steps.SUBJECT]
    async with node.deps.pools.as_service() as connection:
        assert await calls.get_any(connection, ids["call"]) is None


async def test_two_nodes_at_once_forget_somebody_once(node: PrivacyNode) -> None:
    who, found = await user(node, 18)
    await seed.everything(node, who, found)
    await erasure.ask(node.deps, who, found.email)
    other = node.changed(locks=KeyedLocks())
    await asyncio.gather(*(erasure.work(one.deps, str(who.user_id)) for one in (node, other)))
    mails = [mail for mail in await node.ask("GET", "/world/mails") if found.email in mail["to"]]
    assert len(mails) == 1
    lines = await node.owner.fetchval(
        "select count(*) from public.subscription_events"
        " where user_id = $1 and event_type = 'account.erased'", who.user_id,
    )  # fmt: skip
    assert lines == 1


async def progress(node: PrivacyNode, who: Identity) -> ErasureRow:
    async with node.deps.pools.as_service() as connection:
        row = await erasures.get(connection, who.user_id)
    assert row is not None
    return row


async def user(node: PrivacyNode, number: int) -> tuple[Identity, seed.Canaries]:
    found = seed.canaries(number)
    return await node.sign_up(found.email, found.phone), found
