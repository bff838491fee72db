"""What an operator runs by hand for the audit log: look whether it was changed, hand it out.

Both may run beside a node, and change nothing but the places of rows that wait for theirs.
"""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from db import audit
from db.audit import Anchor
from db.core.pool import Pools
from server.audit import keeping
from server.audit.chain import Finding
from server.audit.keeping import Report, printed
from server.audit.keys import AuditKeys, audit_keys
from server.audit.wire import act_out
from server.cli.failures import FailedError
from server.cli.operations.beside import beside
from server.cli.operations.maintenance import say
from server.core.config import Config

_FAR = 2**62


class Wanted(msgspec.Struct, frozen=True):
    """What to look at: acts from `since` until before `until`; anchors that were kept elsewhere, a
    JSON object a line, as a node logs them."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    kept: Path | None = None
    as_json: bool = False


async def verify(config: Config, wanted: Wanted) -> int:
    """Say what was changed by whoever did not only act; 1 if anything was."""
    kept = [] if wanted.kept is None else _kept(wanted.kept)
    async with _opened(config) as (pools, keys), pools.as_service(one_snapshot=True) as connection:
        report = await keeping.verify(connection, keys, wanted.since, wanted.until)
        anchors = await audit.anchors(connection)
    report.findings.extend(_differing(kept, anchors))
    if wanted.as_json:
        last = printed(anchors[-1]) if anchors else None
        found = {"ok": not report.findings, **msgspec.structs.asdict(report), "anchor": last}
        say(msgspec.json.encode(found).decode())
    else:
        _say(report, anchors)
    return 1 if report.findings else 0


async def export(config: Config, wanted: Wanted) -> int:
    """Print every act with its place and hash, then the anchors, a JSON object a line."""
    async with _opened(config) as (pools, _), pools.as_service(one_snapshot=True) as connection:
        async for link in audit.links(connection, 0, _FAR):
            row = link.row
            if row is None or not _is_between(row.at, wanted):
                continue
            line = {"place": link.place, "hash": link.hash.hex(), "act": act_out(row)}
            say(msgspec.json.encode(line).decode())
        for anchor in await audit.anchors(connection):
            say(msgspec.json.encode({"anchor": printed(anchor)}).decode())
    return 0


@asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[tuple[Pools, AuditKeys]]:
    """The database, with everything that waits in its place, and the keys."""
    async with beside(config) as node:
        await keeping.give_places(node)
        yield node.pools, audit_keys(config, node.pools.keyring)


def _is_between(at: dt.datetime, wanted: Wanted) -> bool:
    is_late = wanted.since is None or at >= wanted.since
    return is_late and (wanted.until is None or at < wanted.until)


def _say(report: Report, anchors: list[Anchor]) -> None:
    for found in report.findings:
        where = "" if found.place is None else f" place {found.place}:"
        who = "" if found.id is None else f" row {found.id}:"
        say(f"{found.kind.upper()}{where}{who} {found.detail}")
    if report.first_place > 1:
        say(f"places before {report.first_place} were not looked at, or are forgotten")
    count = len(report.findings)
    result = "nothing was changed" if not count else f"{count} finding{'s' if count > 1 else ''}"
    say(f"{report.rows} rows, {len(anchors)} anchors: {result}")
    if anchors:
        say(f"last anchor: {msgspec.json.encode(printed(anchors[-1])).decode()}")


def _kept(path: Path) -> list[dict[str, str | int]]:
    """Lines of a log are taken as well: what else they hold does not matter."""
    try:
        lines = path.read_text("utf-8").splitlines()
        return [msgspec.json.decode(line, type=dict) for line in lines if '"hash"' in line]
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise FailedError(f"{path} cannot be read: {error}") from error


def _differing(kept: list[dict[str, str | int]], anchors: list[Anchor]) -> list[Finding]:
    """Anchors kept elsewhere that the database does not have as they were."""
    known = {one.day.isoformat(): printed(one) for one in anchors}
    findings = []
    for one in kept:
        here = known.get(str(one.get("day")))
        if here is None or any(here[name] != one.get(name) for name in ("place", "hash")):
            detail = f"the anchor of {one.get('day')} that was kept elsewhere is not the one here"
            place = one.get("place")
            findings.append(
                Finding("rewritten", place if isinstance(place, int) else None, None, detail)
            )
    return findings
