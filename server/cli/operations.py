"""What an operator runs by hand: migrate, upgrade-database, keys, doctor, replay.

Built on the same pieces the node uses, so that a check here says something about the node.
"""

import asyncio
import datetime as dt
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from db import audit, calls
from db.core import clear
from db.core.upgrade import upgrade
from media.call import begin, step
from media.dialogue import Prompt
from media.engines import guard
from media.engines.speakable import speakable
from media.events import Requested
from server import engines
from server.audit import keeping
from server.audit.acts import command
from server.audit.keys import audit_keys
from server.audit.notes import note
from server.cli.beside import beside
from server.cli.failures import FailedError
from server.cluster import clear_rows
from server.core.config import Config
from server.core.places import time_zones
from server.core.times import rfc3339, utc
from server.database import database, owner
from server.history import replay as history
from server.vendors.outcome import NotTakenError, RefusedError, UnknownOutcomeError
from server.vendors.sendgrid.client import SendgridMail
from server.vendors.signatures import mail_key
from server.vendors.twilio.calls import TwilioCalls

_ANSWER_SECONDS = 20.0
_PIECE = 1000  # keys
_LOOKED_BACK = dt.timedelta(days=2)  # at the audit log; `talking audit verify` looks at it all


def say(text: str) -> None:
    """One line of a command's answer."""
    print(text, flush=True)  # noqa: T201 - a command's answer


async def migrate(config: Config) -> int:
    """Apply what is missing; running it twice changes nothing."""
    async with owner(config.database) as (_, applied):
        for version in applied:
            say(f"applied {version}")
        say("the database is up to date")
    return 0


async def keys_status(config: Config) -> int:
    """How many keys each master key wraps, and in which tables how many rows are in clear."""
    async with database(config.database, config.privacy) as opened:
        keyring = opened.pools.keyring
        for found in await keyring.count():
            current = " (current)" if found.master_key_id == keyring.current_master else ""
            say(
                f"master key {found.master_key_id}{current}: {found.wrapped} keys,"
                f" {found.destroyed} destroyed"
            )
        for table in clear_rows.TABLES:
            async with opened.pools.as_service() as connection:
                left = await clear.count(connection, table)
            sealed = "" if keyring.seals(table.table) else f" (not sealed: {keyring.mode})"
            say(f"{table.name}: {left} rows in clear{sealed}")
    return 0


async def keys_seal(config: Config) -> int:
    """Seal what is in clear in every table; beside nodes or without them."""
    async with beside(config) as node:
        rows = {}
        for table in clear_rows.TABLES:
            rows[table.name] = await clear_rows.seal_table(node.pools, table)
            say(f"{table.name}: {rows[table.name]} rows sealed")
        async with node.transaction() as tx:
            note(tx, "data.sealed", by=command("talking keys seal"), data=rows)
    return 0


async def keys_rotate(config: Config) -> int:
    """Have all keys wrapped by the current master key; nodes go on meanwhile."""
    async with beside(config) as node:
        keyring, done = node.pools.keyring, 0
        while count := await keyring.rewrap(_PIECE):
            done += count
        async with node.transaction() as tx:
            data = {"keys": done, "master_key": keyring.current_master}
            note(tx, "keys.rotated", by=command("talking keys rotate"), data=data)
        say(f"{done} keys are wrapped by {keyring.current_master} now; no other is needed any more")
    return 0


async def upgrade_database(data: Path, old_programs: Path | None) -> int:
    """Make the embedded database of this data folder anew where the one of now cannot use it."""
    done = await upgrade(data / "postgres", old_programs)
    if done is None:
        say("the database is as it is to be")
        return 0
    say(f"{done.rows} rows of {done.tables} tables came over")
    say(
        f"{done.kept} is what was there (PostgreSQL {done.made_by}, {done.encoding}): keep it until"
    )
    say("all is seen to be well, then delete it")
    return 0


async def doctor(config: Config) -> int:
    """Try each thing a call needs; prints a line for each and fails if one does."""
    checks: list[tuple[str, Callable[[Config], Awaitable[str]]]] = [
        ("database", _check_database),
        ("sealing", _check_sealing),
        ("audit log", audit_state),
        ("sign-in", _check_sign_in),
        ("carrier", _check_carrier),
        ("mail", _check_mail),
        ("speech and language model", _check_engines),
        ("time zones", _check_time_zones),
    ]
    failed = 0
    for name, check in checks:
        try:
            say(f"ok      {name}: {await check(config)}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            failed += 1
            say(f"FAILED  {name}: {type(error).__name__}: {error}")
    return 1 if failed else 0


async def _check_database(config: Config) -> str:
    async with (
        database(config.database, config.privacy) as opened,
        opened.pools.as_service() as connection,
    ):
        version: str = await connection.fetchval("show server_version")
    known = "; the owner is known here, too" if config.database.knows_owner else ""
    return f"PostgreSQL {version}, migrated, by logins with no more rights than they need{known}"


async def _check_sealing(config: Config) -> str:
    async with database(config.database, config.privacy) as opened:
        keyring = opened.pools.keyring
        masters = {one.master_key_id for one in await keyring.count() if one.wrapped}
    what = {
        "all": "the data map's tables and schema app are sealed",
        "app": "schema app is sealed; the data map's tables are readable in SQL",
        "none": "nothing is sealed when it is written",
    }[keyring.mode]
    old = masters - {keyring.current_master}
    rest = f"; {', '.join(sorted(old))} is still needed: talking keys rotate" if old else ""
    return f"{what}; master key {keyring.current_master}{rest}"


async def audit_state(config: Config) -> str:
    """What the audit log's last days are like. Raises FailedError when somebody changed them."""
    async with beside(config) as node, node.pools.as_service(one_snapshot=True) as connection:
        since = utc(node.clock()) - _LOOKED_BACK
        keys = audit_keys(config, node.pools.keyring)
        report = await keeping.verify(connection, keys, since)
        anchors = await audit.anchors(connection)
    if report.findings:
        raise FailedError(f"changed in {len(report.findings)} places: talking audit verify")
    last = f"the last anchor is of {anchors[-1].day}" if anchors else "no anchor yet"
    return f"unchanged in {report.rows} rows of late, {report.waiting} wait for a place; {last}"


async def _check_sign_in(config: Config) -> str:
    url = f"{config.auth.issuer.rstrip('/')}/.well-known/jwks.json"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        answer.raise_for_status()
        found = msgspec.json.decode(await answer.read())
    return f"{len(found['keys'])} signing key(s) at {url}"


async def _check_carrier(config: Config) -> str:
    carrier = TwilioCalls(config.twilio)
    try:
        await carrier.placed_since(config.twilio.from_number, utc(0))
    except (RefusedError, UnknownOutcomeError) as error:
        raise FailedError("the account cannot be read; check account_sid and auth_token") from error
    finally:
        await carrier.close()
    return f"account reachable at {config.twilio.base_url}"


async def _check_time_zones(config: Config) -> str:  # noqa: ARG001 - as every check
    return time_zones.described()


async def _check_mail(config: Config) -> str:
    settings = config.sendgrid
    if not settings.api_key:
        return "no account, so no e-mail is sent"
    if settings.public_key and mail_key(settings.public_key) is None:
        raise FailedError("sendgrid.public_key is no verification key")
    mail = SendgridMail(settings)
    try:
        await mail.check(config.email.from_email, config.email.from_name)
    except RefusedError as error:
        raise FailedError(f"mail is refused ({error.status}): {error.reason}") from error
    except (NotTakenError, UnknownOutcomeError) as error:
        raise FailedError("the account cannot be reached") from error
    finally:
        mail.close()
    events = "verified" if settings.public_key else "refused, as sendgrid.public_key is not set"
    return f"account reachable at {settings.base_url}; events are {events}"


async def _check_engines(config: Config) -> str:
    return f"{await _check_speech(config)}; {await _check_language_model(config)}"


async def _check_language_model(config: Config) -> str:
    """Really ask it, as in a call, and say what it answered."""
    llm = engines.language_model(config)
    time = asyncio.get_running_loop().time
    asked_at, answer, first_after = time(), "", 0.0
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            async for piece in guard.thought(llm, Prompt("whether you can hear me", ())):
                first_after = first_after or time() - asked_at
                answer += piece
    except TimeoutError:
        raise FailedError(f"no whole answer within {_ANSWER_SECONDS:.0f} s") from None
    finally:
        await llm.close()
    if not speakable(answer):
        raise FailedError(f"it answered {answer!r}, which the voice cannot say")
    name = ", ".join(config.thinker.engine)
    if name == "openai":
        name = f"{config.thinker.model} at {config.thinker.base_url}"
    took = f"first words after {first_after:.2f} s, all after {time() - asked_at:.2f} s"
    return f"{name} said {answer.strip()!r}; {took}"


async def _check_speech(config: Config) -> str:
    engine = await engines.start(config)
    try:
        sound = b"".join(
            [chunk async for chunk in engine.engines.text_to_speech.speak("Hello, this is a test.")]
        )
        heard = await engine.engines.speech_to_text.recognise(sound)
    finally:
        await engine.close()
    by = "words" if engine.engines.turn_end is None else "words and how they sound"
    return f"spoke {len(sound) / 8000:.1f} s and understood {heard!r}; turns end by {by}"


async def replay(config: Config, call_id: str) -> int:
    """Fold a call's journal with today's code, print every step, compare with the stored row."""
    try:
        wanted = uuid.UUID(call_id)
    except ValueError:
        raise FailedError(f"{call_id!r} is no call id") from None
    async with (
        database(config.database, config.privacy) as opened,
        opened.pools.as_service() as connection,
    ):
        row = await calls.get_any(connection, wanted)
        if row is None:
            raise FailedError(f"there is no call {wanted}")
        past = await history.read(connection, row, config.call_settings)
    first_at, first = past.events[0]
    if not isinstance(first, Requested):
        raise FailedError("the journal does not begin with a request")
    call, effects = begin(config.call_settings, first, first_at)
    _print_step(first_at, first, call.phase, effects)
    for at, event in past.events[1:]:
        call, effects = step(call, event, at)
        _print_step(at, event, call.phase, effects)
    status = getattr(call.phase, "status", type(call.phase).__name__.lower())
    say(f"stored status {row.status}, replayed {status}")
    return 0 if status == row.status else 1


def _print_step(at: float, event: Any, phase: Any, effects: list[Any]) -> None:
    names = ", ".join(type(effect).__name__ for effect in effects) or "-"
    say(f"{rfc3339(utc(at))}  {type(event).__name__:<18} {type(phase).__name__:<10} {names}")
