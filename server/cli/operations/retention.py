"""What an operator runs by hand for retention: delete what is old, hold somebody's records.

All of it may run beside nodes and be run again.
"""

import uuid

import msgspec

from db.retention import HoldRow
from server.audit.acts import command
from server.cli.failures import FailedError
from server.cli.operations.beside import beside
from server.cli.operations.maintenance import say
from server.core.config import Config
from server.core.errors import AppError
from server.core.times import rfc3339
from server.retention import deletion, holds
from server.retention.deletion import KindReport
from server.retention.periods import periods
from server.retention.routes import hold_out


async def retain(config: Config, *, is_dry: bool, as_json: bool) -> int:
    """Delete what is older than its period, or only count it; 1 when a kind is not finished."""
    tell = _say_nothing if as_json else _say_kind
    async with beside(config) as node:
        if is_dry:
            reports: list[KindReport] | None = await deletion.count(node)
            for report in reports or []:
                tell(report)
        else:
            try:
                reports = await deletion.delete(
                    node, "command line", periods(config.retention), tell
                )
            except deletion.GivenUpError:
                raise FailedError("was silent for too long, and another run went on") from None
    if reports is None:
        raise FailedError("another run is at it; GET /v1/admin/retention shows how far it is")
    if as_json:
        say(msgspec.json.encode({"dry_run": is_dry, "kinds": reports}).decode())
    else:
        amount = sum(one.due if is_dry else one.deleted for one in reports)
        say(f"{amount} rows {'would be' if is_dry else 'were'} deleted")
    return 1 if any(one.unfinished for one in reports) else 0


async def hold(config: Config, user: str, reason: str, *, is_lifted: bool) -> int:
    """Keep a person's records, or let their periods hold again."""
    try:
        user_id = uuid.UUID(user)
    except ValueError:
        raise FailedError(f"{user!r} is no user id") from None
    async with beside(config) as node:
        try:
            act = holds.lift if is_lifted else holds.hold
            row = await act(node, user_id, reason, command("talking hold"))
        except AppError as error:
            said = error.detail if error.code == "wrong_state" else "There is no such user."
            raise FailedError(said) from None
    _say_hold(row)
    return 0


async def list_holds(config: Config, *, as_json: bool) -> int:
    """Every hold, those in force first."""
    async with beside(config) as node:
        rows = await holds.holds(node)
    if as_json:
        say(msgspec.json.encode([hold_out(row) for row in rows]).decode())
    else:
        for row in rows:
            _say_hold(row)
        if not rows:
            say("nobody's records are held")
    return 0


def _say_nothing(report: KindReport) -> None:
    """With --json all of it is said at the end."""


def _say_kind(report: KindReport) -> None:
    hours = report.older_than_hours
    age = f"{hours // 24} d" if hours % 24 == 0 else f"{hours} h"
    line = f"{report.kind:<15} older than {age:>7}: {report.due:>8} due"
    line += f", {report.deleted:>8} deleted, {report.left:>6} left"
    if report.held:
        line += f", {report.held} held"
    if report.in_use:
        line += f", {report.in_use} at work"
    if report.unfinished:
        line += f"; unfinished: {report.unfinished}"
    say(line)


def _say_hold(row: HoldRow) -> None:
    by = row.set_by or "the command line"
    line = f"{row.user_id}: held since {rfc3339(row.set_at)} by {by}: {row.reason}"
    if row.lifted_at is not None:
        line += f"; lifted {rfc3339(row.lifted_at)} by {row.lifted_by or 'the command line'}"
        line += f": {row.lifted_because}"
    say(line)
