"""Nothing of somebody who was forgotten is left: in a dump, in the data files, in what was logged.

Someone else who used everything, too, keeps all of it.
"""

import subprocess

import asyncpg
import pytest

from db import contacts
from server.core.errors import AppError
from server.emails import actions as emails
from server.emails.actions import SendEmail
from server.privacy import erasure
from tests.integration.db.schema import program
from tests.integration.server.privacy import seed
from tests.integration.server.privacy.privacy_node import PrivacyNode
from tests.support.database import Database


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
