"""Every check in order; one that fails or hangs keeps no other from being made."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import msgspec

from server.cli.doctor import address, database, engines, machine, vendors
from server.cli.doctor.configuration import configuration
from server.cli.doctor.findings import Finding, Report, failed, line, report
from server.cli.doctor.looked import Looked
from server.cli.operations.maintenance import say
from server.core.config import Config

_CHECK_SECONDS = 90.0

# What to do about whatever a check did not expect.
_LOGS = "see the error, and what docs/runbook.md says of it"
_REACH = "let this machine reach it, or mend its address in the configuration"

CHECKS: tuple[tuple[str, Callable[[Looked], Awaitable[list[Finding]]], str], ...] = (
    ("configuration", configuration, "mend what it names"),
    ("database", database.schema, "start PostgreSQL, and mend TALKING_DATABASE__URL"),
    ("logins", database.logins_and_keys, "run `talking migrate`, which makes logins and keys"),
    ("audit log", database.audit_log, "run `talking audit verify`"),
    ("sign-in", vendors.sign_in, _REACH),
    ("carrier", vendors.carrier, _REACH),
    ("payments", vendors.payments, _REACH),
    ("mail", vendors.mail, _REACH),
    ("speech", engines.speech, _LOGS),
    ("thinker", engines.thinkers, _LOGS),
    ("realtime", engines.realtime, _LOGS),
    ("public address", address.public, _LOGS),
    ("TLS", address.certificates, _LOGS),
    ("bus", machine.bus, _LOGS),
    ("clock", machine.clock, _LOGS),
    ("time zones", machine.zones, _LOGS),
    ("disk", machine.disk, _LOGS),
    ("open files", machine.files, _LOGS),
)


async def doctor(config: Config, *, as_json: bool = False) -> int:
    """Look at everything and tell, each finding as it is made; 1 if anything failed."""
    told = await examined(config, lambda one: None if as_json else say(line(one)))
    if as_json:
        say(msgspec.json.format(msgspec.json.encode(told)).decode())
    return 0 if told.ok else 1


async def examined(config: Config, tell: Callable[[Finding], None]) -> Report:
    """Everything looked at, and told one by one."""
    findings: list[Finding] = []
    async with AsyncExitStack() as stack:
        looked = Looked(config, stack)
        for name, check, do in CHECKS:
            for one in await _checked(name, check, do, looked):
                findings.append(one)
                tell(one)
    return report(findings)


async def _checked(
    name: str, check: Callable[[Looked], Awaitable[list[Finding]]], do: str, looked: Looked
) -> list[Finding]:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await check(looked)
    except TimeoutError:
        return [failed(name, f"no answer within {_CHECK_SECONDS:.0f} s", do)]
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        return [failed(name, f"{type(error).__name__}: {error}", do)]
