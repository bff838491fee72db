"""An embedded database made anew, where little is to be brought over; the rest is in tests/soak."""

from pathlib import Path

import pytest

from db.core import embedded
from db.core.embedded import PostgresDidNotStartError
from db.core.upgrade import UpgradeError, upgrade
from tests.support.database import execute


async def test_an_upgrade_that_was_cut_off_is_ended_and_never_begun_anew(tmp_path: Path) -> None:
    server = await embedded.start(tmp_path, durable=False)
    await execute(server.dsn(), "create table kept as select 1")
    await server.stop()
    (tmp_path / "upgrade").mkdir()
    (tmp_path / "cluster").rename(tmp_path / "upgrade" / "cluster")
    with pytest.raises(PostgresDidNotStartError, match="cut off"):
        await embedded.start(tmp_path, durable=False)
    assert await upgrade(tmp_path) is None
    server = await embedded.start(tmp_path, durable=False)
    await execute(server.dsn(), "select * from kept")
    await server.stop()
    assert await upgrade(tmp_path) is None


async def test_what_reads_another_major_is_named_when_it_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "PG_VERSION").write_text("9\n")
    with pytest.raises(UpgradeError, match=r"PostgreSQL 9 .*postgresql-9.*--old-programs"):
        await upgrade(tmp_path)
    with pytest.raises(UpgradeError, match="there is no database"):
        await upgrade(tmp_path / "nothing")
