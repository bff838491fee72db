"""`talking retention` and `talking hold`, as somebody at a terminal uses them."""

import asyncpg
import msgspec
import pytest

from server.cli.failures import FailedError
from server.cli.operations import retention
from server.core.config import Config, load
from tests.integration.server.retention.arrange import Past
from tests.support.database import MASTER_KEY, Database


@pytest.fixture
def config(database: Database) -> Config:
    return load(None, {
        "TALKING_TWILIO__AUTH_TOKEN": "a" * 32,
        "TALKING_DATABASE__URL": database.owner_dsn,
        "TALKING_DATABASE__REQUEST_PASSWORD": "request",
        "TALKING_DATABASE__WORKER_PASSWORD": "worker",
        "TALKING_PRIVACY__MASTER_KEY": MASTER_KEY,
        "TALKING_TELEMETRY__LOG_LEVEL": "error",
    })  # fmt: skip


async def test_it_counts_then_deletes_and_says_each_kind(
    config: Config, past: Past, owner: asyncpg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    held, other = await past.user(), await past.user()
    for user_id in (held, other):
        await past.call(user_id, "800 days")
    assert await retention.hold(config, str(held), "a lawsuit", is_lifted=False) == 0
    assert "a lawsuit" in capsys.readouterr().out

    assert await retention.retain(config, is_dry=True, as_json=True) == 0
    counted = msgspec.json.decode(capsys.readouterr().out)
    calls = next(one for one in counted["kinds"] if one["kind"] == "calls")
    assert (counted["dry_run"], calls["due"], calls["held"], calls["deleted"]) == (True, 1, 1, 0)
    assert await past.rows("public.calls") == 2

    assert await retention.retain(config, is_dry=False, as_json=False) == 0
    said = capsys.readouterr().out
    assert "1 deleted" in said
    assert "1 held" in said
    assert await past.rows("public.calls") == 1

    assert await retention.hold(config, str(held), "settled", is_lifted=True) == 0
    assert await retention.list_holds(config, as_json=True) == 0
    shown = msgspec.json.decode(capsys.readouterr().out.splitlines()[-1])
    assert [(one["reason"], one["lifted_because"]) for one in shown] == [("a lawsuit", "settled")]
    acts = await owner.fetch(
        "select actor_name, action, user_id, data from app.audit_log order by at"
    )
    assert [tuple(row)[:3] for row in acts] == [
        ("talking hold", "hold.placed", held), ("command line", "retention.ran", None),
        ("talking hold", "hold.lifted", held),
    ]  # fmt: skip
    assert msgspec.json.decode(acts[1]["data"])["calls"] == 1


async def test_what_cannot_be_held_is_said(config: Config, past: Past) -> None:
    user_id = str(await past.user())
    for user, is_lifted, said in (
        ("nobody", False, "no user id"),
        ("00000000-0000-0000-0000-000000000001", False, "no such user"),
        (user_id, True, "not held"),
    ):
        with pytest.raises(FailedError, match=said):
            await retention.hold(config, user, "why", is_lifted=is_lifted)
