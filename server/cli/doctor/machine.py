"""This machine: its clock, time zones, disk and files; the bus. Pure where it judges."""

import asyncio
import resource
import shutil
from pathlib import Path

import nats

from server.cli.doctor.findings import Finding, failed, ok, warning
from server.cli.doctor.looked import Looked
from server.core.places import time_zones
from server.core.times import utc

_BUS_SECONDS = 5.0
_SECOND = 1.0  # what an HTTP date leaves out, and the way there and back
_SPARE_FILES = 256  # connections to vendors and the database, logs, models
_GIB = 2**30
_MIB = 2**20


async def clock(looked: Looked) -> list[Finding]:
    """Against those who told the time."""
    leeway = looked.config.auth.leeway_seconds
    return [clock_judged(looked.ahead_seconds, leeway)]


def clock_judged(ahead_seconds: dict[str, float], leeway_seconds: float) -> Finding:
    """Nobody may differ by what makes us refuse tokens that were just issued."""
    if not ahead_seconds:
        do = "mend the database or the sign-in, then ask again"
        return Finding("clock", "unknown", "nobody told the time", do)
    who, ahead = max(ahead_seconds.items(), key=lambda one: abs(one[1]))
    said = f"{who}'s clock is {abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} ours"
    do = "let NTP set this machine's clock, and theirs"
    if abs(ahead) > max(leeway_seconds, _SECOND):
        return failed("clock", said, do)
    if abs(ahead) > 2 * _SECOND:
        return warning("clock", said, do)
    return ok("clock", said)


async def zones(looked: Looked) -> list[Finding]:
    """How old the tz database is."""
    version, said = time_zones.source().version, time_zones.described()
    if version[:4].isdigit() and int(version[:4]) < utc(looked.now()).year - 1:
        return [warning("time zones", said, "upgrade the machine's tzdata, or Talking App")]
    return [ok("time zones", said)]


async def disk(looked: Looked) -> list[Finding]:
    """Room where the node keeps what it must not lose."""
    return [await asyncio.to_thread(_disk, Path(looked.config.database.data_dir))]


def _disk(folder: Path) -> Finding:
    folder = folder.absolute()
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return disk_judged(there, shutil.disk_usage(there).free)


def disk_judged(folder: Path, free_bytes: int) -> Finding:
    """What live calls decide is kept there while the database is away."""
    said = f"{free_bytes / _GIB:.1f} GiB free at {folder}"
    if free_bytes < 200 * _MIB:
        return failed("disk", said, "make room, or set database.data_dir elsewhere")
    if free_bytes < 2 * _GIB:
        return warning("disk", said, "make room before it runs full")
    return ok("disk", said)


async def files(looked: Looked) -> list[Finding]:
    """Whether as many connections may be open as the node would take."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = most == resource.RLIM_INFINITY
    return [files_judged(None if unlimited else most, looked.config.server.max_connections)]


def files_judged(most: int | None, connections: int) -> Finding:
    """Each connection is a file; None: as many as one likes."""
    said = f"{'unlimited' if most is None else most} open files for {connections} connections"
    if most is not None and most < connections + _SPARE_FILES:
        do = (
            f"raise the limit to {connections + _SPARE_FILES} (ulimit -Hn, LimitNOFILE=), or lower"
            " server.max_connections"
        )
        return failed("open files", said, do)
    return ok("open files", said)


async def bus(looked: Looked) -> list[Finding]:
    """Whether nodes can talk to each other."""
    url = looked.config.cluster.bus
    if not url:
        return []
    try:
        async with asyncio.timeout(_BUS_SECONDS):
            client = await nats.connect(url, allow_reconnect=False, error_cb=_quiet)
            await client.close()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        do = "start the NATS server that cluster.bus names, or mend cluster.bus"
        return [failed("bus", f"no connection ({type(error).__name__})", do)]
    return [ok("bus", "the NATS server answers")]


async def _quiet(_: Exception) -> None:
    """What goes wrong is raised."""
