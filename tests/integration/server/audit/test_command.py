"""`talking audit`, run as an operator runs it."""

import json
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import msgspec
import pytest

from db.core.pool import Pools
from server.audit import keeping
from server.audit.acts import command
from server.audit.keys import AuditKeys, audit_keys
from server.audit.notes import note
from server.cli.doctor import database as doctor
from server.cli.doctor.findings import Finding
from server.cli.doctor.looked import Looked
from server.cli.main import main
from server.cli.operations import audit
from server.cli.operations.audit import Wanted
from server.core.config import Config, load
from server.core.node import NodeParts
from server.core.settings.loading import Secret
from server.core.times import steady_clock, utc
from server.live.hub import Hub
from tests.support.database import MASTER_KEY, Database, open_test_pools


@pytest.fixture
def config(database: Database) -> Config:
    settings = {
        "TWILIO__AUTH_TOKEN": "a" * 32, "PRIVACY__MASTER_KEY": MASTER_KEY,
        "DATABASE__URL": database.owner_dsn,
        "DATABASE__REQUEST_PASSWORD": "request", "DATABASE__WORKER_PASSWORD": "worker",
    }  # fmt: skip
    return load(None, {f"TALKING_{name}": value for name, value in settings.items()})


async def written(config: Config, database: Database, count: int) -> None:
    """So many acts, of which the last is not in its place yet."""
    pools = await open_test_pools(database)
    try:
        key = audit_keys(config, pools.keyring).key
        node = NodeParts(config=config, pools=pools, clock=steady_clock(), hub=Hub(), audit_key=key)
        for n in range(count):
            if n == count - 1:
                await keeping.keep(node)
            async with node.transaction() as tx:
                note(tx, "hold.placed", by=command("by hand"), subject=f"hold:{n}")
    finally:
        await pools.close()


async def found_by_doctor(config: Config) -> Finding:
    async with AsyncExitStack() as stack:
        looked = Looked(config, stack)
        for look in (doctor.schema, doctor.logins_and_keys):
            assert {one.state for one in await look(looked)} == {"ok"}
        (found,) = await doctor.audit_log(looked)
    return found


async def test_a_log_nobody_touched_passes_and_one_that_was_edited_does_not(
    config: Config, database: Database, owner: asyncpg.Connection,
    capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    await written(config, database, 5)
    capsys.readouterr()
    assert await audit.verify(config, Wanted()) == 0
    said = capsys.readouterr().out
    assert "5 rows, 1 anchors: nothing was changed" in said
    seen = await found_by_doctor(config)
    assert (seen.state, seen.found[:35]) == ("ok", "unchanged in 5 rows of late, 0 wait")
    kept = tmp_path / "anchors.log"
    kept.write_text(f"ready\n{said.splitlines()[-1].removeprefix('last anchor: ')}\n")

    await owner.execute("set session_replication_role = replica")
    await owner.execute("update app.audit_log set reason = 'x' where subject = 'hold:2'")
    row = await owner.fetchval("select id from app.audit_log where subject = 'hold:2'")
    assert await audit.verify(config, Wanted()) == 1
    assert f"EDITED place 3: row {row}: " in capsys.readouterr().out
    seen = await found_by_doctor(config)
    assert (seen.state, seen.found) == ("failed", "changed in 1 places")
    assert await audit.verify(config, Wanted(as_json=True, kept=kept)) == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["ok"]
    assert [(one["kind"], one["place"], one["id"]) for one in found["findings"]] == [
        ("edited", 3, str(row))
    ]

    await owner.execute("update app.audit_anchors set hash = sha256(hash)")
    assert await audit.verify(config, Wanted(as_json=True, kept=kept)) == 1
    details = [one["detail"] for one in json.loads(capsys.readouterr().out)["findings"]]
    assert any("kept elsewhere" in detail for detail in details)


async def test_keys_are_the_configurations_and_one_that_only_the_master_key_opens(
    config: Config, pools: Pools
) -> None:
    def keys(text: str) -> AuditKeys:
        audit = msgspec.structs.replace(config.audit, key=Secret(text))
        return audit_keys(msgspec.structs.replace(config, audit=audit), pools.keyring)

    own = keys("")
    assert keys("") == own
    assert own.key != pools.keyring.hash("audit", "key 1")
    old, both = keys("old"), keys("new, old")
    assert len({own.current, old.current, both.current}) == 3
    assert both.known.items() > old.known.items() > own.known.items()
    assert next(iter(both.known)) == both.current


async def test_what_is_printed_is_all_of_it_in_its_order(
    config: Config, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    await written(config, database, 5)
    capsys.readouterr()
    assert await audit.export(config, Wanted()) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["place"] for line in lines[:-1]] == [1, 2, 3, 4, 5]
    assert [line["act"]["subject"] for line in lines[:-1]] == [f"hold:{n}" for n in range(5)]
    assert lines[-1]["anchor"]["place"] == 4
    tomorrow = utc(steady_clock()() + 86_400)
    assert await audit.export(config, Wanted(since=tomorrow)) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_day_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["audit", "verify", "--from", "yesterday"])
    assert "invalid" in capsys.readouterr().err
