"""What a check found, and how it is told: a line each with what to do about it, or JSON.

Knows no check.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

State: TypeAlias = Literal["ok", "warning", "failed", "unknown"]


class Finding(msgspec.Struct, frozen=True):
    """`found` is what is the case, `do` what is to be done; nothing is when it is "ok". What could
    not be looked at, as something else is wrong, is "unknown"."""

    check: str
    state: State
    found: str
    do: str = ""


class Report(msgspec.Struct, frozen=True):
    """All of it; `ok` means that nothing failed."""

    ok: bool
    failed: int
    warnings: int
    findings: Sequence[Finding]


def ok(check: str, found: str) -> Finding:
    """It is as it should be."""
    return Finding(check, "ok", found)


def warning(check: str, found: str, do: str) -> Finding:
    """It works, and will not for ever or for everybody."""
    return Finding(check, "warning", found, do)


def failed(check: str, found: str, do: str) -> Finding:
    """It does not work."""
    return Finding(check, "failed", found, do)


def report(findings: Sequence[Finding]) -> Report:
    """The findings counted."""
    states = [one.state for one in findings]
    bad = states.count("failed")
    return Report(not bad, bad, states.count("warning"), findings)


def line(finding: Finding) -> str:
    """The finding for a person, on one line."""
    word = finding.state if finding.state == "ok" else finding.state.upper()
    found = " ".join(finding.found.split())
    return f"{word:<8}{finding.check}: {found}" + (f". Do: {finding.do}" if finding.do else "")
